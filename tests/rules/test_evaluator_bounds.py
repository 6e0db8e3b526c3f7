"""What an evaluator remembers is bounded, and what it forgets is counted."""

import pytest

from shipper.rules.evaluator import Evaluator, EvaluatorSettings
from shipper.rules.model import Count, LooksFor, Match, New, Silence, Unanswered
from tests.rules.samples import ANSWERED, DAY_MS, HOUR_MS, MINUTE_MS, on, rule

HOST = ("host.name",)
HOSTILE = 10_000
KINDS: list[LooksFor] = [
    Match(by=HOST),
    Match(),
    Count(by=HOST, at_least=2, within="1h"),
    New(values_of=HOST, not_seen_for="1d", learn_for="0s"),
    Unanswered(by=HOST, answer=ANSWERED, within="1h", look_back="1d"),
    Silence(by=HOST, longer_than="1h", look_back="1d"),
]
FEW = EvaluatorSettings(most_groups=100, most_values=100, most_documents=10, most_remembered=100, most_single=100)


@pytest.mark.parametrize("looks_for", KINDS, ids=lambda one: type(one).__name__)
def test_ten_thousand_groups_take_no_more_room_than_a_hundred(looks_for: LooksFor) -> None:
    evaluator = Evaluator([rule(looks_for)], FEW)
    evaluator.advance(DAY_MS)
    evaluator.see([on(f"host{number}", 0, f"d{number}") for number in range(HOSTILE)])
    counts = evaluator.counts
    forgotten = counts.evicted_groups + counts.evicted_values + counts.evicted_raised
    assert len(evaluator.snapshot()) < 40_000
    assert forgotten >= HOSTILE - 100 or looks_for == Match()


@pytest.mark.parametrize("looks_for", KINDS, ids=lambda one: type(one).__name__)
def test_ten_thousand_documents_of_one_group_take_no_more_room_than_ten(looks_for: LooksFor) -> None:
    evaluator = Evaluator([rule(looks_for)], FEW)
    evaluator.advance(DAY_MS)
    evaluator.see([on("a", number / 1000, f"d{number}") for number in range(HOSTILE)])
    assert len(evaluator.snapshot()) < 20_000


def test_the_oldest_documents_of_a_group_are_forgotten_first() -> None:
    evaluator = Evaluator([rule(Count(by=HOST, at_least=5, within="1h", distinct="device.id"))], FEW)
    evaluator.see([on("a", number, f"d{number}", device__id="same") for number in range(20)])
    assert evaluator.counts.evicted_documents == 10
    alerts = evaluator.see([on("a", 20 + number, f"e{number}", device__id=str(number)) for number in range(4)])
    assert alerts[0].finding.ids[0] == "d13"


def test_a_count_is_remembered_in_full_however_few_documents_are() -> None:
    evaluator = Evaluator([rule(Count(by=HOST, at_least=50, within="1h"))], FEW)
    assert len(evaluator.see([on("a", number / 10, f"d{number}") for number in range(50)])) == 1


def test_the_group_that_is_forgotten_is_the_one_that_was_there_longest_ago() -> None:
    evaluator = Evaluator([rule(Count(by=HOST, at_least=3, within="1h"))], EvaluatorSettings(most_groups=2))
    evaluator.see([on("a", 0, "a0"), on("b", 1, "b0"), on("a", 2, "a0b"), on("c", 3, "c0")])
    assert len(evaluator.see([on("a", 4, "a1")])) == 1
    assert evaluator.see([on("b", 5, "b1"), on("b", 6, "b2")]) == []


def test_documents_of_all_groups_together_are_bounded() -> None:
    evaluator = Evaluator([rule(Count(by=HOST, at_least=10, within="1h"))], FEW)
    for group in range(50):
        evaluator.see([on(f"h{group}", number / 10, f"d{group}-{number}") for number in range(9)])
    assert evaluator.counts.evicted_groups >= 50 - 100 // 9 - 1


@pytest.mark.parametrize("looks_for", KINDS, ids=lambda one: type(one).__name__)
def test_what_can_be_in_no_finding_any_more_is_forgotten_without_a_word(looks_for: LooksFor) -> None:
    evaluator = Evaluator([rule(looks_for)])
    empty = len(evaluator.snapshot())
    evaluator.advance(DAY_MS)
    evaluator.see([on(f"host{number}", 0, f"d{number}") for number in range(1000)])
    evaluator.advance(DAY_MS + 26 * HOUR_MS)
    evaluator.advance(DAY_MS + 72 * HOUR_MS)
    evaluator.advance(DAY_MS + 72 * HOUR_MS + MINUTE_MS)
    assert len(evaluator.snapshot()) < empty + 20
    assert evaluator.counts.evicted_groups == 0
