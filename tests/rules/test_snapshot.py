"""What an evaluator remembers, kept and taken up again."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shipper.errors import StateError
from shipper.rules.evaluator import Evaluator
from shipper.rules.model import Count, Match, New, Silence
from tests.rules.samples import DAY_MS, MINUTE_MS, on, rule, seen, told

HOST = ("host.name",)
COUNT = rule(Count(by=HOST, at_least=3, within="10m"), id="count")
QUIET = rule(Match(by=HOST), id="quiet", quiet_for="1h")
SILENCE = rule(Silence(by=HOST, longer_than="10m", look_back="60m"), id="silence")


def kept() -> bytes:
    evaluator = Evaluator([COUNT, QUIET, SILENCE])
    evaluator.advance(DAY_MS)
    evaluator.see([on("a", 1, "x"), on("a", 2, "y")])
    return evaluator.snapshot()


def test_rules_that_are_the_same_go_on_and_others_begin_anew() -> None:
    changed = msgspec.structs.replace(QUIET, version=2)
    evaluator = Evaluator([COUNT, changed, rule(id="added")])
    assert evaluator.restore(kept()) == ("quiet", "added")
    assert [alert.rule.id for alert in evaluator.see([on("a", 3, "z")])] == ["count", "quiet", "added"]


def test_a_rule_that_is_of_another_kind_now_begins_anew() -> None:
    evaluator = Evaluator([rule(Silence(by=HOST, longer_than="1h", look_back="2h"), id="count")])
    assert evaluator.restore(kept()) == ("count",)


def test_what_is_kept_of_rules_that_are_gone_is_dropped() -> None:
    evaluator = Evaluator([QUIET])
    assert evaluator.restore(kept()) == ()
    assert len(evaluator.snapshot()) < len(kept())


def test_the_time_is_kept_and_what_was_due_meanwhile_is_told() -> None:
    evaluator = Evaluator([SILENCE])
    evaluator.restore(kept())
    assert evaluator.advance(DAY_MS - 1) == []
    assert told(evaluator.advance(DAY_MS + 20 * MINUTE_MS)) == [(("a",), ("y",))]


def test_learning_goes_on_where_it_was() -> None:
    new = rule(New(values_of=HOST, not_seen_for="1d", learn_for="1h"))
    first, second = Evaluator([new]), Evaluator([new])
    first.see([on("a", 0, "x")])
    second.restore(first.snapshot())
    assert told(second.see([on("b", 59, "y"), on("c", 60, "z")])) == [(("c",), ("z",))]


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 255))
def test_a_damaged_byte_anywhere_is_an_error_that_says_what_to_try(place: int, change: int) -> None:
    damaged = bytearray(kept())
    damaged[place % len(damaged)] ^= change
    with pytest.raises(StateError) as refused:
        Evaluator([COUNT]).restore(bytes(damaged))
    assert "remove it" in refused.value.hint


@pytest.mark.parametrize("size", [0, 3, 20, 60])
def test_a_snapshot_that_was_cut_off_is_an_error(size: int) -> None:
    with pytest.raises(StateError):
        Evaluator([COUNT]).restore(kept()[:size])


def test_a_damaged_snapshot_changes_nothing() -> None:
    evaluator = Evaluator([COUNT])
    evaluator.see([on("a", 0, "w")])
    before = evaluator.snapshot()
    with pytest.raises(StateError):
        evaluator.restore(b"rules1\nnonsense")
    assert evaluator.snapshot() == before


def test_a_snapshot_of_nothing_can_be_restored() -> None:
    evaluator = Evaluator([COUNT])
    assert evaluator.restore(Evaluator([COUNT]).snapshot()) == ()
    assert evaluator.see([seen(0, "x")]) == []
