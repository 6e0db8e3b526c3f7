"""How far delivery is behind each log that is followed, in records and in seconds."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from shipper.operations.names import Names
from shipper.sources import Standing

#: So many moments are remembered a log; more are drawn together, so that the lag is never said too short.
_MOST_MARKS = 64
UNKNOWN = -1


class SourceLag(msgspec.Struct, frozen=True):
    """How far delivery is behind one log, or behind several under one name.

    Attributes:
        source: the log's name, bounded and harmless; ``(others)`` for those beyond the most that are named.
        records: how many record numbers stand between the newest record that was seen and what is final; ``UNKNOWN``
            before anything of the log is final.
        since_s: when, on the clock of the run, the oldest record that is not final was first seen; ``None`` while all
            are final.
        reachable: whether it could be looked at the last time.
    """

    source: str
    records: int = 0
    since_s: float | None = None
    reachable: bool = True

    def seconds(self, now_s: float) -> float:
        """Return for how long the oldest record that is not final has been known; 0 while all are final."""
        return 0.0 if self.since_s is None else max(now_s - self.since_s, 0.0)


class Lags:
    """Lags of all logs, from one look at them to the next; used from one thread."""

    def __init__(self) -> None:
        self._names = Names()
        self._marks: dict[str, deque[tuple[int, float]]] = {}

    def update(
        self, standings: Sequence[Standing], read: Mapping[str, int], final: Mapping[str, int], now_s: float
    ) -> tuple[SourceLag, ...]:
        """Return the lags, one a name.

        Args:
            standings: how far each log reaches.
            read: number of the last record that was read, of each log.
            final: number of the last record up to which everything is final, of each log.
            now_s: monotonic seconds.
        """
        sources = {standing.source for standing in standings}
        self._names.keep(sources)
        for gone in self._marks.keys() - sources:
            del self._marks[gone]
        return tuple(_by_name(self._lag(standing, read, final, now_s) for standing in standings))

    def _lag(self, standing: Standing, read: Mapping[str, int], final: Mapping[str, int], now_s: float) -> SourceLag:
        source = standing.source
        at = final.get(source, UNKNOWN)
        if read.get(source, at) < at:
            at = UNKNOWN  # the log began again, and nothing of the new one is final yet
        marks = self._marks.setdefault(source, deque())
        _mark(marks, standing.record, at, now_s)
        records = UNKNOWN if at == UNKNOWN and standing.record > at else max(standing.record - at, 0)
        since_s = marks[0][1] if marks else None
        return SourceLag(self._names.of(source), records, since_s, standing.reachable)


def _mark(marks: deque[tuple[int, float]], newest: int, final: int, now_s: float) -> None:
    """Remember when ``newest`` was first seen, and forget what is final."""
    if marks and newest < marks[-1][0]:
        marks.clear()
    if newest > (marks[-1][0] if marks else final):
        marks.append((newest, now_s))
    while marks and marks[0][0] <= final:
        marks.popleft()
    if len(marks) > _MOST_MARKS:
        marks.extend(list(_halved([marks.popleft() for _ in range(len(marks))])))


def _halved(marks: Sequence[tuple[int, float]]) -> Iterator[tuple[int, float]]:
    """Draw each two marks together: the later record, the earlier time."""
    for first, second in zip(marks[::2], [*marks[1::2], marks[-1]], strict=False):
        yield second[0], first[1]


def _by_name(lags: Iterable[SourceLag]) -> Iterable[SourceLag]:
    named: dict[str, SourceLag] = {}
    for lag in lags:
        known = named.get(lag.source)
        named[lag.source] = lag if known is None else _together(known, lag)
    return named.values()


def _together(one: SourceLag, other: SourceLag) -> SourceLag:
    """Return both as one: the records added up, the longest time, reachable where both are."""
    known = [lag.records for lag in (one, other) if lag.records != UNKNOWN]
    times = [lag.since_s for lag in (one, other) if lag.since_s is not None]
    records = sum(known) if known else UNKNOWN
    return SourceLag(one.source, records, min(times, default=None), one.reachable and other.reachable)
