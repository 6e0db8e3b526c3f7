"""What is wrong with the fields that a rule names: unknown, of the wrong type, of no use for what they stand in."""

from collections.abc import Iterator

import msgspec

from shipper.rules.conditions import values_of
from shipper.rules.fields import known_fields, mapped_field
from shipper.rules.model import Condition, Hours, Rule, Scalar, Values

#: A group of more fields is none that anybody would look at; threshold and new terms of Kibana end there, too.
MOST_FIELDS = 3
_HOURS_A_DAY, _DAYS_A_WEEK = 24, 7
#: The type that a value must have, by the kind of the field. A number of a ``double`` is only compared by size.
_TYPES: dict[str, type[Scalar]] = {"keyword": str, "long": int, "boolean": bool}
_NUMBERS = frozenset({"long", "double"})
_FIELDS_HINT = "docs/reference/document.md and docs/reference/metrics.md list the fields"


class Fault(msgspec.Struct, frozen=True):
    """Something wrong with a rule.

    Attributes:
        key: dotted, as in the file; empty for the whole file.
        reason: what is wrong, a sentence without a full stop.
        hint: what to try.
    """

    key: str
    reason: str
    hint: str = ""


def condition_faults(rule: Rule, key: str, condition: Condition) -> Iterator[Fault]:
    """Yield what is wrong with a condition, which stands under ``key``."""
    for field, values in condition.equals.items():
        yield from _compared(rule, f"{key}.is.{field}", field, values)
    for field, values in condition.equals_none.items():
        yield from _compared(rule, f"{key}.is_not.{field}", field, values)
    for part in ("exists", "missing"):
        for field in getattr(condition, part):
            yield from _known(rule, f"{key}.{part}", field)
    for field in condition.at_least:
        yield from _known(rule, f"{key}.at_least", field, _NUMBERS)
    for number, hours in enumerate(condition.outside):
        yield from _hours(f"{key}.outside[{number}]", hours)


def _compared(rule: Rule, key: str, field: str, values: Values) -> Iterator[Fault]:
    found = list(_known(rule, key, field, frozenset(_TYPES)))
    yield from found
    if not values_of(values):
        yield Fault(key, "has no value", "name one or several")
    mapped = mapped_field(rule.reads, field)
    if mapped is None or found:
        return
    for value in values_of(values):
        if type(value) is not _TYPES[mapped.kind]:
            yield Fault(key, f"{value!r} is no {mapped.kind}", "the type of the field decides how a value is written")
        elif isinstance(value, str) and len(value) > mapped.ignore_above > 0:
            yield Fault(key, f"is longer than the {mapped.ignore_above} characters that are indexed")


def _known(rule: Rule, key: str, field: str, kinds: frozenset[str] | None = None) -> Iterator[Fault]:
    mapped = mapped_field(rule.reads, field)
    if mapped is None:
        yield Fault(key, f"{field} is no field of the {rule.reads}", _nearest(rule, field))
    elif mapped.kind in ("text", "flattened"):
        yield Fault(key, f"{field} is {mapped.kind}: it cannot be compared exactly", _FIELDS_HINT)
    elif kinds is not None and mapped.kind not in kinds:
        yield Fault(key, f"{field} is a {mapped.kind}, which cannot stand here", f"fit: {', '.join(sorted(kinds))}")


def _nearest(rule: Rule, field: str) -> str:
    import difflib

    near = difflib.get_close_matches(field, known_fields(rule.reads), n=2)
    return f"did you mean {' or '.join(near)}?" if near else _FIELDS_HINT


def _hours(key: str, hours: Hours) -> Iterator[Fault]:
    if not 0 <= hours.begin < hours.end <= _HOURS_A_DAY:
        yield Fault(key, "begin and end are hours of a day, begin before end", "begin = 8, end = 18, say")
    days = set(hours.days)
    if not days or len(days) < len(hours.days) or not days <= set(range(1, _DAYS_A_WEEK + 1)):
        yield Fault(f"{key}.days", "days are 1 (Monday) to 7 (Sunday), each once")


def grouping_faults(rule: Rule, key: str, fields: tuple[str, ...]) -> Iterator[Fault]:
    """Yield what is wrong with fields that documents are grouped by, which stand under ``key``."""
    if len(fields) > MOST_FIELDS:
        yield Fault(key, f"names {len(fields)} fields", f"name {MOST_FIELDS} at most")
    if len(set(fields)) < len(fields):
        yield Fault(key, "names a field twice")
    for field in fields:
        unfit = list(_known(rule, key, field, frozenset(_TYPES)))
        yield from unfit
        mapped = mapped_field(rule.reads, field)
        if mapped is not None and not mapped.doc_values and not unfit:
            yield Fault(key, f"{field} is kept without doc values: it cannot be grouped by", _FIELDS_HINT)
