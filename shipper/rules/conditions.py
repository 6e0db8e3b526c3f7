"""Whether a document is what a rule looks at: the plain reading, which everything faster is held to.

A field that has several values meets ``is`` when one of them does, and ``is_not`` when none does.
"""

from collections.abc import Iterable, Iterator
from itertools import islice, product

from shipper.rules.model import DATASETS, Condition, Hours, Reads, Rule, Scalar, Seen, Values

_DAY_MS = 86_400_000
_HOUR_MS = 3_600_000
#: 1970-01-01 was a Thursday, ISO weekday 4.
_EPOCH_WEEKDAY = 4
#: A document with several values in a field belongs to several groups, at most to this many: Kibana's own bound for
#: new terms. https://www.elastic.co/guide/en/security/8.17/rules-ui-create.html#create-new-terms-rule
MOST_GROUPS_OF_ONE = 100


def selects(rule: Rule, seen: Seen) -> bool:
    """Say whether ``rule`` looks at the document at all: its data stream and its own condition."""
    return is_of(rule.reads, seen) and meets(rule.where, seen)


def is_of(reads: Reads, seen: Seen) -> bool:
    """Say whether the document is of the data stream."""
    return DATASETS[reads] in seen.fields.get("event.dataset", ())


def meets(condition: Condition, seen: Seen) -> bool:
    """Say whether a document is all that the condition asks for."""
    fields = seen.fields
    return (
        all(_has_one(fields.get(field, ()), values) for field, values in condition.equals.items())
        and not any(_has_one(fields.get(field, ()), values) for field, values in condition.equals_none.items())
        and all(field in fields for field in condition.exists)
        and not any(field in fields for field in condition.missing)
        and all(_reaches(fields.get(field, ()), least) for field, least in condition.at_least.items())
        and not any(lies_in(hours, seen.time_ms) for hours in condition.outside)
    )


def lies_in(hours: Hours, time_ms: int) -> bool:
    """Say whether a time lies in these hours of the week, UTC."""
    day, within_ms = divmod(time_ms, _DAY_MS)
    weekday = (day + _EPOCH_WEEKDAY - 1) % 7 + 1
    return weekday in hours.days and hours.begin <= within_ms / _HOUR_MS < hours.end


def groups_of(fields: tuple[str, ...], seen: Seen) -> Iterable[tuple[str, ...]]:
    """Return the groups that a document belongs to: one for each combination of its values, at most a hundred.

    A document that lacks one of the fields belongs to none; without fields all belong to the group ``()``.
    """
    group: tuple[str, ...] = ()
    for field in fields:
        values = seen.fields.get(field, ())
        if len(values) != 1 or not isinstance(values[0], str):
            return _combinations(fields, seen)
        group += (values[0],)
    return (group,)


def _combinations(fields: tuple[str, ...], seen: Seen) -> Iterator[tuple[str, ...]]:
    values = (dict.fromkeys(map(text_of, seen.fields.get(field, ()))) for field in fields)
    return islice(product(*values), MOST_GROUPS_OF_ONE)


def text_of(value: Scalar) -> str:
    """Return a value as text, as JSON and Elasticsearch write it: ``true``, ``42``."""
    if isinstance(value, str):
        return value
    return str(value).lower() if isinstance(value, bool) else str(value)


def values_of(wanted: Values) -> tuple[Scalar, ...]:
    """Return the values that a condition names for a field, one or several, as several."""
    return wanted if isinstance(wanted, tuple) else (wanted,)


def _has_one(values: tuple[Scalar, ...], wanted: Values) -> bool:
    return any(value in values_of(wanted) for value in values)


def _reaches(values: tuple[Scalar, ...], least: int) -> bool:
    return any(isinstance(value, int) and value >= least for value in values)
