"""What there is at all, and which part of it is drawn."""

from itertools import pairwise

import msgspec

from shipper.report.store import Store

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
#: How wide a column of a chart may be: a quarter of an hour to thirty days.
_WIDTHS_MS = (HOUR_MS // 4, HOUR_MS, 3 * HOUR_MS, 6 * HOUR_MS, DAY_MS, 7 * DAY_MS, 30 * DAY_MS)
_MOST_COLUMNS = 180
_DAYS = "SELECT time_ms / ?, COUNT(*), MIN(time_ms), MAX(time_ms) FROM event GROUP BY 1 ORDER BY 1"


class Scope(msgspec.Struct, frozen=True):
    """The span of time and the size of what was read; all zero where that is nothing.

    Attributes:
        events: documents of events, each once.
        requests: those that are the last word on a request.
        failures: requests that failed.
        hosts: computers that wrote them.
        first_ms, last_ms: of the first and the last event.
        end_ms: up to when connectors are judged: the end of the period that was asked for, else the last event.
        drawn_from_ms: where the charts begin; later than ``first_ms`` where a long empty time follows a few old events.
        before: events before that.
        width_ms: of one column of the charts.
    """

    events: int
    requests: int
    failures: int
    hosts: int
    first_ms: int
    last_ms: int
    end_ms: int
    drawn_from_ms: int
    before: int
    width_ms: int

    @property
    def columns(self) -> range:
        """Return the times at which the columns of the charts begin."""
        return range(self.drawn_from_ms // self.width_ms * self.width_ms, self.last_ms + 1, self.width_ms)


def scope(store: Store, end_ms: int | None) -> Scope:
    """Return what there is.

    Args:
        store: settled.
        end_ms: the end of the period, where one was asked for.
    """
    events, first_ms, last_ms = store.one("SELECT COUNT(*), MIN(time_ms), MAX(time_ms) FROM event")
    if not events:
        return Scope(0, 0, 0, 0, 0, 0, 0, 0, 0, HOUR_MS)
    (hosts,) = store.one("SELECT COUNT(DISTINCT host) FROM tally")
    requests, failures = store.one("SELECT COUNT(*), COUNT(*) FILTER (WHERE outcome = 'failure') FROM request")
    drawn_from_ms, before = _drawn(store, first_ms, last_ms)
    width_ms = next(
        (width for width in _WIDTHS_MS if (last_ms - drawn_from_ms) / width < _MOST_COLUMNS), _WIDTHS_MS[-1]
    )
    return Scope(
        events, requests, failures, hosts, first_ms, last_ms, end_ms or last_ms, drawn_from_ms, before, width_ms
    )


def _drawn(store: Store, first_ms: int, last_ms: int) -> tuple[int, int]:
    """Return where charts begin, and how many events are before: an archive of last year would leave them empty.

    They begin behind an empty time that is longer than everything after it, where most events are after it.
    """
    days = store.all(_DAYS, DAY_MS)
    total = sum(day[1] for day in days)
    before, found = 0, (first_ms, 0)
    for earlier, later in pairwise(days):
        before += earlier[1]
        empty_ms = later[2] - earlier[3]
        if empty_ms > max(last_ms - later[2], 7 * DAY_MS) and before < total / 2:
            found = (later[2], before)
    return found
