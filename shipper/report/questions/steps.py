"""Which connectors fail at what is no request: an exchange with Intune, a health message, a renewal."""

import msgspec

from shipper.report.store import Store

#: A step fails when it did so this often in the last day, and at least as often as it succeeded.
LEAST = 3
#: Final failures alone: a try that is repeated is no failure yet. Requests have their own rule, by share.
_FAILING = """\
SELECT host, operation, stage, COUNT(*) FILTER (WHERE outcome = 'failure') AS failures FROM event
WHERE time_ms >= ?1 AND host IS NOT NULL AND final AND counts_as IN ('attempt', 'health', 'lifecycle')
GROUP BY host, operation, stage
HAVING failures >= ?2 AND failures >= COUNT(*) FILTER (WHERE outcome = 'success')
ORDER BY failures DESC, operation, stage
"""
_CAUSE = """\
SELECT cause FROM event
WHERE time_ms >= ? AND host = ? AND operation IS ? AND stage IS ? AND outcome = 'failure' AND final
    AND counts_as IN ('attempt', 'health', 'lifecycle')
GROUP BY cause ORDER BY COUNT(*) DESC, cause LIMIT 1
"""


class FailingStep(msgspec.Struct, frozen=True):
    """The step that failed most often at one connector, and its most frequent cause."""

    failures: int
    cause: str | None


def failing_steps(store: Store, since_ms: int) -> dict[str, FailingStep]:
    """Return, by host, the step that fails; hosts without one are left out.

    Args:
        store: settled.
        since_ms: what was before does not count.
    """
    found: dict[str, FailingStep] = {}
    for host, operation, stage, failures in store.all(_FAILING, since_ms, LEAST):
        if host not in found:
            found[host] = FailingStep(failures, store.one(_CAUSE, since_ms, host, operation, stage)[0])
    return found
