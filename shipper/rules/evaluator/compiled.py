"""Conditions made ready to be asked often; they say what ``conditions.meets`` says."""

from collections.abc import Callable, Collection, Iterator
from typing import TypeAlias

import msgspec

from shipper.rules.conditions import lies_in, values_of
from shipper.rules.model import Condition, Hours, Scalar, Seen

Test: TypeAlias = Callable[[Seen], bool]


def compiled(condition: Condition) -> Test | None:
    """Return the test of a condition, or ``None`` where every document meets it."""
    tests = tuple(_tests(condition))
    if len(tests) <= 1:
        return tests[0] if tests else None

    def meets_all(seen: Seen) -> bool:
        for test in tests:  # noqa: SIM110 (a generator costs more than most of these tests)
            if not test(seen):
                return False
        return True

    return meets_all


def split(condition: Condition, fields: Collection[str]) -> tuple[Condition, Condition]:
    """Return the part of a condition that asks for nothing but these fields, and the rest of it."""
    inside = Condition(
        equals={field: values for field, values in condition.equals.items() if field in fields},
        equals_none={field: values for field, values in condition.equals_none.items() if field in fields},
        exists=tuple(field for field in condition.exists if field in fields),
        missing=tuple(field for field in condition.missing if field in fields),
    )
    rest = msgspec.structs.replace(
        condition,
        equals={field: values for field, values in condition.equals.items() if field not in fields},
        equals_none={field: values for field, values in condition.equals_none.items() if field not in fields},
        exists=tuple(field for field in condition.exists if field not in fields),
        missing=tuple(field for field in condition.missing if field not in fields),
    )
    return inside, rest


def _tests(condition: Condition) -> Iterator[Test]:
    for field, values in condition.equals.items():
        yield _has_one(field, frozenset(values_of(values)))
    for field, values in condition.equals_none.items():
        yield _denied(_has_one(field, frozenset(values_of(values))))
    for field in condition.exists:
        yield _is_there(field)
    for field in condition.missing:
        yield _denied(_is_there(field))
    for field, least in condition.at_least.items():
        yield _reaches(field, least)
    for hours in condition.outside:
        yield _is_outside(hours)


def _has_one(field: str, wanted: frozenset[Scalar]) -> Test:
    def has_one(seen: Seen) -> bool:
        values = seen.fields.get(field)
        return values is not None and not wanted.isdisjoint(values)

    return has_one


def _is_there(field: str) -> Test:
    return lambda seen: field in seen.fields


def _denied(test: Test) -> Test:
    return lambda seen: not test(seen)


def _is_outside(hours: Hours) -> Test:
    return lambda seen: not lies_in(hours, seen.time_ms)


def _reaches(field: str, least: int) -> Test:
    def reaches(seen: Seen) -> bool:
        return any(isinstance(value, int) and value >= least for value in seen.fields.get(field, ()))

    return reaches
