"""How far the data can be trusted."""

import msgspec

from shipper.report.store import Store

_FLAGS = """\
SELECT COUNT(*) FILTER (WHERE unknown_event OR unknown_code),
    TOTAL(unknown_event), TOTAL(unknown_code), TOTAL(weak_id), TOTAL(replaced),
    TOTAL(MAX(missed, 0)), COUNT(*) FILTER (WHERE missed = -1), COUNT(*) FILTER (WHERE missed IS NOT NULL)
FROM event
"""
_IDS = """\
SELECT schema, code, SUM(events) AS events FROM tally WHERE action = 'unknown'
GROUP BY schema, code ORDER BY events DESC, code LIMIT 20
"""
_CODES = """\
SELECT diagnostic, COUNT(*) AS events FROM event WHERE unknown_code AND diagnostic IS NOT NULL
GROUP BY diagnostic ORDER BY events DESC, diagnostic LIMIT 20
"""
_LOGS = """\
SELECT host, channel, COUNT(*), COUNT(DISTINCT number), MIN(number), MAX(number), MIN(time_ms), MAX(time_ms)
FROM event WHERE channel IS NOT NULL GROUP BY host, channel ORDER BY host, channel LIMIT 200
"""


class Log(msgspec.Struct, frozen=True):
    """What was read of one channel of one computer.

    Attributes:
        host, channel: which.
        events: how many.
        lacking: numbers between its first and last event that no event has.
        first_ms, last_ms: when.
    """

    host: str | None
    channel: str
    events: int
    lacking: int
    first_ms: int
    last_ms: int


class Quality(msgspec.Struct, frozen=True):
    """Counts of what is not as it should be.

    Attributes:
        unknown: events with one of the two, each once.
        unknown_events, unknown_codes: events with an id, or a code, that the catalog does not know.
        weak_ids: events that lack a part of their identity.
        replaced: events with characters that could not be kept.
        missed: records that shippers reported as gone before they could be read.
        missed_uncounted: how often they could not say how many.
        notices: how often they reported it.
        ids: (generation, id, events) that are unknown.
        codes: (code, events) that are unknown.
        logs: what was read, by computer and channel.
    """

    unknown: int
    unknown_events: int
    unknown_codes: int
    weak_ids: int
    replaced: int
    missed: int
    missed_uncounted: int
    notices: int
    ids: tuple[tuple[str | None, str | None, int], ...]
    codes: tuple[tuple[str, int], ...]
    logs: tuple[Log, ...]

    @property
    def lacking(self) -> int:
        """Return how many record numbers are lacking in all."""
        return sum(log.lacking for log in self.logs)


def quality(store: Store) -> Quality:
    """Return how far the data can be trusted."""
    unknown, events, codes, weak, replaced, missed, uncounted, notices = map(int, store.one(_FLAGS))
    return Quality(
        unknown,
        events,
        codes,
        weak,
        replaced,
        missed,
        uncounted,
        notices,
        tuple((schema, code, count) for schema, code, count in store.all(_IDS)),
        tuple((code, count) for code, count in store.all(_CODES)),
        tuple(_log(row) for row in store.all(_LOGS)),
    )


def _log(row: tuple[str | None, str, int, int, int | None, int | None, int, int]) -> Log:
    host, channel, events, numbers, lowest, highest, first_ms, last_ms = row
    lacking = highest - lowest + 1 - numbers if lowest is not None and highest is not None else 0
    return Log(host, channel, events, lacking, first_ms, last_ms)
