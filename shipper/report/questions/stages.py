"""How far things get: what was downloaded, issued, uploaded, as counts of events per stage."""

import msgspec

from shipper.report.store import Store

#: The order in which a request goes through them.
STAGES = (
    "download",
    "receive",
    "decrypt",
    "verify",
    "reencrypt",
    "issue",
    "forward",
    "revoke",
    "upload",
    "notify",
    "request",
)
_COUNTS = """\
SELECT operation, stage, SUM(events) FILTER (WHERE outcome = 'success'),
    SUM(events) FILTER (WHERE outcome = 'failure' AND final),
    SUM(events) FILTER (WHERE outcome = 'failure' AND NOT final)
FROM tally WHERE counts_as IN ('request', 'attempt') AND operation IS NOT NULL AND stage IS NOT NULL
GROUP BY operation, stage ORDER BY operation
"""


class Stage(msgspec.Struct, frozen=True):
    """One step of one operation: how many events tell of a success, a failure, or a try that is repeated."""

    operation: str
    stage: str
    succeeded: int
    failed: int
    retried: int


def stages(store: Store) -> tuple[Stage, ...]:
    """Return the steps that anything tells of, by operation, in the order in which a request takes them."""
    found = [Stage(row[0], row[1], row[2] or 0, row[3] or 0, row[4] or 0) for row in store.all(_COUNTS)]
    return tuple(sorted(found, key=lambda one: (one.operation, _rank(one.stage))))


def _rank(stage: str) -> int:
    return STAGES.index(stage) if stage in STAGES else len(STAGES)
