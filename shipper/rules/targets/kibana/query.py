"""The part of a Kibana rule that differs from type to type."""

from shipper.assets import Body
from shipper.rules.model import INDEX_PATTERNS, Count, New, Rule, Silence, Unanswered
from shipper.rules.targets import esql_queries
from shipper.rules.targets.kql import matched_kql
from shipper.rules.targets.said import Unsayable


def type_part(rule: Rule) -> Body | Unsayable:
    """Return the keys that make a rule one of its type: ``type``, ``language``, ``query`` and what that type adds.

    ``query`` for single documents, ``threshold`` for counts, ``new_terms`` for what is new, and ``esql`` for the rest:
    what a Basic licence runs.
    """
    looks_for, kql = rule.looks_for, matched_kql(rule)
    if isinstance(looks_for, Unanswered):
        return _esql(esql_queries.unanswered(rule, looks_for))
    if isinstance(looks_for, Silence):
        return _esql(esql_queries.silence(rule, looks_for))
    if isinstance(looks_for, New):
        return _UNSAYABLE_HOURS if kql is None else {**_kql(rule, "new_terms", kql), **_new_terms(looks_for)}
    if isinstance(looks_for, Count):
        return _esql(esql_queries.count(rule, looks_for)) if kql is None else _threshold(rule, looks_for, kql)
    return _esql(esql_queries.match(rule, looks_for)) if kql is None else _kql(rule, "query", kql)


_UNSAYABLE_HOURS = Unsayable("A new_terms rule has its query in KQL, which knows no hours of the day.")


def _kql(rule: Rule, kind: str, query: str) -> Body:
    return {
        "type": kind,
        "language": "kuery",
        "query": query,
        "index": [INDEX_PATTERNS[rule.reads]],
        "filters": [],
    }


def _esql(query: str) -> Body:
    return {"type": "esql", "language": "esql", "query": query}


def _threshold(rule: Rule, looks_for: Count, query: str) -> Body:
    """Return a count; where distinct values are counted, one document is enough for the count of documents."""
    distinct = [{"field": looks_for.distinct, "value": looks_for.at_least}] if looks_for.distinct else []
    least = 1 if looks_for.distinct else looks_for.at_least
    threshold = {"field": list(rule.by), "value": least, "cardinality": distinct}
    return {**_kql(rule, "threshold", query), "threshold": threshold}


def _new_terms(looks_for: New) -> Body:
    return {
        "new_terms_fields": list(looks_for.values_of),
        "history_window_start": f"now-{looks_for.not_seen_for}",
    }
