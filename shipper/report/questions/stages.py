"""How far requests get: downloaded, issued, uploaded, as counts per stage of events that are about one request each."""

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
#: Successes of whole batches, beside which each of their requests has an event of its own (1020, 1102 and their like).
_BATCHES = ("1002", "1100", "1202", "1300", "2202", "2100", "3002", "3100")
_COUNTS = f"""\
SELECT operation, schema, stage, SUM(events) FILTER (WHERE outcome = 'success'),
    SUM(events) FILTER (WHERE outcome = 'failure' AND final),
    SUM(events) FILTER (WHERE outcome = 'failure' AND NOT final)
FROM tally WHERE counts_as IN ('request', 'attempt') AND operation IS NOT NULL AND stage IS NOT NULL
    AND COALESCE(code, '') NOT IN {_BATCHES}
GROUP BY operation, schema, stage ORDER BY operation
"""  # noqa: S608 (ids of our own)


class Stage(msgspec.Struct, frozen=True):
    """One step of one operation: how many events tell of a success, a failure, or a try that is repeated.

    The generations stand apart, since the older connector has no events of some stages: added up, it would look as if
    requests had got lost between two of them.
    """

    operation: str
    schema: str | None
    stage: str
    succeeded: int
    failed: int
    retried: int


def stages(store: Store) -> tuple[Stage, ...]:
    """Return the steps that anything tells of, by operation, in the order in which a request takes them."""
    found = [Stage(*row[:3], *(count or 0 for count in row[3:])) for row in store.all(_COUNTS)]
    return tuple(sorted(found, key=lambda one: (one.operation, one.schema or "", _rank(one.stage))))


def _rank(stage: str) -> int:
    return STAGES.index(stage) if stage in STAGES else len(STAGES)
