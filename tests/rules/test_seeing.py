"""What rules see of a document: hostile ones do no harm, and no rule sees what an index would not hold."""

import json
from copy import copy
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shipper.rules.evaluator import Evaluator
from shipper.rules.fields import MappedField
from shipper.rules.model import Condition, Count
from shipper.rules.seeing import SHOWN, ViewCounts, Viewer, fields_of
from shipper.rules.values import held
from tests.rules.samples import ANSWERED, EVENTS, rule

PLAIN: dict[str, Any] = {
    "@timestamp": "2026-11-24T00:00:00.1239Z",
    "event": {"id": "x", "code": "20102", "dataset": EVENTS, "ingested": "0000-00-00T00:00:00.000Z"},
    "host": {"name": "a"},
}
VIEWER = Viewer([rule()])


def body(**changes: Any) -> bytes:
    return json.dumps({**PLAIN, **changes}).encode()


def test_a_document_has_id_time_and_the_fields_that_rules_name() -> None:
    one = Viewer([rule()]).view(body())
    assert one is not None
    assert (one.id, one.time_ms) == ("x", 1_795_478_400_123)
    assert one.fields["event.code"] == ("20102",)
    assert one.fields["host.name"] == ("a",)
    assert "event.ingested" not in one.fields


def test_the_id_may_be_given_beside_the_document() -> None:
    one = Viewer([rule()]).view(body(event={"dataset": "intune_connector.shipper"}), "given")
    assert one is not None
    assert one.id == "given"


def test_all_fields_that_a_rule_names_are_seen() -> None:
    counting = rule(
        Count(by=("host.name",), at_least=2, within="1h", distinct="device.id"),
        where=Condition(equals={"a": "1"}, equals_none={"b": "1"}, exists=("c",), missing=("d",), at_least={"e": 1}),
    )
    assert set(fields_of(counting)) == {"a", "b", "c", "d", "e", "host.name", "device.id"}
    assert set(fields_of(rule(where=ANSWERED))) == {"event.code"}


def test_several_values_are_seen_as_several() -> None:
    one = Viewer([]).view(body(host={"name": ["a", "b", None, ["c"]]}))
    assert one is not None
    assert one.fields["host.name"] == ("a", "b", "c")


def test_null_is_nothing() -> None:
    one = Viewer([]).view(body(host=None, error={"code": None}))
    assert one is not None
    assert not {"host.name", "error.code"} & set(one.fields)


@pytest.mark.parametrize(
    "hostile",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"[" * 100_000,
        b'{"event":' * 100_000,
        b'{"event":3}',
        b'{"host":{"name":' + b"[" * 900 + b'"a"' + b"]" * 900 + b"}}",
        b'{"event":[{"code":"1"}]}',
        b'{"event":{"code":"\xff"}}',
        rb'{"event":{"code":"\ud800"}}',
        rb'{"event":{"severity":1e999}}',
        b'{"event":{"id":"x"},"@timestamp":NaN}',
    ],
)
def test_what_is_no_document_is_counted_and_nothing_else(hostile: bytes) -> None:
    viewer = Viewer([rule(where=Condition(at_least={"event.severity": 1}))])
    assert viewer.view(hostile) is None
    assert viewer.counts.unreadable == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"@timestamp": None},
        {"@timestamp": "yesterday"},
        {"@timestamp": {"a": 1}},
        {"@timestamp": ["2026-13-13T00:00:00.000Z"]},
        {"event": {"code": "1"}},
        {"event": {"id": ""}},
        {"event": {"id": "x" * 513}},
        {"event": {"id": "ü" * 300}},
        {"event": {"id": {"a": 1}}},
    ],
)
def test_a_document_without_time_or_id_is_looked_at_by_no_rule(changes: dict[str, Any]) -> None:
    viewer = Viewer([rule()])
    assert viewer.view(body(**changes)) is None
    assert viewer.counts.untimed == 1


def test_backfill_is_passed_over_unless_the_user_says_so() -> None:
    viewer = Viewer([])
    assert viewer.view(body(tags=["site", "backfill"])) is None
    assert viewer.counts.backfill == 1
    assert Viewer([], include_backfill=True).view(body(tags=["site", "backfill"])) is not None


@pytest.mark.parametrize(
    ("value", "kind", "values"),
    [
        ("x", "keyword", ("x",)),
        ("", "keyword", ("",)),
        (20102, "keyword", ("20102",)),
        (True, "keyword", ("true",)),
        ({"a": 1}, "keyword", ()),
        ("x" * 1024, "keyword", ("x" * 1024,)),
        ("x" * 1025, "keyword", ()),
        ("\N{GRINNING FACE}" * 512, "keyword", ("\N{GRINNING FACE}" * 512,)),
        ("\N{GRINNING FACE}" * 513, "keyword", ()),
        (7, "long", (7,)),
        ("7", "long", (7,)),
        (7.9, "long", (7,)),
        (True, "long", ()),
        ("x", "long", ()),
        ("inf", "long", ()),
        (2**63, "long", ()),
        (7.9, "double", (7,)),
        (float("inf"), "double", ()),
        (float("nan"), "double", ()),
        ("NaN", "double", ()),
        ("-Infinity", "double", ()),
        (1e300, "double", (2**63 - 1,)),
        (-1e300, "double", (1 - 2**63,)),
        ("1e300", "double", (2**63 - 1,)),
        (10**400, "double", (2**63 - 1,)),
        (True, "boolean", (True,)),
        ("false", "boolean", (False,)),
        ("yes", "boolean", ()),
        (1, "boolean", ()),
        ([1, [2, None]], "long", (1, 2)),
    ],
)
def test_a_value_is_what_an_index_would_hold_of_it(value: object, kind: str, values: tuple[object, ...]) -> None:
    found = held(value, MappedField(kind, ignore_above=1024 if kind == "keyword" else 0))
    assert found == values
    assert list(map(type, found)) == list(map(type, values))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "name", "code", "x"]), inner),
    max_leaves=8,
)
PARTS = st.sampled_from(["@timestamp", "event", "host", "tags", "intune_connector", "user"])


@settings(deadline=None)
@given(st.dictionaries(PARTS, JSON))
def test_no_json_object_makes_it_fail(changes: dict[str, Any]) -> None:
    viewer = copy(VIEWER)
    viewer.counts = ViewCounts()
    one = viewer.view(msgspec.json.encode({**PLAIN, **changes}))
    counts = viewer.counts
    assert (one is None) == (counts.unreadable + counts.untimed + counts.backfill == 1)


@settings(deadline=None)
@given(st.binary())
def test_no_bytes_make_it_fail(noise: bytes) -> None:
    VIEWER.view(noise)


def test_every_field_that_alerts_show_is_seen() -> None:
    nested: dict[str, Any] = {}
    for field in SHOWN:
        below = nested
        *above, last = field.split(".")
        for step in above:
            below = below.setdefault(step, {})
        below[last] = "v"
    nested["event"] |= PLAIN["event"]
    one = Viewer([]).view(body(**nested))
    assert one is not None
    assert set(SHOWN) <= set(one.fields)


def test_a_number_beyond_64_bits_can_be_kept() -> None:
    field = "intune_connector.shipper.lag_s"
    lagging = rule(Count(by=("agent.name",), at_least=2, within="1h", distinct=field), reads="metrics")
    lagging = msgspec.structs.replace(lagging, where=Condition(at_least={field: 300}))
    heartbeat = body(event={"dataset": "intune_connector.shipper", "id": "x"}, agent={"name": "s"})
    told = json.loads(heartbeat) | {"intune_connector": {"shipper": {"lag_s": 1e300}}}
    seen = Viewer([lagging]).view(json.dumps(told).encode())
    assert seen is not None
    assert seen.fields[field] == (2**63 - 1,)
    evaluator = Evaluator([lagging])
    evaluator.see([seen])
    assert evaluator.snapshot()
    assert msgspec.msgpack.encode(seen)
