"""Rules and documents to start from. SYNTHETIC throughout."""

from collections.abc import Iterable
from typing import Any

import msgspec

from shipper.rules.alert import Alert
from shipper.rules.evaluator import Evaluator, EvaluatorSettings, in_event_time
from shipper.rules.model import Condition, Finding, LooksFor, Match, Rule, RuleText, Scalar, Seen

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
#: 2026-11-24T00:00:00Z, a Tuesday.
DAY_MS = 1_795_478_400_000
EVENTS = "intune_connector.events"
FAILED = Condition(equals={"event.code": "20102"})
ANSWERED = Condition(equals={"event.code": "20100"})


def rule(looks_for: LooksFor | None = None, **changes: Any) -> Rule:
    """Return a rule about 20102; nothing of it is quiet unless said."""
    plain = Rule(
        id="some-rule",
        nature="failure",
        severity="medium",
        risk_score=35,
        where=FAILED,
        looks_for=looks_for or Match(),
        quiet_for="0s",
        text={
            "en": RuleText(name="Something failed", why="It matters.", first_steps=("Look at it.",)),
            "it": RuleText(name="Qualcosa non va", why="È importante.", first_steps=("Guardare.",)),
        },
    )
    return msgspec.structs.replace(plain, **changes)


def seen(minute: float, identity: str, code: str = "20102", **fields: str | int | bool | tuple[str, ...]) -> Seen:
    """Return a document of a minute of the day; ``host__name="a"`` is ``host.name``."""
    dotted = {name.replace("__", "."): value for name, value in fields.items()}
    values = {"event.dataset": EVENTS, "event.code": code, **dotted}
    tuples: dict[str, tuple[Scalar, ...]] = {}
    for name, value in values.items():
        tuples[name] = value if isinstance(value, tuple) else (value,)
    return Seen(identity, DAY_MS + round(minute * MINUTE_MS), tuples)


def on(host: str, minute: float, identity: str, code: str = "20102", **fields: str) -> Seen:
    """Return a document of a host."""
    return seen(minute, identity, code, host__name=host, **fields)


def told(alerts: Iterable[Alert]) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Return group and ids of each alert."""
    return [(alert.finding.group, alert.finding.ids) for alert in alerts]


def found(findings: Iterable[Finding]) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Return group and ids of each finding."""
    return [(finding.group, finding.ids) for finding in findings]


def streamed(one: Rule, documents: Iterable[Seen], until_minute: float = 0, **settings: int) -> list[Alert]:
    """Return what documents raise in their order, and then until a minute of the day."""
    evaluator = Evaluator([one], EvaluatorSettings(**settings))
    return list(in_event_time(evaluator, documents, DAY_MS + round(until_minute * MINUTE_MS)))
