"""When: requests by outcome, failures by host and by cause, in the columns of the charts."""

import msgspec

from shipper.report.questions.scope import Scope
from shipper.report.store import Store

_OUTCOMES = """\
SELECT time_ms / ?1 * ?1, CASE WHEN outcome IN ('success', 'failure') THEN outcome ELSE 'unknown' END, COUNT(*)
FROM request WHERE time_ms >= ?2 GROUP BY 1, 2 ORDER BY 1, 2
"""
_ROWS = """\
SELECT {name}, COUNT(*) FROM request WHERE outcome = 'failure' AND {name} IS NOT NULL AND time_ms >= ?
GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ?
"""
_CELLS = """\
SELECT time_ms / ?1 * ?1, {name}, COUNT(*) FROM request
WHERE outcome = 'failure' AND {name} IS NOT NULL AND time_ms >= ?2 GROUP BY 1, 2
"""
_MOST_ROWS = 12
#: Beyond it the answer says that there are at least so many.
_COUNTED = 10_000


class Column(msgspec.Struct, frozen=True):
    """How many requests of one outcome ended in the span of time that begins at ``at_ms``."""

    at_ms: int
    outcome: str
    requests: int


class Cell(msgspec.Struct, frozen=True):
    """How many requests of one row failed in the span of time that begins at ``at_ms``."""

    at_ms: int
    row: str
    failures: int


class Heat(msgspec.Struct, frozen=True):
    """Failures by row and time.

    Attributes:
        rows: those with the most failures first.
        cells: of those rows; only where something failed.
        more: how many further rows had failures.
    """

    rows: tuple[str, ...]
    cells: tuple[Cell, ...]
    more: int


def timeline(store: Store, scope: Scope) -> tuple[Column, ...]:
    """Return the requests by time and outcome."""
    return tuple(Column(*row) for row in store.all(_OUTCOMES, scope.width_ms, scope.drawn_from_ms))


def heat_by_host(store: Store, scope: Scope) -> Heat:
    """Return the failures by host and time."""
    return _heat(store, scope, "host")


def heat_by_cause(store: Store, scope: Scope) -> Heat:
    """Return the failures by cause and time."""
    return _heat(store, scope, "cause")


def _heat(store: Store, scope: Scope, name: str) -> Heat:
    ranked = store.all(_ROWS.format(name=name), scope.drawn_from_ms, _COUNTED)
    rows = tuple(str(row[0]) for row in ranked[:_MOST_ROWS])
    cells = store.all(_CELLS.format(name=name), scope.width_ms, scope.drawn_from_ms)
    return Heat(rows, tuple(Cell(*cell) for cell in cells if cell[1] in rows), len(ranked) - len(rows))
