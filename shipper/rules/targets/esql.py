"""Conditions of a rule in ES|QL, in words that Elasticsearch 8.12 has and 9.x still has.

https://www.elastic.co/guide/en/elasticsearch/reference/8.12/esql-functions-operators.html. A comparison with a missing
field, or with one that holds several values, is null, which is neither true nor false: so what is denied says what a
missing field does, and fields that hold several are compared as one text.
"""

import re
from collections.abc import Iterable, Iterator

from shipper.rules.conditions import values_of
from shipper.rules.model import Condition, Hours, Scalar, Values
from shipper.rules.targets.fields import MULTI_VALUED

_STRING_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\t": "\\t", "\r": "\\r", "\n": "\\n"})
_PATTERN_ESCAPES = str.maketrans({"\\": "\\\\", "*": "\\*", "?": "\\?"})
_PLAIN_NAME = re.compile(r"[@a-z_][\w.]*", re.ASCII | re.IGNORECASE)
_BETWEEN_VALUES = "|"
_HOUR_MS = 3_600_000
_DAY_MS = 24 * _HOUR_MS
#: The first day of 1970 was a Thursday, three days after a Monday.
_DAYS_SINCE_MONDAY = 3
_WEEK = 7


def condition(wanted: Condition, *, in_case: bool = False) -> str:
    """Return an expression that is true for the documents that meet ``wanted``; ``true`` where it says nothing.

    Args:
        wanted: what a document must be.
        in_case: without ``IN``, and without the ``OR`` of which Elasticsearch makes one. Where ``IN`` is not left to
            the index but computed document by document, it needs a module that the smallest Elasticsearch, on
            which our tests run the very queries that are shipped, does not have.
    """
    return " AND ".join(_clauses(wanted, in_case=in_case)) or "true"


def present(fields: Iterable[str]) -> str:
    """Return an expression that is true where every field is there."""
    return " AND ".join(f"{name(field)} IS NOT NULL" for field in fields)


def is_one_of(field: str, values: Values, *, in_case: bool = False) -> str:
    """Return an expression that is true where a field has one of some values."""
    wanted = values_of(values)
    if field in MULTI_VALUED:
        return _either(f"{_joined(field)} LIKE {_contains(str(value))}" for value in wanted)
    literals = [literal(value) for value in wanted]
    if len(literals) == 1:
        return f"{name(field)} == {literals[0]}"
    if in_case:
        return f"CASE({', '.join(f'{name(field)} == {value}, true' for value in literals)}, false)"
    return f"{name(field)} IN ({', '.join(literals)})"


def is_none_of(field: str, values: Values) -> str:
    """Return an expression that is true where a field has none of some values, or is not there."""
    wanted = values_of(values)
    if field in MULTI_VALUED:
        return f"NOT {_either((f'{_joined(field)} LIKE {_contains(str(value))}' for value in wanted), always=True)}"
    differs = " AND ".join(f"{name(field)} != {literal(value)}" for value in wanted)
    return f"({name(field)} IS NULL OR {differs})"


def name(field: str) -> str:
    """Return a field's name as ES|QL takes it."""
    return field if _PLAIN_NAME.fullmatch(field) else f"`{field.replace('`', '``')}`"


def literal(value: Scalar) -> str:
    """Return a value as a literal that means exactly it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else f'"{value.translate(_STRING_ESCAPES)}"'


def _clauses(wanted: Condition, *, in_case: bool) -> Iterator[str]:
    yield from (is_one_of(field, values, in_case=in_case) for field, values in wanted.equals.items())
    yield from (is_none_of(field, values) for field, values in wanted.equals_none.items())
    yield from (f"{name(field)} IS NOT NULL" for field in wanted.exists)
    yield from (f"{name(field)} IS NULL" for field in wanted.missing)
    yield from (f"{name(field)} >= {least}" for field, least in wanted.at_least.items())
    yield from (f"NOT ({_within(hours)})" for hours in wanted.outside)


def _joined(field: str) -> str:
    """Return an expression of all values of a field as one text, each between bars; two bars where there is none."""
    return f'CONCAT("|", COALESCE(MV_CONCAT({name(field)}, "{_BETWEEN_VALUES}"), ""), "|")'


def _contains(value: str) -> str:
    return literal(f"*|{value.translate(_PATTERN_ESCAPES)}|*")


def _either(expressions: Iterable[str], *, always: bool = False) -> str:
    several = list(expressions)
    joined = " OR ".join(several)
    return f"({joined})" if always or len(several) > 1 else joined


def _within(hours: Hours) -> str:
    return " AND ".join([*_days(hours.days), *_hours(hours)]) or "true"


def _hours(hours: Hours) -> Iterator[str]:
    if hours.begin > 0:
        yield f"TO_LONG(@timestamp) % {_DAY_MS} >= {hours.begin * _HOUR_MS}"
    if hours.end * _HOUR_MS < _DAY_MS:
        yield f"TO_LONG(@timestamp) % {_DAY_MS} < {hours.end * _HOUR_MS}"


def _days(days: tuple[int, ...]) -> Iterator[str]:
    if len(set(days)) < _WEEK:
        weekday = f"(TO_LONG(@timestamp) / {_DAY_MS} + {_DAYS_SINCE_MONDAY}) % {_WEEK}"
        yield _either((f"{weekday} == {day - 1}" for day in sorted(set(days))), always=True)
