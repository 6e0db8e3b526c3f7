"""Documents meet the mapping: in a real index, with everything that a document may hold."""

import json
from pathlib import Path
from typing import Any

import pytest

from shipper.model import Document, Position
from shipper.sinks.elasticsearch import Connection, ElasticsearchSink
from shipper.testing.engine import Access

GOLDEN = sorted((Path(__file__).parents[2] / "ecs" / "golden").rglob("*.json"))


@pytest.fixture
def data_stream(fresh_namespace: str) -> str:
    return f"logs-intune_connector.events-{fresh_namespace}"


def golden_document(path: Path, data_stream: str) -> Document:
    body = json.dumps(json.loads(path.read_bytes())["document"]).encode()
    at = body.find(b"0000-00-00T")
    return Document(path.stem, data_stream, body, at, Position(path.name, 1))


def searched(url: str, data_stream: str, query: dict[str, Any]) -> set[str]:
    status, answer = Access(url).request("POST", f"/{data_stream}/_search", {"query": query, "size": 1000})
    assert status == 200, answer
    return {hit["_id"] for hit in answer["hits"]["hits"]}


def test_every_golden_document_is_taken(installed: str, data_stream: str) -> None:
    documents = [golden_document(path, data_stream) for path in GOLDEN]
    outcomes = ElasticsearchSink(Connection(url=installed)).write(documents)
    assert [(document.id, outcome.reason) for document, outcome in zip(documents, outcomes, strict=True)] == [
        (path.stem, "") for path in GOLDEN
    ]
    assert {outcome.status for outcome in outcomes} == {"indexed"}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"term": {"event.code": "20102"}}, True),
        ({"term": {"event.id": "an-id"}}, True),
        ({"term": {"related.hash": "aa11"}}, True),
        ({"term": {"winlog.event_data.CAName": "ca01"}}, True),
        ({"exists": {"field": "winlog.event_data.CAName"}}, True),
        ({"term": {"labels.site": "north"}}, True),
        ({"match_phrase": {"message": "server is unavailable"}}, True),
        ({"match": {"intune_connector.exceptions": "0x800706BA"}}, True),
        ({"range": {"event.ingested": {"gte": "now-1h"}}}, True),
        ({"term": {"unknown.field": "x"}}, False),
    ],
    ids=str,
)
def test_a_field_can_be_searched(installed: str, data_stream: str, query: dict[str, Any], *, found: bool) -> None:
    fields = {
        "@timestamp": "2026-11-24T12:00:00.1234567Z",
        "event": {"ingested": "0000-00-00T00:00:00.000Z", "code": "20102", "id": "an-id"},
        "related": {"hash": ["aa11"]},
        "winlog": {"event_data": {"CAName": "ca01", "long": "x" * 40_000}},
        "labels": {"site": "north"},
        "message": "The RPC server is unavailable.",
        "intune_connector": {"exceptions": ["Submit: 0x800706BA"], "details": {"k": "v" * 40_000}},
        "unknown": {"field": "x"},
    }
    body = json.dumps(fields).encode()
    document = Document("a", data_stream, body, body.index(b"0000-00-00T"), Position("x", 1))
    assert ElasticsearchSink(Connection(url=installed)).write([document])[0].status == "indexed"
    Access(installed).request("POST", f"/{data_stream}/_refresh")
    assert (searched(installed, data_stream, query) == {"a"}) is found


def test_logsdb_can_be_chosen_in_the_component_of_the_user(installed: str, fresh_namespace: str) -> None:
    access = Access(installed)
    base = access.request("GET", "/_index_template/logs-intune_connector.events")[1]
    template = base["index_templates"][0]["index_template"]
    name = f"logs-intune_connector.events-logsdb{fresh_namespace}"
    template |= {"index_patterns": [name], "priority": 201}
    template["template"] = {"settings": {"index": {"mode": "logsdb"}}}
    assert access.request("PUT", f"/_index_template/{name}", template)[0] == 200
    document = golden_document(GOLDEN[0], name)
    sink = ElasticsearchSink(Connection(url=installed))
    assert [sink.write([document])[0].status for _ in range(2)] == ["indexed", "duplicate"]
    settings = access.request("GET", f"/{name}/_settings?flat_settings=true")[1]
    assert {index["settings"]["index.mode"] for index in settings.values()} == {"logsdb"}
    access.request("DELETE", f"/_index_template/{name}")
