"""Whom failures hit: devices, users, and the templates and authorities they were for."""

from typing import Literal

import msgspec

from shipper.report.store import Store

Kind = Literal["device", "user", "template", "ca"]
_RANKED = """\
SELECT {kind}, COUNT(*) FILTER (WHERE outcome = 'failure') AS failures, COUNT(*),
    COUNT(DISTINCT CASE WHEN outcome = 'failure' THEN cause END),
    MAX(time_ms) FILTER (WHERE outcome = 'failure'), MAX(time_ms) FILTER (WHERE outcome = 'success')
FROM request WHERE {kind} IS NOT NULL GROUP BY {kind} HAVING failures > 0
ORDER BY failures DESC, 5 DESC, 1 LIMIT {most}
"""
_TOTAL = "SELECT COUNT(DISTINCT {kind}) FROM request WHERE outcome = 'failure' AND {kind} IS NOT NULL"
_CAUSE = """\
SELECT cause FROM request WHERE outcome = 'failure' AND {kind} = ? GROUP BY cause ORDER BY COUNT(*) DESC, cause LIMIT 1
"""
_SHOWN = 8


class Hit(msgspec.Struct, frozen=True):
    """One device, user, template or authority with failures.

    Attributes:
        name: its id or name.
        failures, requests: how many of how many.
        causes: how many different ones.
        last_failure_ms, last_success_ms: when; ``None`` for never.
        cause: the most frequent.
    """

    name: str
    failures: int
    requests: int
    causes: int
    last_failure_ms: int
    last_success_ms: int | None
    cause: str | None

    @property
    def has_recovered(self) -> bool:
        """Say whether a request succeeded after the last one that failed."""
        return self.last_success_ms is not None and self.last_success_ms > self.last_failure_ms


class Affected(msgspec.Struct, frozen=True):
    """The hardest hit of one kind, and how many there are in all."""

    kind: Kind
    shown: tuple[Hit, ...]
    total: int

    @property
    def more(self) -> int:
        """Return how many are not shown."""
        return self.total - len(self.shown)


def affected(store: Store, kind: Kind) -> Affected:
    """Return whom failures hit hardest."""
    rows = store.all(_RANKED.format(kind=kind, most=_SHOWN))
    (total,) = store.one(_TOTAL.format(kind=kind))
    return Affected(kind, tuple(_hit(row, _cause(store, kind, row[0])) for row in rows), total)


def _hit(row: tuple[str, int, int, int, int, int | None], cause: str | None) -> Hit:
    return Hit(*row, cause)


def _cause(store: Store, kind: Kind, name: str) -> str | None:
    cause: str | None = store.one(_CAUSE.format(kind=kind), name)[0]
    return cause
