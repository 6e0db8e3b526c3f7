"""What happened to a log itself becomes a document that says so, once, and that an index takes.

The files of ``golden_notices/`` hold a notice (synthetic), the computer where it is known, the settings where they are
not the usual ones, and the document; ``pytest tests/ecs --update-golden`` writes the documents anew.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from shipper import __version__, assets
from shipper.ecs import EcsSettings, build_notices
from shipper.ecs.fields import field_kinds
from shipper.model import INGESTED_PLACEHOLDER, UNCOUNTED, Cursor, Document, Notice, Position

if TYPE_CHECKING:
    import elasticsearch

FILES = sorted((Path(__file__).parent / "golden_notices").glob("*.json"))
#: 2026-11-24T09:30:00Z.
SHIPPED_AT_S = 1_795_512_600
STREAM = "logs-intune_connector.events"
STAMP = b"2026-11-24T09:30:01.000Z"
LOG = "C:/Windows/System32/winevt/Logs/Application.evtx"
CLEARED = Notice(
    position=Position(LOG, 3, 5120, 0),
    action="log-cleared",
    first=-1,
    last=-1,
    records=0,
    time="2026-11-24T09:29:00.123456Z",
    time_s=SHIPPED_AT_S - 60,
    before=Cursor(LOG, 4711, 4700, 134_080_758_011_234_567),
)
MISSED = replace(CLEARED, action="records-missed", first=4712, last=4800, records=89)


class Golden(msgspec.Struct, omit_defaults=True):
    """One file of ``golden_notices/``."""

    synthetic: str
    notice: Notice
    document: dict[str, Any]
    computer: str = ""
    settings: dict[str, Any] = {}


def read(path: Path) -> Golden:
    return msgspec.json.decode(path.read_bytes(), type=Golden)


def build(notice: Notice, computer: str = "", **settings: Any) -> Document:
    (document,) = build_notices([notice], computer, EcsSettings(**settings), SHIPPED_AT_S)
    return document


def body(document: Document) -> dict[str, Any]:
    decoded: dict[str, Any] = msgspec.json.decode(document.body)
    return decoded


def of_golden(golden: Golden) -> dict[str, Any]:
    settings = msgspec.convert({"agent_name": "shipper01", **golden.settings}, EcsSettings)
    (document,) = build_notices([golden.notice], golden.computer, settings, SHIPPED_AT_S)
    built = body(document)
    assert built["agent"].pop("version") == __version__
    return built


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_notice_becomes_its_golden_document(path: Path, update_golden: bool) -> None:
    golden = read(path)
    built = of_golden(golden)
    if update_golden:
        golden.document = built
        path.write_bytes(msgspec.json.format(msgspec.json.encode(golden), indent=2) + b"\n")
    assert built == golden.document


def test_every_kind_of_notice_has_a_golden() -> None:
    assert {path.stem for path in FILES} >= {"log-cleared", "records-missed", "records-missed-uncounted", "italian"}


@pytest.mark.parametrize("notice", [CLEARED, MISSED], ids=lambda notice: notice.action)
def test_nothing_of_it_claims_to_come_from_windows(notice: Notice) -> None:
    built = body(build(notice, "srv01"))
    assert built["event"]["provider"] == "intune-connector-shipper"
    assert "code" not in built["event"]
    assert "winlog" not in built


def test_the_host_is_there_only_where_the_computer_is_known() -> None:
    assert body(build(CLEARED, "SRV01.corp.example"))["host"]["name"] == "srv01.corp.example"
    assert not {"host", "related"} & body(build(CLEARED)).keys()


def test_the_same_notice_has_the_same_id_whenever_it_is_shipped() -> None:
    (later,) = build_notices([CLEARED], "srv01", EcsSettings(), SHIPPED_AT_S + 999)
    assert later.id == build(CLEARED).id == body(later)["event"]["id"]
    assert len(later.id) == 20


@pytest.mark.parametrize(
    "other",
    [
        replace(CLEARED, action="records-missed"),
        replace(CLEARED, position=replace(CLEARED.position, source="other.evtx")),
        replace(CLEARED, position=replace(CLEARED.position, record=4)),
        replace(CLEARED, time_s=CLEARED.time_s + 1),
        replace(CLEARED, before=replace(CLEARED.before, record=1)),
        replace(CLEARED, before=replace(CLEARED.before, anchor=1)),
        replace(CLEARED, before=replace(CLEARED.before, fingerprint=1)),
    ],
    ids=["action", "log", "record", "time", "before", "anchor", "fingerprint"],
)
def test_another_notice_has_another_id(other: Notice) -> None:
    assert build(other).id != build(CLEARED).id


def test_the_same_log_on_another_host_has_another_id() -> None:
    assert build(CLEARED, agent_name="a").id != build(CLEARED, agent_name="b").id
    assert build(CLEARED, agent_name="a").id == build(CLEARED, agent_name="A").id


def test_the_stamp_replaces_the_time_of_ingestion_and_nothing_else() -> None:
    document = build(MISSED)
    before, after = body(document), msgspec.json.decode(document.stamped(STAMP))
    assert before["event"].pop("ingested") == INGESTED_PLACEHOLDER
    assert after["event"].pop("ingested") == STAMP.decode()
    assert before == after


def test_an_old_notice_is_backfill_as_an_old_event_is() -> None:
    assert "tags" not in body(build(CLEARED))
    old = replace(CLEARED, time_s=SHIPPED_AT_S - 86_401)
    assert body(build(old, tags=("mine",)))["tags"] == ["mine", "backfill"]


def test_a_number_that_no_index_takes_is_left_out() -> None:
    missed = replace(MISSED, first=2**63, last=2**64 - 1, records=2**63)
    assert body(build(missed))["intune_connector"]["log"] == {"last_read": 4711}


TEXT = st.text(st.characters(), max_size=40)
NUMBER = st.integers(-1, 2**64 - 1)
NOTICES = st.builds(
    Notice,
    position=st.builds(Position, TEXT, NUMBER),
    action=st.sampled_from(["log-cleared", "records-missed"]),
    first=NUMBER,
    last=NUMBER,
    records=NUMBER,
    time=st.just(CLEARED.time),
    time_s=st.integers(-(2**63), 2**63),
    before=st.builds(Cursor, TEXT, NUMBER, NUMBER, NUMBER),
)


@given(NOTICES, TEXT, TEXT)
def test_any_notice_becomes_one_line_of_declared_fields(notice: Notice, computer: str, name: str) -> None:
    document = build(notice, computer, agent_name=name, tags=(name,), lang="it")
    assert b"\n" not in document.body
    assert set(_leaves(body(document), "")) <= set(field_kinds())


def _leaves(value: Any, path: str) -> list[str]:
    if not isinstance(value, dict):
        return [path]
    return [leaf for key, part in value.items() for leaf in _leaves(part, f"{path}.{key}" if path else key)]


@pytest.fixture(scope="module")
def stream(es: "elasticsearch.Elasticsearch") -> "elasticsearch.Elasticsearch":
    for asset in assets.mappings():
        put = es.cluster.put_component_template if asset.kind == "component_template" else es.indices.put_index_template
        put(name=asset.name, **asset.body)
    return es


def create(es: "elasticsearch.Elasticsearch", *documents: Document) -> list[int]:
    """Create the documents as the sink does, and return the status of each."""
    operations: list[Any] = []
    for document in documents:
        operations += [{"create": {"_index": document.data_stream, "_id": document.id}}, document.stamped(STAMP)]
    return [item["create"]["status"] for item in es.bulk(operations=operations, refresh=True)["items"]]


def test_an_index_takes_each_notice_once(stream: "elasticsearch.Elasticsearch", fresh_namespace: str) -> None:
    hostile = replace(MISSED, position=Position("\ud800" * 9000, 1), records=UNCOUNTED)
    documents = [build(hostile, "\udfff" * 9000, namespace=fresh_namespace)]
    documents += [build(read(path).notice, namespace=fresh_namespace, agent_name=path.stem) for path in FILES]
    assert create(stream, *documents) == [201] * len(documents)
    assert create(stream, *documents) == [409] * len(documents)


@pytest.mark.parametrize(
    "query",
    [
        {"term": {"event.action": "records-missed"}},
        {"term": {"log.file.path": LOG}},
        {"range": {"intune_connector.log.missed": {"gte": 89, "lte": 89}}},
        {"range": {"intune_connector.log.first_missed": {"gt": 4711}}},
    ],
    ids=json.dumps,
)
def test_what_was_missed_is_found(
    stream: "elasticsearch.Elasticsearch", fresh_namespace: str, query: dict[str, Any]
) -> None:
    create(stream, build(MISSED, namespace=fresh_namespace))
    assert stream.count(index=f"{STREAM}-{fresh_namespace}", query=query)["count"] == 1
