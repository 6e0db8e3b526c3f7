"""How each connector is: healthy, failing or quiet."""

from itertools import compress
from typing import Literal

import msgspec

from shipper.report.questions.scope import DAY_MS
from shipper.report.store import Store

#: A connector is failing when of its requests in the last day this share failed, and at least so many.
FAILING_SHARE, FAILING_LEAST = 0.10, 3
RECENT_MS = DAY_MS

State = Literal["failing", "quiet", "healthy"]
_HOSTS = """\
SELECT host, MAX(schema = 'legacy'), MAX(schema = 'unified'), SUM(events), MIN(first_ms), MAX(last_ms)
FROM tally WHERE host IS NOT NULL AND schema IS NOT NULL GROUP BY host ORDER BY host
"""
_REQUESTS = """\
SELECT host, COUNT(*), COUNT(*) FILTER (WHERE outcome = 'failure'), COUNT(*) FILTER (WHERE time_ms >= ?1),
    COUNT(*) FILTER (WHERE time_ms >= ?1 AND outcome = 'failure'),
    MAX(time_ms) FILTER (WHERE outcome = 'success'), MAX(time_ms) FILTER (WHERE outcome = 'failure')
FROM request GROUP BY host
"""
_CAUSES = """\
SELECT host, cause, MAX(failures) FROM (
    SELECT host, cause, COUNT(*) AS failures FROM request
    WHERE outcome = 'failure' AND cause IS NOT NULL GROUP BY host, cause) GROUP BY host
"""
_ORDER: dict[State, int] = {"failing": 0, "quiet": 1, "healthy": 2}


class Connector(msgspec.Struct, frozen=True):
    """One connector's host.

    Attributes:
        host: its name.
        generations: ``legacy``, ``unified``, or both.
        state: failing goes before quiet, as it tells more.
        events: how many it wrote.
        requests, failures: in the whole period.
        recent_requests, recent_failures: in the last 24 hours of it.
        first_ms, last_ms: its first and last event.
        last_success_ms, last_failure_ms: of its requests; ``None`` for none.
        worst_cause: the most frequent cause of its failures; ``None`` for none.
        worst_failures: how many of them.
    """

    host: str
    generations: tuple[str, ...]
    state: State
    events: int
    requests: int
    failures: int
    recent_requests: int
    recent_failures: int
    first_ms: int
    last_ms: int
    last_success_ms: int | None
    last_failure_ms: int | None
    worst_cause: str | None
    worst_failures: int


def connectors(store: Store, end_ms: int) -> tuple[Connector, ...]:
    """Return every connector that wrote something, those that need somebody first.

    Args:
        store: settled.
        end_ms: up to when they are judged.
    """
    requests = {row[0]: row[1:] for row in store.all(_REQUESTS, end_ms - RECENT_MS)}
    causes = {row[0]: row[1:] for row in store.all(_CAUSES)}
    found = [
        _connector(row, requests.get(row[0], (0, 0, 0, 0, None, None)), causes.get(row[0], (None, 0)), end_ms)
        for row in store.all(_HOSTS)
    ]
    return tuple(sorted(found, key=lambda one: (_ORDER[one.state], -one.recent_failures, -one.failures, one.host)))


def _connector(
    row: tuple[str, int, int, int, int, int],
    asked: tuple[int, int, int, int, int | None, int | None],
    cause: tuple[str | None, int],
    end_ms: int,
) -> Connector:
    host, legacy, unified, events, first_ms, last_ms = row
    return Connector(
        host,
        tuple(compress(("legacy", "unified"), (legacy, unified))),
        _state(asked[2], asked[3], end_ms - last_ms),
        events,
        *asked[:4],
        first_ms,
        last_ms,
        *asked[4:],
        *cause,
    )


def _state(requests: int, failures: int, silent_ms: int) -> State:
    if failures >= FAILING_LEAST and failures >= FAILING_SHARE * requests:
        return "failing"
    return "quiet" if silent_ms > RECENT_MS else "healthy"
