"""The documents that a rule looks at, as filters of the query DSL: exact, with nothing to be escaped.

https://elastalert2.readthedocs.io/en/latest/recipes/writing_filters.html
"""

from collections.abc import Iterator

from shipper.rules.conditions import values_of
from shipper.rules.model import DATASETS, Condition, Match, Rule, Values
from shipper.rules.targets.kql import BACKFILL
from shipper.rules.targets.yaml import Value


def filters(rule: Rule) -> list[Value]:
    """Return the filters, all of which must hold; hours are left out."""
    denied: list[Value] = [_is("tags", BACKFILL), *_denied(rule.where)]
    wanted = [_is("event.dataset", DATASETS[rule.reads]), *_wanted(rule.where), *_grouped(rule)]
    return [*wanted, {"bool": {"must_not": denied}}]


def _wanted(condition: Condition) -> Iterator[Value]:
    yield from (_is(field, values) for field, values in condition.equals.items())
    yield from (_exists(field) for field in condition.exists)
    yield from ({"range": {field: {"gte": least}}} for field, least in condition.at_least.items())


def _denied(condition: Condition) -> Iterator[Value]:
    yield from (_is(field, values) for field, values in condition.equals_none.items())
    yield from (_exists(field) for field in condition.missing)


def _grouped(rule: Rule) -> Iterator[Value]:
    """Yield that the fields of a group are there: ElastAlert would make a group of those that lack them."""
    if not isinstance(rule.looks_for, Match):
        yield from (_exists(field) for field in rule.by if field not in rule.where.exists)


def _is(field: str, values: Values) -> Value:
    several = list(values_of(values))
    return {"term": {field: several[0]}} if len(several) == 1 else {"terms": {field: several}}


def _exists(field: str) -> Value:
    return {"exists": {"field": field}}
