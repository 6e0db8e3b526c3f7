"""One run of a compiled rule over a span of time, in a real Elasticsearch, as Kibana's detection engine makes it.

Sources: ``x-pack/plugins/security_solution/server/lib/detection_engine/rule_types`` of elastic/kibana, by type.

What differs here, and why: a span is half-open at the millisecond where Kibana's is closed; more alerts than Kibana's
``max_signals`` are found; ``bucket_selector`` is applied to the answer, since the embedded node has no scripts.
Kibana's memory of earlier runs, which drops alerts that are there already, is not part of one run.
"""

from collections.abc import Collection, Sequence

from shipper.assets import Body
from shipper.kibana.kql import parse, to_dsl
from shipper.rules.instants import to_text
from shipper.rules.model import Rule, Silence, Unanswered
from shipper.testing.parity import esql_runs
from shipper.testing.parity.oracle import Found, span_ms
from shipper.testing.parity.searches import Group, Searches

#: The most that Elasticsearch counts exactly.
_EXACT_UP_TO = 40_000


def run(searches: Searches, rule: Rule, compiled: Body, t0_ms: int, t1_ms: int) -> Found:
    """Return the groups that a run over ``[t0_ms, t1_ms)`` alerts on, with the ids behind each.

    Args:
        searches: where to ask.
        rule: says which columns of an ES|QL answer make the group, and what its ids are.
        compiled: the rule as Kibana imports it.
        t0_ms: the beginning; a query with ``NOW()`` in it looks back by itself, as far as the rule's ``from`` does.
        t1_ms: the end, and the time of the run.
    """
    match compiled["type"]:
        case "esql":
            back = isinstance(rule.looks_for, Unanswered | Silence)
            begin_ms = t1_ms - _from_now(compiled["from"]) if back else t0_ms
            return esql_runs.run(searches, rule, compiled["query"], t1_ms, _span(compiled, begin_ms, t1_ms))
        case "threshold":
            return _threshold(searches, compiled, _within(compiled, t0_ms, t1_ms))
        case "new_terms":
            return _new_terms(searches, compiled, t0_ms, t1_ms)
        case "query":
            hits = searches.hits(compiled["index"], _within(compiled, t0_ms, t1_ms))
            return {(hit.id,): (hit.id,) for hit in hits}
        case other:
            raise ValueError(other)


def _threshold(searches: Searches, compiled: Body, within: Body) -> Found:
    wanted = compiled["threshold"]
    fields: list[str] = wanted["field"]
    inner = {
        one["field"]: {"cardinality": {"field": one["field"], "precision_threshold": _EXACT_UP_TO}}
        for one in wanted["cardinality"]
    }
    buckets = searches.buckets(compiled["index"], within, fields, inner)
    found = {group for group, bucket in buckets.items() if _reaches(wanted, bucket)}
    ids: dict[Group, list[str]] = {group: [] for group in found}
    for hit in searches.hits(compiled["index"], within, fields) if found else ():
        for group in found.intersection(hit.groups(fields)):
            ids[group].append(hit.id)
    return {group: tuple(several) for group, several in ids.items()}


def _reaches(wanted: Body, bucket: Body) -> bool:
    enough = all(bucket[one["field"]]["value"] >= one["value"] for one in wanted["cardinality"])
    return enough and bool(bucket["doc_count"] >= wanted["value"])


def _new_terms(searches: Searches, compiled: Body, t0_ms: int, t1_ms: int) -> Found:
    """Find terms in three steps: those of the span; of these, those first seen in it; the first document of each."""
    index, fields, timestamp = compiled["index"], compiled["new_terms_fields"], _timestamp(compiled)
    within = _within(compiled, t0_ms, t1_ms)
    recent = searches.buckets(index, within, fields, {})
    if not recent:
        return {}
    history = _within(compiled, t0_ms - _from_now(compiled["history_window_start"]), t1_ms)
    first_seen = {"first_seen": {"min": {"field": timestamp}}}
    seen = searches.buckets(index, _limited(history, fields, recent), fields, first_seen)
    new = {group for group, bucket in seen.items() if group in recent and bucket["first_seen"]["value"] > t0_ms}
    if not new:
        return {}
    docs = {"docs": {"top_hits": {"size": 1, "sort": [{timestamp: "asc"}], "_source": False}}}
    first = searches.buckets(index, _limited(within, fields, new), fields, docs)
    return {group: (first[group]["docs"]["hits"]["hits"][0]["_id"],) for group in new}


def _limited(query: Body, fields: Sequence[str], groups: Collection[Group]) -> Body:
    """Limit a query to some terms of each field."""
    terms = [{"terms": {field: sorted({group[place] for group in groups})}} for place, field in enumerate(fields)]
    return {"bool": {"filter": [query, *terms]}}


def _within(compiled: Body, t0_ms: int, t1_ms: int) -> Body:
    return {"bool": {"filter": [to_dsl(parse(compiled["query"])), _span(compiled, t0_ms, t1_ms)]}}


def _span(compiled: Body, t0_ms: int, t1_ms: int) -> Body:
    """Return the filter of a run; Kibana's ends with ``lte``, so a millisecond less makes it half-open."""
    return {"range": {_timestamp(compiled): {"gte": to_text(t0_ms), "lte": to_text(t1_ms - 1)}}}


def _timestamp(compiled: Body) -> str:
    return str(compiled.get("timestamp_override", "@timestamp"))


def _from_now(text: str) -> int:
    """Return the milliseconds of ``now-30d``."""
    return span_ms(text.removeprefix("now-"))
