"""Record ids add up: what is passed over is a gap, what comes twice is a new beginning."""

import random
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipper.audit import Numbers, Range
from shipper.audit.numbering import Numbering

SECOND_US = 1_000_000


def added(records: Sequence[int], *, every_us: int = SECOND_US) -> Numbers:
    numbering = Numbering()
    for at, record in enumerate(records):
        numbering.add(record, at * every_us)
    return numbering.ended()


def test_no_event_has_no_numbers() -> None:
    assert added([]) == Numbers()


@pytest.mark.parametrize(
    ("records", "first", "last", "restarts", "gaps"),
    [
        ([7], 7, 7, 0, []),
        ([1, 2, 3], 1, 3, 0, []),
        ([1, 2, 5, 6, 9], 1, 9, 0, [(3, 4), (7, 8)]),
        ([1, 2, 4, 3, 5], 1, 5, 0, []),  # the time was taken before the number
        ([1, 2, 6, 4, 7], 1, 7, 0, [(3, 3), (5, 5)]),
        ([3, 1, 2, 4], 1, 4, 0, []),  # the first came late
        ([5, 3, 6], 3, 6, 0, [(4, 4)]),
        ([4711, 4712, 1, 2, 3], 4711, 3, 1, []),  # cleared: what lies between is no gap
        ([1, 2, 4, 1, 3], 1, 3, 1, [(3, 3), (2, 2)]),
        ([1, 1, 1], 1, 1, 2, []),
        ([2**63 - 1, 1], 2**63 - 1, 1, 1, []),
    ],
)
def test_gaps_are_what_a_run_passed_over(
    records: list[int], first: int, last: int, restarts: int, gaps: list[tuple[int, int]]
) -> None:
    found = added(records)
    assert (found.first, found.last, found.restarts) == (first, last, restarts)
    assert found.gaps == tuple(Range(*gap) for gap in gaps)
    assert found.lacking == sum(gap[1] - gap[0] + 1 for gap in gaps)


def test_a_smaller_number_long_after_the_first_is_a_new_beginning() -> None:
    assert added([5, 3], every_us=61 * SECOND_US).restarts == 1


@given(st.sets(st.integers(0, 400), min_size=1), st.integers(0, 2**32))
def test_whatever_the_order_within_a_minute_the_lacking_are_the_complement(records: set[int], seed: int) -> None:
    """Of numbers that lie near to each other; those far before the first would be a new beginning."""
    near = sorted(record for record in records if record < min(records) + 60)
    shuffled = near[:]
    random.Random(seed).shuffle(shuffled)  # noqa: S311 (repeatable on purpose; nothing secret)
    found = added(shuffled, every_us=SECOND_US // 2)
    assert found.restarts == 0
    assert found.lacking == near[-1] - near[0] + 1 - len(near)
    assert {number for gap in found.gaps for number in range(gap.first, gap.last + 1)} == (
        set(range(near[0], near[-1] + 1)) - set(near)
    )


def test_a_million_gaps_are_counted_and_few_are_held() -> None:
    found = added(range(1, 200_001, 2))
    assert found.lacking == 99_999
    assert found.gaps[:2] == (Range(2, 2), Range(4, 4))
    assert len(found.gaps) == 1_000


def test_what_was_reported_is_no_gap() -> None:
    asked = []

    def reported(gap: Range, before_us: int, after_us: int) -> list[Range]:
        asked.append((gap, before_us, after_us))
        return [Range(3, 4), Range(8, 8)] if gap.first == 3 else []

    numbering = Numbering(reported)
    for record, time_us in ((1, 10), (2, 20), (10, 30), (12, 40)):
        numbering.add(record, time_us)
    found = numbering.ended()
    assert asked == [(Range(3, 9), 20, 30), (Range(11, 11), 30, 40)]
    assert (found.reported, found.lacking) == (3, 5)
    assert found.gaps == (Range(5, 7), Range(9, 9), Range(11, 11))
