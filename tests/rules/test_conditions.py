import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shipper.rules.conditions import MOST_GROUPS_OF_ONE, groups_of, lies_in, meets, selects
from shipper.rules.evaluator.compiled import compiled, split
from shipper.rules.model import Condition, Hours, Seen
from tests.rules.samples import DAY_MS, HOUR_MS, rule, seen

FAILURE = seen(
    0, "a", event__outcome="failure", event__severity=73, intune_connector__final=True, event__type=("x", "y")
)


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        (Condition(), True),
        (Condition(equals={"event.outcome": "failure"}), True),
        (Condition(equals={"event.outcome": "Failure"}), False),
        (Condition(equals={"event.outcome": ("success", "failure")}), True),
        (Condition(equals={"event.type": "y"}), True),
        (Condition(equals={"event.nothing": "y"}), False),
        (Condition(equals={"intune_connector.final": True}), True),
        (Condition(equals={"event.outcome": "failure", "event.type": "z"}), False),
        (Condition(equals_none={"event.outcome": "success"}), True),
        (Condition(equals_none={"event.type": ("z", "y")}), False),
        (Condition(equals_none={"event.nothing": "y"}), True),
        (Condition(exists=("event.type", "event.outcome")), True),
        (Condition(exists=("event.type", "event.nothing")), False),
        (Condition(missing=("event.nothing",)), True),
        (Condition(missing=("event.type",)), False),
        (Condition(at_least={"event.severity": 73}), True),
        (Condition(at_least={"event.severity": 74}), False),
        (Condition(at_least={"event.nothing": 0}), False),
        (Condition(outside=(Hours(begin=0, end=1),)), False),
        (Condition(outside=(Hours(begin=1),)), True),
    ],
)
def test_every_part_that_is_said_must_hold(condition: Condition, holds: bool) -> None:
    assert meets(condition, FAILURE) is holds


@pytest.mark.parametrize(
    ("hours", "offset_ms", "inside"),
    [
        (Hours(begin=8, end=18), 8 * HOUR_MS, True),
        (Hours(begin=8, end=18), 8 * HOUR_MS - 1, False),
        (Hours(begin=8, end=18), 18 * HOUR_MS - 1, True),
        (Hours(begin=8, end=18), 18 * HOUR_MS, False),
        (Hours(days=(2,)), 0, True),
        (Hours(days=(1,)), -1, True),
        (Hours(days=(1,)), 0, False),
        (Hours(days=(7,)), 5 * 24 * HOUR_MS, True),
    ],
)
def test_hours_are_half_open_and_utc(hours: Hours, offset_ms: int, inside: bool) -> None:
    assert lies_in(hours, DAY_MS + offset_ms) is inside


def test_a_rule_sees_documents_of_its_own_data_stream_alone() -> None:
    other = Seen("a", DAY_MS, {"event.dataset": ("intune_connector.shipper",), "event.code": ("20102",)})
    assert selects(rule(), seen(0, "a"))
    assert not selects(rule(), other)
    assert selects(rule(reads="metrics"), other)


def test_a_document_belongs_to_a_group_for_each_combination_of_its_values() -> None:
    one = seen(0, "a", host__name="h", event__type=("x", "y", "x"), event__severity=7, event__final=False)
    assert list(groups_of(("host.name",), one)) == [("h",)]
    assert list(groups_of(("event.type", "event.severity"), one)) == [("x", "7"), ("y", "7")]
    assert list(groups_of(("event.final",), one)) == [("false",)]
    assert list(groups_of((), one)) == [()]


def test_a_document_that_lacks_a_field_belongs_to_no_group() -> None:
    assert list(groups_of(("event.type", "host.name"), seen(0, "a", event__type=("x", "y")))) == []


def test_a_hostile_document_belongs_to_a_hundred_groups_at_most() -> None:
    many = tuple(map(str, range(1000)))
    groups = groups_of(("event.type", "host.name"), seen(0, "a", event__type=many, host__name=many))
    assert len(list(groups)) == MOST_GROUPS_OF_ONE


NAMES = st.sampled_from(["event.code", "event.outcome", "event.severity", "host.name", "final"])
VALUES = st.sampled_from(["a", "b", "failure", 1, 73, True, False])
SOME = VALUES | st.lists(VALUES, min_size=1, max_size=3).map(tuple)
HOURS = st.builds(
    Hours, begin=st.integers(0, 12), end=st.integers(13, 24), days=st.sets(st.integers(1, 7), min_size=1).map(tuple)
)
CONDITIONS = st.builds(
    Condition,
    equals=st.dictionaries(NAMES, SOME, max_size=2),
    equals_none=st.dictionaries(NAMES, SOME, max_size=2),
    exists=st.lists(NAMES, max_size=2).map(tuple),
    missing=st.lists(NAMES, max_size=2).map(tuple),
    at_least=st.dictionaries(NAMES, st.integers(0, 100), max_size=1),
    outside=st.lists(HOURS, max_size=1).map(tuple),
)
DOCUMENTS = st.builds(
    Seen,
    id=st.just("a"),
    time_ms=st.integers(0, 10**12),
    fields=st.dictionaries(NAMES, st.lists(VALUES, min_size=1, max_size=2).map(tuple)),
)


@settings(deadline=None)
@given(CONDITIONS, DOCUMENTS)
def test_a_compiled_condition_says_what_the_plain_reading_says(condition: Condition, document: Seen) -> None:
    test = compiled(condition)
    assert (test is None or test(document)) == meets(condition, document)


@settings(deadline=None)
@given(CONDITIONS, DOCUMENTS, st.sets(NAMES))
def test_the_two_parts_of_a_split_condition_say_what_the_whole_says(
    condition: Condition, document: Seen, fields: set[str]
) -> None:
    inside, rest = split(condition, fields)
    assert (meets(inside, document) and meets(rest, document)) == meets(condition, document)
