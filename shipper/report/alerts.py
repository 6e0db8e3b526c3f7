"""What the rules raise when they see the rows in the order of time."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from heapq import heappush, heapreplace

import msgspec

from shipper.report.sifter import Memory, names_seen
from shipper.report.store import Answers
from shipper.rules.alert import Alert
from shipper.rules.evaluator import Evaluator, in_event_time
from shipper.rules.model import Rule, Seen

_AT_ONCE = 1000
#: How many alerts the page lists one by one.
LISTED = 60


class Raised(msgspec.Struct, frozen=True):
    """The alerts of one rule.

    Attributes:
        rule: which.
        alerts: how many.
        first_ms, last_ms: when the first and the last were raised.
    """

    rule: Rule
    alerts: int
    first_ms: int
    last_ms: int


class Alerts(msgspec.Struct, frozen=True):
    """What was raised.

    Attributes:
        by_rule: the gravest rule first.
        listed: the gravest alerts, of those the latest, in the order of time.
        total: all of them.
        rules: how many rules looked.
    """

    by_rule: tuple[Raised, ...] = ()
    listed: tuple[Alert, ...] = ()
    total: int = 0
    rules: int = 0


def _nobody(_alert: Alert) -> None:
    """Hear nothing."""


def raise_alerts(
    store: Answers,
    rules: Sequence[Rule],
    end_ms: int,
    names: tuple[str, ...],
    hear: Callable[[Alert], None] = _nobody,
) -> Alerts:
    """Return what the rules raise.

    Args:
        store: settled.
        rules: all that look.
        end_ms: up to when silence is judged.
        names: the fields that were kept of each document: ``names_seen`` of all rules that it was sifted for.
        hear: gets each alert as it is raised.
    """
    counted: dict[str, Raised] = {}
    gravest: list[tuple[int, int, str, Alert]] = []
    total = 0
    for alert in in_event_time(Evaluator(rules), _in_order(store, names, names_seen(rules)), end_ms):
        hear(alert)
        total += 1
        counted[alert.rule.id] = _counted(counted.get(alert.rule.id), alert)
        _keep(gravest, alert)
    return _alerts(counted.values(), gravest, total, len(rules))


def merged(parts: Sequence[Alerts]) -> Alerts:
    """Return the alerts of several sets of rules as those of one."""
    gravest: list[tuple[int, int, str, Alert]] = []
    for part in parts:
        for alert in part.listed:
            _keep(gravest, alert)
    counted = [raised for part in parts for raised in part.by_rule]
    return _alerts(counted, gravest, sum(part.total for part in parts), sum(part.rules for part in parts))


def _alerts(
    counted: Iterable[Raised], gravest: Iterable[tuple[int, int, str, Alert]], total: int, rules: int
) -> Alerts:
    by_rule = sorted(counted, key=lambda one: (-one.rule.risk_score, -one.alerts, one.rule.id))
    listed = sorted((entry[-1] for entry in gravest), key=lambda alert: (alert.at_ms, alert.id))
    return Alerts(tuple(by_rule), tuple(listed), total, rules)


def _in_order(store: Answers, names: tuple[str, ...], wanted: tuple[str, ...]) -> Iterator[Seen]:
    memory = Memory(names, wanted)
    for rows in store.each(memory.question, _AT_ONCE):
        yield from map(memory.seen, rows)


def _counted(before: Raised | None, alert: Alert) -> Raised:
    if before is None:
        return Raised(alert.rule, 1, alert.at_ms, alert.at_ms)
    first_ms, last_ms = min(before.first_ms, alert.at_ms), max(before.last_ms, alert.at_ms)
    return Raised(alert.rule, before.alerts + 1, first_ms, last_ms)


def _keep(gravest: list[tuple[int, int, str, Alert]], alert: Alert) -> None:
    entry = (alert.rule.risk_score, alert.at_ms, alert.id, alert)
    if len(gravest) < LISTED:
        heappush(gravest, entry)
    elif entry[:3] > gravest[0][:3]:
        heapreplace(gravest, entry)
