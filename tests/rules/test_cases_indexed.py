"""The documents of the cases are taken by a real Elasticsearch, each into the data stream of its rule."""

from typing import TYPE_CHECKING, Any

from shipper import assets
from tests.rules.case import all_cases

if TYPE_CHECKING:
    import elasticsearch


def _install(es: "elasticsearch.Elasticsearch") -> None:
    for asset in assets.mappings():
        if asset.kind == "component_template":
            es.cluster.put_component_template(name=asset.name, **asset.body)
    for asset in assets.mappings():
        if asset.kind == "index_template":
            es.indices.put_index_template(name=asset.name, **asset.body)


def test_every_document_is_indexed_and_belongs_to_its_case(
    es: "elasticsearch.Elasticsearch", fresh_namespace: str
) -> None:
    _install(es)
    documents = {one.id: one for case in all_cases(fresh_namespace) for one in case.documents}
    operations: list[Any] = []
    for one in documents.values():
        operations += [{"create": {"_index": one.stream, "_id": one.id}}, one.body]
    answer = es.bulk(operations=operations, refresh=True)
    assert [item["create"]["error"] for item in answer["items"] if "error" in item["create"]] == []
    query = {"term": {"labels.case": "host-failure-burst/1"}}
    found = es.count(index=f"logs-intune_connector.events-{fresh_namespace}", query=query)
    assert found["count"] == sum(one.startswith("host-failure-burst.1.") for one in documents)
