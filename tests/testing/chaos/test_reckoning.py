"""The reckoning is what the tests of faults believe: it must not call even what is not."""

import pytest

from shipper.testing.chaos import Told
from shipper.testing.chaos.ledger import Found
from shipper.testing.chaos.reckoning import reckoned

FIRST = ["a1", "a2", "a3", "a4", "a5"]
SECOND = ["b1", "b2", "b3"]


def found(*ids: str) -> list[Found]:
    return [Found(id_, "index", "issue") for id_ in ids]


def gap(first: int, last: int, missed: int) -> Told:
    return Told("records-missed", first - 1, first, last, missed)


def cleared(last_read: int) -> Told:
    return Told("log-cleared", last_read)


def test_records_that_are_there_or_in_a_gap_are_even() -> None:
    reckoning = reckoned([FIRST], found("a1", "a2", "a5"), [gap(3, 4, 2)])
    assert (reckoning.is_even, reckoning.reported, reckoning.gaps) == (True, 2, 1)


def test_a_record_of_which_nothing_tells_is_lost() -> None:
    reckoning = reckoned([FIRST], found("a1", "a2", "a5"), [gap(4, 4, 1)])
    assert (reckoning.is_even, reckoning.found.lost, reckoning.reported) == (False, 1, 1)


def test_a_record_that_is_there_and_told_to_be_missing_is_a_contradiction() -> None:
    reckoning = reckoned([FIRST], found("a1", "a2", "a3", "a5"), [gap(3, 4, 2)])
    assert (reckoning.is_even, reckoning.contradicted, reckoning.found.lost) == (False, 1, 0)


@pytest.mark.parametrize("told", [gap(3, 4, 7), gap(3, 9, 7)])
def test_a_gap_of_records_that_were_never_written_is_untrue(told: Told) -> None:
    assert reckoned([FIRST], found("a1", "a2", "a5"), [told]).untrue == 1


def test_what_was_cleared_away_behind_the_last_record_that_was_read_is_reported() -> None:
    reckoning = reckoned([FIRST, SECOND], found("a1", "a2", "a3", *SECOND), [cleared(3)])
    assert (reckoning.is_even, reckoning.reported, reckoning.clears) == (True, 2, 1)


@pytest.mark.parametrize("told", [[], [cleared(2)], [cleared(5)]])
def test_what_was_cleared_away_is_lost_where_nothing_tells_of_just_that(told: list[Told]) -> None:
    assert reckoned([FIRST, SECOND], found("a1", "a2", "a3", *SECOND), told).found.lost == 2


def test_a_record_before_the_last_one_that_was_read_is_lost_though_the_log_was_cleared() -> None:
    reckoning = reckoned([FIRST, SECOND], found("a1", "a3", *SECOND), [cleared(3)])
    assert (reckoning.is_even, reckoning.found.lost) == (False, 1)


def test_what_is_lost_of_the_log_that_was_not_cleared_is_never_reported_as_cleared() -> None:
    assert reckoned([FIRST, SECOND], found(*FIRST, "b1"), [cleared(5), cleared(1)]).found.lost == 2


def test_a_gap_among_several_generations_cannot_be_reckoned() -> None:
    with pytest.raises(ValueError, match="does not tell of which"):
        reckoned([FIRST, SECOND], found(*FIRST, *SECOND), [gap(1, 1, 1)])
