"""One rule as a Sigma file: the rule itself, or what is counted and, before it, the count."""

from collections.abc import Iterator

from shipper.rules.model import Count, Match, New, Rule, Unanswered
from shipper.rules.targets import yaml
from shipper.rules.targets.names import AUTHOR, LICENSE, identifier
from shipper.rules.targets.said import Unsayable
from shipper.rules.targets.sigma.detection import NATIVE, detection, fields_of, named
from shipper.rules.targets.sigma.native import in_windows_words
from shipper.rules.targets.yaml import Value

#: Sigma wants a date; the rules came out together, and what changes since stands in the change log.
DATE = "2026-11-29"
_STATUS = "test"
EVENTS_PRODUCT = "windows"
CONNECTOR_SERVICE = "intune-certificate-connector"
METRICS_PRODUCT = "intune-connector-shipper"
_DEFINITION = (
    "The channel Microsoft Intune Connector, and Admin and Operational below Microsoft-Intune-CertificateConnectors."
)
_SHIPPED = "The events as intune-connector-shipper writes them; see pipeline.yml beside this file."
_HEARTBEATS = "The heartbeats of intune-connector-shipper."


def sigma(rule: Rule) -> str | Unsayable:
    """Return the text of a rule's Sigma file."""
    if rule.where.outside:
        return Unsayable("Sigma knows no hours of the day or days of the week.")
    if isinstance(rule.looks_for, Match):
        return yaml.document(_single(rule))
    if isinstance(rule.looks_for, Count):
        return "---\n".join(map(yaml.document, (_correlation(rule, rule.looks_for), _counted(rule))))
    return Unsayable(_REASONS.get(type(rule.looks_for), "Sigma cannot say that something stays away."))


_REASONS: dict[type, str] = {
    New: "Sigma knows no first time: a correlation counts within its time span and remembers nothing before it.",
    Unanswered: "Sigma's correlations tell of events that come, not of one that stays away.",
}


def form(rule: Rule) -> str:
    """Return what a rule becomes in Sigma: ``rule``, or the type of its correlation."""
    if not isinstance(rule.looks_for, Count):
        return "rule"
    return "value_count" if rule.looks_for.distinct else "event_count"


def works_on_raw_events(rule: Rule) -> bool:
    """Say whether the Sigma rule needs nothing that Windows' own events do not have."""
    group = (*rule.by, rule.looks_for.distinct) if isinstance(rule.looks_for, Count) else ()
    used = {*fields_of(rule), *(named(field) for field in group if field)}
    return rule.reads == "events" and used <= NATIVE


def _single(rule: Rule) -> dict[str, Value]:
    return {
        **_head(rule, "sigma"),
        **_telling(rule),
        "logsource": _logsource(rule),
        "detection": detection(rule),
        **_tail(rule),
    }


def _counted(rule: Rule) -> dict[str, Value]:
    """Return the rule of the single documents, which alone raises nothing."""
    head = _head(rule, "sigma-counted")
    head["title"] = f"{rule.text['en'].name} - Counted Events"
    head["name"] = _base_name(rule)
    return {**head, "logsource": _logsource(rule), "detection": detection(rule), "level": "informational"}


def _correlation(rule: Rule, looks_for: Count) -> dict[str, Value]:
    least: dict[str, Value] = {"gte": looks_for.at_least}
    correlation: dict[str, Value] = {
        "type": form(rule),
        "rules": [_base_name(rule)],
        **({"group-by": [named(field) for field in looks_for.by]} if looks_for.by else {}),
        "timespan": looks_for.within,
        "condition": {"field": named(looks_for.distinct), **least} if looks_for.distinct else least,
    }
    return {**_head(rule, "sigma"), **_telling(rule), "correlation": correlation, **_tail(rule)}


def _base_name(rule: Rule) -> str:
    return f"intune_connector_{rule.id.replace('-', '_')}"


def _head(rule: Rule, purpose: str) -> dict[str, Value]:
    return {
        "title": rule.text["en"].name,
        "id": identifier(rule, purpose),
        "status": _STATUS,
        "description": rule.text["en"].why,
        "author": AUTHOR,
        "date": DATE,
        "license": LICENSE,
    }


def _telling(rule: Rule) -> dict[str, Value]:
    references: dict[str, Value] = {"references": list(rule.references)} if rule.references else {}
    return {**references, **({"tags": list(_tags(rule))} if rule.threat else {})}


def _tags(rule: Rule) -> Iterator[str]:
    found = [f"attack.{one.tactic.lower().replace(' ', '-')}" for one in rule.threat]
    found += [f"attack.{one.technique_id.lower()}" for one in rule.threat]
    yield from dict.fromkeys(found)


def _tail(rule: Rule) -> dict[str, Value]:
    positives: list[Value] = list(rule.false_positives)
    return {**({"falsepositives": positives} if positives else {}), "level": rule.severity}


def _logsource(rule: Rule) -> dict[str, Value]:
    if rule.reads == "metrics":
        return {"product": METRICS_PRODUCT, "service": "heartbeat", "definition": _HEARTBEATS}
    confined, _ = in_windows_words(rule.where)
    service: dict[str, Value] = {"service": CONNECTOR_SERVICE} if confined else {}
    definition: dict[str, Value] = {"definition": _DEFINITION if works_on_raw_events(rule) else _SHIPPED}
    return {"product": EVENTS_PRODUCT, **service, **(definition if confined or not works_on_raw_events(rule) else {})}
