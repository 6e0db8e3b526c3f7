"""Laws that hold for any event: nothing raises, and what comes out is a document that an index takes."""

import json
from collections.abc import Callable
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from shipper.catalog import ADMIN_CHANNEL, LEGACY_CHANNEL, OPERATIONAL_CHANNEL, load
from shipper.ecs import EcsSettings, build_documents
from shipper.ecs.fields import field_kinds
from shipper.model import INGESTED_PLACEHOLDER, Document, Event, Position

NOW_S = 1_795_512_600
STAMP = b"2026-11-24T09:30:00.000Z"
FLATTENED = tuple(name for name, kind in field_kinds().items() if kind == "flattened")

# Surrogates and all: Windows strings are UTF-16 without a check.
ANY_TEXT = st.one_of(
    st.text(max_size=80),
    st.binary(max_size=80).map(
        lambda raw: raw.decode("utf-16-le", "surrogatepass") if len(raw) % 2 == 0 else raw.decode("latin-1")
    ),
)
KEYS = st.one_of(
    ANY_TEXT, st.sampled_from(["DeviceId", "CA Name", "DiagnosticCode", "ErrorCode", "DiagnosticText", "Thumbprint"])
)
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), ANY_TEXT),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=12,
)
PIECES = st.sampled_from(
    ["{", "}", '"', "Metric", '{"Metric":{"Dimensions":{', "Key: value", ";", "\r\n", "0x00000400", "0x800706BA", "=",
     '[Exception Message: "', '"]', "Device ID ", INGESTED_PLACEHOLDER, '"ingested":"', "\\ud800", "\0", "NaN", "1e999"]
)  # fmt: skip
PAYLOAD = st.one_of(
    ANY_TEXT,
    st.lists(st.one_of(PIECES, ANY_TEXT), max_size=12).map("".join),
    JSON.map(json.dumps),
)
DATA = st.lists(st.tuples(st.one_of(st.none(), KEYS), PAYLOAD), max_size=6).map(tuple)
MAYBE = st.one_of(st.none(), ANY_TEXT)
EVENTS = st.builds(
    Event,
    position=st.just(Position("a.evtx", 1)),
    provider=ANY_TEXT,
    event_id=st.one_of(st.integers(0, 65535), st.sampled_from([20102, 20100, 1052, 4005, 2])),
    channel=st.one_of(st.sampled_from([LEGACY_CHANNEL, ADMIN_CHANNEL, OPERATIONAL_CHANNEL, "System"]), ANY_TEXT),
    computer=ANY_TEXT,
    record_id=st.integers(0, 2**64 - 1),
    time=ANY_TEXT,
    time_s=st.integers(-(2**63), 2**63),
    data=DATA,
    user_data=st.lists(st.tuples(KEYS, PAYLOAD), max_size=3).map(tuple),
    message=st.one_of(st.none(), PAYLOAD),
    provider_guid=MAYBE,
    version=st.one_of(st.none(), st.integers(0, 255)),
    level=st.one_of(st.none(), st.integers(0, 255)),
    process_id=st.one_of(st.none(), st.integers(0, 2**32 - 1)),
    thread_id=st.one_of(st.none(), st.integers(0, 2**32 - 1)),
    activity_id=MAYBE,
    user_sid=MAYBE,
    task_name=MAYBE,
    keyword_names=st.lists(ANY_TEXT, max_size=2).map(tuple),
    replaced=st.integers(0, 3),
    missing=st.sampled_from([(), ("record_id",), ("computer", "record_id")]),
    raw=MAYBE,
)


def build(event: Event, **settings: Any) -> Document:
    (document,) = build_documents([event], load(), EcsSettings(**settings), NOW_S)
    return document


def paths(value: Any, path: str = "") -> list[str]:
    """Return the dotted names of all leaves; a flattened field is one leaf, whatever is below."""
    if path in FLATTENED or not isinstance(value, dict):
        return [path]
    return [leaf for key, part in value.items() for leaf in paths(part, f"{path}.{key}" if path else key)]


@given(EVENTS)
def test_any_event_becomes_one_line_of_json(event: Event) -> None:
    document = build(event, preserve_original=True)
    assert b"\n" not in document.body
    assert b"\r" not in document.body
    assert isinstance(msgspec.json.decode(document.body), dict)


@given(EVENTS)
def test_every_emitted_field_is_one_of_the_declared(event: Event) -> None:
    body = msgspec.json.decode(build(event, preserve_original=True).body)
    assert set(paths(body)) <= set(field_kinds())


@given(EVENTS)
def test_the_stamp_replaces_the_time_of_ingestion_and_nothing_else(event: Event) -> None:
    document = build(event)
    before, after = msgspec.json.decode(document.body), msgspec.json.decode(document.stamped(STAMP))
    assert before["event"].pop("ingested") == INGESTED_PLACEHOLDER
    assert after["event"].pop("ingested") == STAMP.decode()
    assert before == after


@given(EVENTS)
def test_flattened_fields_hold_texts_one_level_deep_under_safe_names(event: Event) -> None:
    body = msgspec.json.decode(build(event).body)
    parts = (body.get("winlog", {}).get("event_data"), body.get("intune_connector", {}).get("details"))
    for name, value in ((name, value) for part in parts if part for name, value in part.items()):
        assert name
        assert len(name) <= 256
        assert "\0" not in name
        assert all(isinstance(text, str) for text in (value if isinstance(value, list) else [value]))


@given(EVENTS)
def test_outcome_and_level_of_a_known_event_come_from_its_id(event: Event) -> None:
    body = msgspec.json.decode(build(event).body)
    entry = load().event(event.channel, event.event_id)
    if entry is not None:
        assert (body["event"]["outcome"], body["log"]["level"]) == (entry.outcome, entry.level)


@given(EVENTS)
def test_error_fields_stand_only_where_the_outcome_is_failure(event: Event) -> None:
    body = msgspec.json.decode(build(event).body)
    assert "error" not in body or body["event"]["outcome"] == "failure"


@given(st.lists(EVENTS, max_size=4))
def test_a_batch_yields_what_its_events_yield_alone(events: list[Event]) -> None:
    assert build_documents(events, load(), EcsSettings(), NOW_S) == [build(event) for event in events]


def test_an_event_that_quotes_the_placeholder_is_not_stamped_there(event: Callable[..., Event]) -> None:
    hostile = event(('"ingested":"' + INGESTED_PLACEHOLDER, INGESTED_PLACEHOLDER), provider=INGESTED_PLACEHOLDER)
    body = msgspec.json.decode(build(hostile).stamped(STAMP))
    assert body["event"]["ingested"] == STAMP.decode()
    assert body["event"]["provider"] == INGESTED_PLACEHOLDER
