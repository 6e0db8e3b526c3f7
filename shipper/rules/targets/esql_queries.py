"""Whole ES|QL queries of the rules that KQL cannot say; each aggregates, so none needs METADATA.

That word is written in one way up to 8.x and in another in 9.x; a query without it runs in both. None ends in a
comment: Kibana puts ``| limit`` behind it. Kibana limits the documents to its ``from`` and ``to``, which are times of
``event.ingested``; a query that speaks of ``NOW()`` limits ``@timestamp`` itself.
"""

from collections.abc import Iterable, Iterator

from shipper.rules.model import DATASETS, INDEX_PATTERNS, Count, Match, Rule, Silence, Unanswered
from shipper.rules.spans import parse_span
from shipper.rules.targets import esql
from shipper.rules.targets.kql import BACKFILL

#: What makes an event the one that it is, of what an aggregation can group by.
IDENTITY = ("@timestamp", "host.name", "winlog.channel", "event.code", "winlog.record_id")
_UNITS = (("day", 86_400_000), ("hour", 3_600_000), ("minute", 60_000), ("second", 1_000), ("millisecond", 1))


def unanswered(rule: Rule, looks_for: Unanswered) -> str:
    """Return the query of a follow-up that did not come: a row a group with ``last_open`` and ``last_answer``."""
    at_hours = bool(rule.where.outside or looks_for.answer.outside)  # so the index alone cannot tell
    either = " OR ".join(f"({esql.condition(one, in_case=at_hours)})" for one in (rule.where, looks_for.answer))
    is_opening, is_answer = esql.condition(rule.where, in_case=True), esql.condition(looks_for.answer, in_case=True)
    due = f"@timestamp < NOW() - {timespan(looks_for.within)}"
    return _piped(
        _from(rule),
        f"WHERE {_together([*_standing(rule), *_since(looks_for.look_back), f'({either})'])}",
        f"EVAL opened = CASE({is_opening} AND {due}, @timestamp), answered = CASE({is_answer}, @timestamp)",
        f"STATS last_open = MAX(opened), last_answer = MAX(answered){_by(rule.by)}",
        "WHERE last_open IS NOT NULL AND (last_answer IS NULL OR last_answer < last_open)",
        "SORT last_open DESC",
    )


def silence(rule: Rule, looks_for: Silence) -> str:
    """Return the query of groups that went quiet: a row for each with ``last_seen``."""
    return _piped(
        _from(rule),
        f"WHERE {_together([*_standing(rule), *_since(looks_for.look_back), esql.condition(rule.where)])}",
        f"STATS last_seen = MAX(@timestamp){_by(rule.by)}",
        f"WHERE last_seen < NOW() - {timespan(looks_for.longer_than)}",
        "SORT last_seen DESC",
    )


def count(rule: Rule, looks_for: Count) -> str:
    """Return the query of a count: a row a group with how many ``matched``, ``first_seen`` and ``last_seen``."""
    distinct = f", distinct_values = COUNT_DISTINCT({esql.name(looks_for.distinct)})" if looks_for.distinct else ""
    measured = "distinct_values" if looks_for.distinct else "matched"
    return _piped(
        _from(rule),
        f"WHERE {_together([*_standing(rule), esql.condition(rule.where)])}",
        f"STATS matched = COUNT(*){distinct}, {_FIRST_AND_LAST}{_by(rule.by)}",
        f"WHERE {measured} >= {looks_for.at_least}",
        f"SORT {measured} DESC",
    )


def match(rule: Rule, looks_for: Match) -> str:
    """Return the query of single documents: a row for each, by what tells it from others."""
    grouped = tuple(dict.fromkeys((*IDENTITY, *looks_for.by)))
    return _piped(
        _from(rule),
        f"WHERE {_together([*_standing(rule), esql.condition(rule.where)])}",
        f"STATS matched = COUNT(*){_by(grouped)}",
        "SORT @timestamp DESC",
    )


def timespan(span: str) -> str:
    """Return a span such as ``90m`` in ES|QL's words: ``90 minutes``; the largest unit that leaves no rest."""
    span_ms = parse_span(span)
    unit, size_ms = next((unit, size) for unit, size in _UNITS if span_ms % size == 0)
    number = span_ms // size_ms
    return f"{number} {unit if number == 1 else unit + 's'}"


_FIRST_AND_LAST = "first_seen = MIN(@timestamp), last_seen = MAX(@timestamp)"


def _from(rule: Rule) -> str:
    return f"FROM {INDEX_PATTERNS[rule.reads]}"


def _standing(rule: Rule) -> Iterator[str]:
    """Yield what every rule asks for besides its own condition."""
    yield esql.is_one_of("event.dataset", DATASETS[rule.reads])
    yield esql.is_none_of("tags", BACKFILL)
    if rule.by and not isinstance(rule.looks_for, Match):
        yield esql.present(rule.by)


def _since(look_back: str) -> Iterator[str]:
    yield f"@timestamp >= NOW() - {timespan(look_back)}"
    yield "@timestamp < NOW()"


def _by(fields: Iterable[str]) -> str:
    named = ", ".join(map(esql.name, fields))
    return f" BY {named}" if named else ""


def _together(clauses: Iterable[str]) -> str:
    return " AND ".join(clause for clause in clauses if clause != "true")


def _piped(*commands: str) -> str:
    return "\n| ".join(commands)
