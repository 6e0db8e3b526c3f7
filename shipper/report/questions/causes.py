"""Why requests failed."""

import msgspec

from shipper.report.store import Store

_CAUSES = """\
SELECT cause, COUNT(*) AS failures, COUNT(DISTINCT device), COUNT(DISTINCT user), MIN(time_ms), MAX(time_ms),
    MIN(schema), MIN(code)
FROM request WHERE outcome = 'failure' AND cause IS NOT NULL
GROUP BY cause ORDER BY failures DESC, cause LIMIT ?
"""
_HOSTS = """\
SELECT host, COUNT(*) FROM request WHERE outcome = 'failure' AND cause = ? AND host IS NOT NULL
GROUP BY host ORDER BY 2 DESC, 1 LIMIT ?
"""
_ACTIONS = """\
SELECT action, COUNT(*) FROM request WHERE outcome = 'failure' AND cause = ? AND action IS NOT NULL
GROUP BY action ORDER BY 2 DESC, 1 LIMIT ?
"""
_SHOWN, _NAMES = 25, 8


class Cause(msgspec.Struct, frozen=True):
    """What failed for one cause.

    Attributes:
        cause: the diagnostic code or HRESULT, else the name of the error text, else the event id.
        failures: requests.
        devices, users: how many different ones.
        first_ms, last_ms: of the first and the last.
        schema, code: generation and event id of one of them, where the cause itself is unknown.
        hosts, actions: (name, failures), the most frequent first.
    """

    cause: str
    failures: int
    devices: int
    users: int
    first_ms: int
    last_ms: int
    schema: str | None
    code: str | None
    hosts: tuple[tuple[str, int], ...]
    actions: tuple[tuple[str, int], ...]


class Causes(msgspec.Struct, frozen=True):
    """The most frequent causes.

    Attributes:
        shown: the most frequent ones.
        more: how many further causes there are.
        more_failures: how many requests failed for those.
    """

    shown: tuple[Cause, ...]
    more: int
    more_failures: int


def causes(store: Store) -> Causes:
    """Return the causes of failed requests, the most frequent first."""
    shown = tuple(_cause(store, row) for row in store.all(_CAUSES, _SHOWN))
    total, failures = store.one("SELECT COUNT(DISTINCT cause), COUNT(cause) FROM request WHERE outcome = 'failure'")
    return Causes(shown, total - len(shown), failures - sum(cause.failures for cause in shown))


def _cause(store: Store, row: tuple[str, int, int, int, int, int, str | None, str | None]) -> Cause:
    hosts = tuple((name, count) for name, count in store.all(_HOSTS, row[0], _NAMES))
    actions = tuple((name, count) for name, count in store.all(_ACTIONS, row[0], _NAMES))
    return Cause(*row, hosts, actions)
