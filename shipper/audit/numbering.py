"""The record ids of one computer's channel: which are not there, and where they begin again.

Windows counts the events of a channel without a hole; a log that is cleared, or a computer that is set up anew, begins
again at 1. So a number that comes twice is no mistake, and what lies between two such runs is no gap.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence

import msgspec

#: Windows takes the time of an event before its number, so neighbours may stand the wrong way round. Nearer than this
#: to the first number and its time, a smaller one is late, not a new beginning.
_NEAR = 64
NEAR_US = 60_000_000
#: So many gaps at once are open for numbers that come late; and so many are told of one channel, the rest counted.
_MOST_OPEN = 10_000
MOST_TOLD = 1_000


class Range(msgspec.Struct, frozen=True):
    """Record ids from ``first`` to ``last``, both included."""

    first: int
    last: int


class Numbers(msgspec.Struct, frozen=True):
    """What the record ids of one channel add up to.

    Attributes:
        first: where the earliest run begins; ``None`` where no event has a number.
        last: where the latest run ends.
        restarts: how often the numbers begin again.
        lacking: numbers between the first and last of a run that are not there, those reported as missed left out.
        gaps: these, as ranges in the order of time; of very many the first ``MOST_TOLD``.
        reported: numbers that are not there either, which the shipper reported as missed.
    """

    first: int | None = None
    last: int | None = None
    restarts: int = 0
    lacking: int = 0
    gaps: tuple[Range, ...] = ()
    reported: int = 0


#: Says which parts of a gap were reported, ascending and apart, from the times of the events before and behind it.
ReportedWithin = Callable[[Range, int, int], Sequence[Range]]


class _Gap(msgspec.Struct, frozen=True, gc=False):
    """Numbers that were passed over, and the times (microseconds since 1970) of the events before and behind them."""

    first: int
    last: int
    before_us: int
    after_us: int

    def without(self, record: int) -> Iterator["_Gap"]:
        """Yield what is left of it when one of its numbers has come."""
        for first, last in ((self.first, record - 1), (record + 1, self.last)):
            if first <= last:
                yield _Gap(first, last, self.before_us, self.after_us)


class Numbering:
    """Takes the record ids of one channel in the order of time, in memory that does not grow with them.

    A number that was passed over and comes later fills its gap; one that the run has already, or that stands well
    before its first, begins a new run.

    Args:
        reported_within: what of a gap the shipper reported.
    """

    def __init__(self, reported_within: ReportedWithin = lambda _gap, _before_us, _after_us: ()) -> None:
        self._reported_within = reported_within
        self._earliest: int | None = None
        self._restarts = -1
        self._first = self._last = 0
        self._first_us = self._last_us = 0
        self._open: list[_Gap] = []  # of this run, ascending
        self._lacking = self._reported = 0
        self._told: list[Range] = []

    def add(self, record: int, time_us: int) -> None:
        """Take the next number; ``time_us`` is its event's time in microseconds since 1970."""
        if self._restarts < 0:
            self._earliest = record
            self._begin(record, time_us)
        elif record == self._last + 1:
            self._last, self._last_us = record, time_us
        elif record > self._last:
            self._open.append(_Gap(self._last + 1, record - 1, self._last_us, time_us))
            self._last, self._last_us = record, time_us
            if len(self._open) > _MOST_OPEN:
                self._close(_MOST_OPEN // 2)
        elif not self._comes_late(record, time_us):
            self._begin(record, time_us)

    def ended(self) -> Numbers:
        """Return the sum; nothing is added after it."""
        if self._earliest is None:
            return Numbers()
        self._close(len(self._open))
        return Numbers(self._earliest, self._last, self._restarts, self._lacking, tuple(self._told), self._reported)

    def _begin(self, record: int, time_us: int) -> None:
        self._close(len(self._open))
        self._first = self._last = record
        self._first_us = self._last_us = time_us
        self._restarts += 1

    def _comes_late(self, record: int, time_us: int) -> bool:
        if record < self._first:
            near = self._first - record <= _NEAR and time_us - self._first_us <= NEAR_US
            if near:
                if record + 1 < self._first:
                    self._open.insert(0, _Gap(record + 1, self._first - 1, self._first_us, time_us))
                if self._restarts == 0:
                    self._earliest = record
                self._first = record
            return near
        at = bisect_right(self._open, record, key=lambda gap: gap.first) - 1
        if at < 0 or record > self._open[at].last:
            return False
        self._open[at : at + 1] = self._open[at].without(record)
        return True

    def _close(self, count: int) -> None:
        """Count the ``count`` earliest gaps for good."""
        for gap in self._open[:count]:
            whole = Range(gap.first, gap.last)
            reported = self._reported_within(whole, gap.before_us, gap.after_us)
            self._reported += sum(part.last - part.first + 1 for part in reported)
            for part in _beside(whole, reported):
                self._lacking += part.last - part.first + 1
                if len(self._told) < MOST_TOLD:
                    self._told.append(part)
        del self._open[:count]


def _beside(whole: Range, parts: Sequence[Range]) -> Iterator[Range]:
    """Yield what of a range lies in none of its parts, which are ascending and apart."""
    first = whole.first
    for part in parts:
        if first < part.first:
            yield Range(first, part.first - 1)
        first = part.last + 1
    if first <= whole.last:
        yield Range(first, whole.last)
