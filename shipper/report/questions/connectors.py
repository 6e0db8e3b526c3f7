"""How each connector is: healthy, failing, stopped or quiet."""

from itertools import compress
from typing import Literal

import msgspec

from shipper.report.questions.scope import DAY_MS
from shipper.report.questions.steps import FailingStep, failing_steps
from shipper.report.store import Store

#: A connector is failing when of its requests in the last day this share failed, and at least so many.
FAILING_SHARE, FAILING_LEAST = 0.10, 3
RECENT_MS = DAY_MS

State = Literal["failing", "stopped", "quiet", "healthy"]
_HOSTS = """\
SELECT host, MAX(schema = 'legacy'), MAX(schema = 'unified'), SUM(events), MIN(first_ms), MAX(last_ms),
    MAX(last_ms) FILTER (WHERE operation = 'service' AND stage = 'stop'),
    MAX(last_ms) FILTER (WHERE operation IS NOT 'service' OR stage IS NOT 'stop')
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
_ORDER: dict[State, int] = {"failing": 0, "stopped": 1, "quiet": 2, "healthy": 3}


class Connector(msgspec.Struct, frozen=True):
    """One connector's host.

    Attributes:
        host: its name.
        generations: ``legacy``, ``unified``, or both.
        state: stopped goes before failing and failing before quiet, as they tell more.
        events: how many it wrote.
        requests, failures: in the whole period.
        recent_requests, recent_failures: in the last 24 hours of it.
        first_ms, last_ms: its first and last event.
        last_success_ms, last_failure_ms: of its requests; ``None`` for none.
        failed_steps: how often what is no request failed in the last 24 hours, where that makes it failing; else 0.
        worst_cause: the most frequent cause of its failed requests, or of those steps; ``None`` for none.
        worst_failures: how many failures there were with it, or of that step.
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
    failed_steps: int
    worst_cause: str | None
    worst_failures: int


def connectors(store: Store, end_ms: int) -> tuple[Connector, ...]:
    """Return every connector that wrote something, those that need somebody first.

    Args:
        store: settled.
        end_ms: up to when they are judged.
    """
    since_ms = end_ms - RECENT_MS
    requests = {row[0]: row[1:] for row in store.all(_REQUESTS, since_ms)}
    causes = {row[0]: row[1:] for row in store.all(_CAUSES)}
    steps = failing_steps(store, since_ms)
    found = [
        _connector(
            row,
            requests.get(row[0], (0, 0, 0, 0, None, None)),
            causes.get(row[0], (None, 0)),
            steps.get(row[0]),
            end_ms,
        )
        for row in store.all(_HOSTS)
    ]
    return tuple(sorted(found, key=lambda one: (_ORDER[one.state], -one.recent_failures, -one.failures, one.host)))


def _connector(
    row: tuple[str, int, int, int, int, int, int | None, int | None],
    asked: tuple[int, int, int, int, int | None, int | None],
    cause: tuple[str | None, int],
    step: FailingStep | None,
    end_ms: int,
) -> Connector:
    host, legacy, unified, events, first_ms, last_ms, stopped_ms, other_ms = row
    by_requests = asked[3] >= FAILING_LEAST and asked[3] >= FAILING_SHARE * asked[2]
    is_stopped = stopped_ms is not None and stopped_ms > (other_ms or 0)
    if step is not None and not by_requests:
        cause = (step.cause, step.failures)
    return Connector(
        host,
        tuple(compress(("legacy", "unified"), (legacy, unified))),
        _state(is_stopped, by_requests or step is not None, end_ms - last_ms),
        events,
        *asked[:4],
        first_ms,
        last_ms,
        *asked[4:],
        0 if step is None else step.failures,
        *cause,
    )


def _state(is_stopped: bool, is_failing: bool, silent_ms: int) -> State:
    if is_stopped:
        return "stopped"
    if is_failing:
        return "failing"
    return "quiet" if silent_ms > RECENT_MS else "healthy"
