"""Rules that nobody ships, which say what no shipped rule says: every part of the model is compiled and run."""

from shipper.rules.model import (
    Condition,
    Count,
    Hours,
    LooksFor,
    Match,
    New,
    Reads,
    Rule,
    RuleText,
    Silence,
    Unanswered,
    Values,
)

_TEXT = RuleText(name="A rule", why="It matters.", first_steps=("Look.",))
_NIGHT = (Hours(begin=6, end=20, days=(1, 2, 3, 4, 5)),)
_HOST = ("host.name",)
_HOST_AND_TEMPLATE = ("host.name", "intune_connector.certificate.template_name")
_FAILED: dict[str, Values] = {"event.outcome": "failure", "intune_connector.counts_as": "request"}


def _rule(name: str, where: Condition, looks_for: LooksFor, reads: Reads = "events") -> Rule:
    return Rule(
        id=name,
        nature="failure",
        severity="low",
        risk_score=1,
        reads=reads,
        where=where,
        looks_for=looks_for,
        text={"en": _TEXT, "it": _TEXT},
    )


_MATCHES = (
    _rule("match-at-night", Condition(equals=_FAILED, outside=_NIGHT), Match(by=_HOST)),
    _rule("match-of-what-is-missing", Condition(equals=_FAILED, missing=("user.id",), exists=("device.id",)), Match()),
    _rule(
        "match-of-none-of",
        Condition(equals=_FAILED, equals_none={"event.code": ("20102", "1001"), "intune_connector.final": False}),
        Match(),
    ),
    _rule(
        "match-of-several-values",
        Condition(equals={"event.type": ("connection", "deletion"), "event.outcome": "failure"}),
        Match(),
    ),
    _rule(
        "match-of-fractions",
        Condition(
            at_least={"intune_connector.shipper.seconds": 300},
            exists=("agent.name",),
            equals_none={"intune_connector.shipper.state": "waiting"},
        ),
        Match(),
        "metrics",
    ),
)
_COUNTS = (
    _rule(
        "count-by-two-at-night",
        Condition(equals=_FAILED, outside=_NIGHT),
        Count(by=_HOST_AND_TEMPLATE, at_least=2, within="6h"),
    ),
    _rule(
        "count-of-values-at-night",
        Condition(equals=_FAILED, outside=_NIGHT),
        Count(by=_HOST, distinct="device.id", at_least=2, within="6h"),
    ),
    _rule("count-of-values-of-all", Condition(equals=_FAILED), Count(distinct="device.id", at_least=9, within="6h")),
    _rule(
        "count-by-several-values",
        Condition(equals={"event.outcome": "failure"}),
        Count(by=("event.type",), at_least=9, within="6h"),
    ),
)
_NEW = (
    _rule(
        "new-by-two",
        Condition(equals={"event.outcome": ("success", "failure")}),
        New(values_of=_HOST_AND_TEMPLATE, not_seen_for="3d"),
    ),
    _rule("new-by-several-values", Condition(equals=_FAILED), New(values_of=("related.hosts",), not_seen_for="1d")),
)
_WAITING = (
    _rule(
        "unanswered-by-two",
        Condition(
            equals={"intune_connector.stage": ("request", "download"), "event.outcome": "success"},
            equals_none={"event.code": ("1002", "3002")},
        ),
        Unanswered(
            by=("host.name", "device.id"),
            answer=Condition(equals={"event.code": ("1000", "20300")}),
            within="2h",
            look_back="1d",
        ),
    ),
    _rule(
        "unanswered-at-all",
        Condition(equals={"event.code": "20102"}),
        Unanswered(by=(), answer=Condition(equals={"event.code": "10010"}), within="15m", look_back="12h"),
    ),
    _rule(
        "silence-by-two",
        Condition(equals={"event.type": ("creation", "connection")}),
        Silence(by=("host.name", "winlog.channel"), longer_than="4h", look_back="3d"),
    ),
    _rule(
        "silence-of-all",
        Condition(equals={"event.code": "20202"}),
        Silence(by=(), longer_than="2h", look_back="5d"),
    ),
)
UNSHIPPED = (*_MATCHES, *_COUNTS, *_NEW, *_WAITING)
