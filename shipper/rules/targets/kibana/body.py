"""One rule as Kibana imports it.

A field left out of a file keeps, when the file overwrites a rule, the value that it had: so every field that is ours
is written, empty where there is nothing to say. Not written are ``actions``, ``exceptions_list`` and
``alert_suppression``: those are the user's, and an update must not take them away.
https://www.elastic.co/docs/api/doc/kibana/group/endpoint-security-detections-api
"""

from shipper.assets import Body
from shipper.rules.model import Count, Rule
from shipper.rules.targets.fields import is_ecs, looked_at, type_of
from shipper.rules.targets.guide import guide
from shipper.rules.targets.kibana.query import type_part
from shipper.rules.targets.kibana.schedule import schedule
from shipper.rules.targets.kibana.threat import tactics, threat
from shipper.rules.targets.names import AUTHOR, LICENSE, generations, identifier
from shipper.rules.targets.said import Unsayable

#: A tag that every rule has, and no other.
OURS = "Intune certificate connector"
#: Stands before a rule's id in ``rule_id``, which all rules of a space share, whoever wrote them.
PREFIX = "intune-connector-"
_MAX_SIGNALS = 100
_STANDING = ("event.dataset", "tags")
#: What an analyst wants to see of a matched event beside the rule's own fields.
_TELLING: dict[str, tuple[str, ...]] = {
    "events": (
        "host.name",
        "event.code",
        "event.action",
        "event.reason",
        "intune_connector.diagnostic.code",
        "intune_connector.error.hresult",
        "intune_connector.ca.name",
        "intune_connector.certificate.template_name",
        "device.id",
        "user.id",
    ),
    "metrics": ("host.name", "agent.name", "agent.id"),
}
_SETUP = {
    "events": (
        "The events come from intune-connector-shipper (`shipper ship`), the templates of its data streams from "
        "`shipper setup`. Events tagged `backfill`, older than a day when they were shipped, raise nothing."
    ),
    "metrics": (
        "The rule reads the heartbeats of intune-connector-shipper; they are written while `shipper ship --follow` "
        "runs against Elasticsearch."
    ),
}


def body(rule: Rule, *, suppress: bool = False) -> Body | Unsayable:
    """Return a rule as JSON to import, disabled.

    Args:
        rule: what it is to find.
        suppress: fold repeated alerts of a group for ``quiet_for``, which a Platinum licence can.
    """
    part = type_part(rule)
    if isinstance(part, Unsayable):
        return part
    return {**_identity(rule), **_time(rule), **part, **_telling(rule), **(_suppression(rule) if suppress else {})}


def _identity(rule: Rule) -> Body:
    return {
        "id": identifier(rule, "kibana"),
        "rule_id": PREFIX + rule.id,
        "name": rule.text["en"].name,
        "description": rule.text["en"].why,
        "version": rule.version,
        "enabled": False,
        "severity": rule.severity,
        "severity_mapping": [],
        "risk_score": rule.risk_score,
        "risk_score_mapping": [],
        "author": [AUTHOR],
        "license": LICENSE,
        "tags": _tags(rule),
    }


def _tags(rule: Rule) -> list[str]:
    return [
        OURS,
        f"Nature: {rule.nature}",
        f"Severity: {rule.severity}",
        *(f"Generation: {generation}" for generation in generations(rule)),
        *(f"Tactic: {tactic}" for tactic in tactics(rule)),
    ]


def _time(rule: Rule) -> Body:
    """Return when it runs.

    The fallback to ``@timestamp`` is off: every document has ``event.ingested``, and the fallback is a script that
    Elasticsearch runs for each document.
    """
    runs = schedule(rule)
    return {
        "interval": runs.interval,
        "from": runs.begin,
        "to": "now",
        "timestamp_override": "event.ingested",
        "timestamp_override_fallback_disabled": True,
        "max_signals": _MAX_SIGNALS,
    }


def _telling(rule: Rule) -> Body:
    fields = dict.fromkeys((*_STANDING, *looked_at(rule)))
    return {
        "note": guide(rule),
        "setup": _SETUP[rule.reads],
        "false_positives": list(rule.false_positives),
        "references": list(rule.references),
        "threat": threat(rule),
        "investigation_fields": {"field_names": list(dict.fromkeys((*rule.by, *_TELLING[rule.reads])))},
        "required_fields": [{"name": name, "type": type_of(rule, name), "ecs": is_ecs(name)} for name in fields],
        "related_integrations": [],
    }


def _suppression(rule: Rule) -> Body:
    """Return the folding of repeated alerts: by group, or by rule where there is none."""
    span = rule.quiet_for if not rule.quiet_for.endswith("d") else f"{int(rule.quiet_for[:-1]) * 24}h"
    folded: Body = {"duration": {"value": int(span[:-1]), "unit": span[-1]}}
    if not isinstance(rule.looks_for, Count):
        folded |= {"group_by": list(rule.by or ("event.code",)), "missing_fields_strategy": "suppress"}
    return {"alert_suppression": folded}
