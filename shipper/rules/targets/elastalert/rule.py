"""One rule as a file of ElastAlert 2.

https://elastalert2.readthedocs.io/en/latest/ruletypes.html. ElastAlert looks at ``event.ingested``, as Kibana's rules
do, so that a document that came late is seen.
"""

from shipper.rules.model import INDEX_PATTERNS, Count, LooksFor, Match, New, Rule, Silence
from shipper.rules.spans import UNITS_MS
from shipper.rules.targets import yaml
from shipper.rules.targets.elastalert.query import filters
from shipper.rules.targets.guide import guide
from shipper.rules.targets.said import Unsayable
from shipper.rules.targets.yaml import Value

_COMMENT = """\
Name your own alerter in place of debug, which only writes to ElastAlert's log:
https://elastalert2.readthedocs.io/en/latest/alerts.html"""
_UNIT_NAMES = dict(zip(UNITS_MS, ("days", "hours", "minutes", "seconds"), strict=True))


def elastalert(rule: Rule) -> str | Unsayable:
    """Return the text of a rule's file."""
    said = body(rule)
    return said if isinstance(said, Unsayable) else yaml.document(said, _COMMENT)


def body(rule: Rule) -> dict[str, Value] | Unsayable:
    """Return what a rule's file says."""
    if rule.where.outside:
        return Unsayable("ElastAlert has filters of the query DSL, in which hours of the day need a script.")
    kind = _kind(rule.looks_for)
    return kind if isinstance(kind, Unsayable) else {**_head(rule), **kind, **_group(rule), **_alert(rule)}


def _head(rule: Rule) -> dict[str, Value]:
    return {
        "name": rule.text["en"].name,
        "description": rule.text["en"].why,
        "index": INDEX_PATTERNS[rule.reads],
        "timestamp_field": "event.ingested",
        "filter": filters(rule),
    }


def _kind(looks_for: LooksFor) -> dict[str, Value] | Unsayable:
    match looks_for:
        case Match():
            return {"type": "any"}
        case Count(distinct="", at_least=least, within=within):
            return {"type": "frequency", "num_events": least, "timeframe": _span(within)}
        case Count(distinct=field, at_least=least, within=within):
            return {
                "type": "cardinality",
                "cardinality_field": field,
                "max_cardinality": least - 1,
                "timeframe": _span(within),
            }
        case New():
            return _new_term(looks_for)
        case Silence(longer_than=span):
            return {"type": "flatline", "threshold": 1, "timeframe": _span(span)}
        case _:
            return Unsayable("ElastAlert has no rule type for something that lacks its follow-up.")


def _new_term(looks_for: New) -> dict[str, Value]:
    """Return a first time; the shipper's keywords have no second field ``.keyword``, which is looked for by default."""
    fields = looks_for.values_of
    return {
        "type": "new_term",
        "fields": [fields[0] if len(fields) == 1 else list(fields)],
        "terms_window_size": _span(looks_for.not_seen_for),
        "use_keyword_postfix": False,
    }


def _group(rule: Rule) -> dict[str, Value]:
    """Return by what alerts are held apart; a host that is gone for good is told of once."""
    if not rule.by:
        return {}
    forget: dict[str, Value] = {"forget_keys": True} if isinstance(rule.looks_for, Silence) else {}
    return {"query_key": rule.by[0] if len(rule.by) == 1 else list(rule.by), **forget}


def _alert(rule: Rule) -> dict[str, Value]:
    return {
        "realert": _span(rule.quiet_for),
        "alert": ["debug"],
        "alert_subject": rule.text["en"].name,
        "alert_text": guide(rule),
    }


def _span(text: str) -> dict[str, Value]:
    return {_UNIT_NAMES[text[-1]]: int(text[:-1])}
