"""Every golden is taken by a real Elasticsearch, under the mappings that users PUT."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from shipper.catalog import load
from shipper.ecs import EcsSettings, build_documents
from shipper.model import Document, Event

if TYPE_CHECKING:
    import elasticsearch

ROOT = Path(__file__).parents[2]
STREAM = "logs-intune_connector.events"
SHIPPED_AT_S = 1_795_512_600
STAMP = b"2026-11-24T09:30:01.000Z"


def put_templates(es: "elasticsearch.Elasticsearch") -> None:
    """PUT the files of ``mappings/`` as a user would by hand."""
    index_template = json.loads((ROOT / "mappings/index_templates" / f"{STREAM}.json").read_text(encoding="utf-8"))
    for name in index_template["composed_of"]:
        path = ROOT / "mappings/component_templates" / f"{name}.json"
        if path.exists():
            es.cluster.put_component_template(name=name, **json.loads(path.read_text(encoding="utf-8")))
    es.indices.put_index_template(name=STREAM, **index_template)


def create(es: "elasticsearch.Elasticsearch", documents: list[Document]) -> list[dict[str, Any]]:
    """Create the documents as the sink does, and return what became of each."""
    operations: list[Any] = []
    for document in documents:
        operations += [{"create": {"_index": document.data_stream, "_id": document.id}}, document.stamped(STAMP)]
    items = es.bulk(operations=operations, refresh=True)["items"]
    return [item["create"] for item in items]


def build(event: Event, namespace: str) -> Document:
    settings = EcsSettings(namespace=namespace, preserve_original=True, labels=(("site", "MIL1"), ("", "x")))
    (document,) = build_documents([event], load(), settings, SHIPPED_AT_S)
    return document


def goldens() -> list[Event]:
    paths = sorted((Path(__file__).parent / "golden").glob("*.json"))
    return [msgspec.convert(msgspec.json.decode(path.read_bytes())["event"], Event) for path in paths]


def hostile(event: Callable[..., Event]) -> list[Event]:
    """Return what a flattened or keyword field might choke on."""
    long = "\N{PILE OF POO}" * 40_000
    return [
        event((long, long), ("", "unnamed"), ("a\0b", "c\0d"), ("..", "x"), ("a.", "y"), ("a", "z"), record_id=1),
        event((None, json.dumps({"": {"": {"": 1}}, " ": 2, "a": {"b": 1}, "a.b": 2})), record_id=2),
        event(("DeviceId", long), ("CAName", long), ("Thumbprint", long), ("DiagnosticText", long), record_id=3),
        event(computer=long, provider=long, message=long, user_sid=long, keyword_names=(long,), record_id=2**64 - 1),
        event((None, long), user_data=((f"{long}.{long}", long),), raw=long, record_id=5),
        event(("a", "\ud800"), message="\udfff", record_id=6),
    ]


@pytest.fixture(scope="module")
def stream(es: "elasticsearch.Elasticsearch") -> "elasticsearch.Elasticsearch":
    put_templates(es)
    return es


def test_every_golden_is_accepted(stream: "elasticsearch.Elasticsearch", fresh_namespace: str) -> None:
    answers = create(stream, [build(event, fresh_namespace) for event in goldens()])
    assert [answer.get("error") for answer in answers if answer["status"] != 201] == []


def test_a_golden_is_accepted_once(stream: "elasticsearch.Elasticsearch", fresh_namespace: str) -> None:
    documents = [build(event, fresh_namespace) for event in goldens()[:3]]
    create(stream, documents)
    assert [answer["status"] for answer in create(stream, documents)] == [409, 409, 409]


def test_hostile_events_are_accepted(
    stream: "elasticsearch.Elasticsearch", fresh_namespace: str, event: Callable[..., Event]
) -> None:
    answers = create(stream, [build(hostile_event, fresh_namespace) for hostile_event in hostile(event)])
    assert [answer.get("error") for answer in answers if answer["status"] != 201] == []


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"term": {"intune_connector.diagnostic.code": "0x00000411"}}, 2),
        ({"term": {"winlog.event_data.ErrorMessage": "The operation has timed out"}}, 5),
        ({"term": {"tags": "backfill"}}, 1),
        ({"match_phrase": {"intune_connector.exceptions": "invalid handle"}}, 2),
        ({"range": {"event.ingested": {"gte": "2026-11-24T09:30:01Z", "lte": "2026-11-24T09:30:01Z"}}}, 102),
    ],
    ids=["keyword", "flattened", "tag", "text", "date"],
)
def test_what_was_indexed_is_found(
    stream: "elasticsearch.Elasticsearch", fresh_namespace: str, query: dict[str, Any], count: int
) -> None:
    create(stream, [build(event, fresh_namespace) for event in goldens()])
    assert stream.count(index=f"{STREAM}-{fresh_namespace}", query=query)["count"] == count
