"""An alert is taken by a real Elasticsearch under the mappings that users PUT, and found by what it says."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shipper.ecs import EcsSettings
from shipper.rules.alert import Alert, alert_id
from shipper.rules.alert_document import alert_document
from shipper.rules.model import Count, Finding
from shipper.rules.seeing import SHOWN
from tests.rules.samples import DAY_MS, rule

if TYPE_CHECKING:
    import elasticsearch

MAPPINGS = Path(__file__).parents[2] / "mappings"
STREAM = "logs-intune_connector.alerts"
STAMP = b"2026-11-24T09:30:01.000Z"
COUNT = rule(Count(by=("host.name",), at_least=2, within="1h"), advice_from=("20102", "20302"))


def put_templates(es: "elasticsearch.Elasticsearch") -> None:
    """PUT the files of ``mappings/`` as a user would by hand."""
    template = json.loads((MAPPINGS / f"index_templates/{STREAM}.json").read_text(encoding="utf-8"))
    for name in template["composed_of"]:
        path = MAPPINGS / f"component_templates/{name}.json"
        if path.exists():
            es.cluster.put_component_template(name=name, **json.loads(path.read_text(encoding="utf-8")))
    es.indices.put_index_template(name=STREAM, **template)


def test_alerts_are_taken_whatever_they_hold_and_found(es: "elasticsearch.Elasticsearch", fresh_namespace: str) -> None:
    put_templates(es)
    operations: list[Any] = []
    for value in ("a", "x" * 40_000, "\ud800\0\N{PILE OF POO}"):
        finding = Finding(COUNT.id, (value,), ("d1", "d2"), 2, DAY_MS, DAY_MS)
        alert = Alert(COUNT, finding, DAY_MS, alert_id(value), dict.fromkeys(SHOWN, value))
        document = alert_document(alert, namespace=fresh_namespace, lang="en", agent=EcsSettings())
        operations += [{"create": {"_index": document.data_stream, "_id": document.id}}, document.stamped(STAMP)]
    items = es.bulk(operations=operations, refresh=True)["items"]
    assert [item["create"]["status"] for item in items] == [201, 201, 201]
    wanted = {"term": {"intune_connector.alert.event_ids": "d2"}}, {"term": {"host.name": "a"}}
    found = es.search(index=f"{STREAM}-{fresh_namespace}", query={"bool": {"filter": list(wanted)}})
    assert [hit["_id"] for hit in found["hits"]["hits"]] == [alert_id("a")]
    assert (
        len(es.search(index=f"{STREAM}-{fresh_namespace}", query={"exists": {"field": "rule.id"}})["hits"]["hits"]) == 3
    )
