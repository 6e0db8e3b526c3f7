"""Documents that meet a condition, and documents that only just do not."""

import uuid
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import msgspec

from shipper.assets import Body
from shipper.rules.fields import mapped_field
from shipper.rules.model import DATASETS, Condition, Hours, Reads, Scalar, Values
from shipper.testing.parity.documents import DAY_MS, HOUR_MS, copied, get, put, remove
from shipper.testing.parity.examples import examples

_MONDAY = 4  # 1970-01-05
_GUIDS = ("device.id", "user.id", ".policy.id", ".request.id", ".transaction.id", "agent.id")


class Broken(NamedTuple):
    """A document that fails one part of a condition: what about it, which field, the document."""

    what: str
    field: str
    body: Body


def fitting(reads: Reads, condition: Condition, number: int = 0) -> Body:
    """Return a document that meets ``condition`` whatever its time.

    Args:
        reads: of which data stream.
        condition: what it must be.
        number: where the condition has a choice, this one of its values, modulo their number.
    """
    body = copied(_nearest(reads, msgspec.json.encode(condition), number))
    for field, values in condition.equals.items():
        if not (number == 0 and _has(body, field, values)):
            put(body, field, _several(values)[number % len(_several(values))])
    for field, values in condition.equals_none.items():
        if _has(body, field, values):
            remove(body, field)
    for field in condition.exists:
        if not get(body, field):
            put(body, field, unique(reads, field, 0))
    for field in condition.missing:
        remove(body, field)
    for field, least in condition.at_least.items():
        if not any(int(value) >= least for value in get(body, field)):
            put(body, field, least)
    return body


def choices(condition: Condition) -> int:
    """Return how many documents it takes until each value that a condition allows has come up; two at least."""
    return max([2, *(len(_several(values)) for values in condition.equals.values())])


def broken(reads: Reads, condition: Condition, number: int = 0) -> Iterator[Broken]:
    """Yield documents that fail one part of ``condition`` each, time aside; and one that is tagged ``backfill``."""
    whole = fitting(reads, condition, number)
    for field, values in condition.equals.items():
        yield _changed(whole, f"{field} is another", field, _other(reads, field, _several(values)))
        if field != "event.code":
            yield _changed(whole, f"no {field}", field, None)
    for field, values in condition.equals_none.items():
        yield _changed(whole, f"{field} is one that it must not be", field, _several(values)[0])
    for field in condition.exists:
        yield _changed(whole, f"no {field}", field, None)
    for field in condition.missing:
        yield _changed(whole, f"{field} is there", field, unique(reads, field, 0))
    for field, least in condition.at_least.items():
        yield _changed(whole, f"{field} is one less", field, least - 1)
    yield _changed(whole, "backfill", "tags", ["backfill"])


def unique(reads: Reads, field: str, number: int, name: str = "x") -> Scalar:
    """Return a value for a field that nothing but ``name`` and ``number`` gives."""
    mapped = mapped_field(reads, field)
    if mapped is not None and mapped.kind in ("long", "double"):
        return 100_000 + number
    if mapped is not None and mapped.kind == "boolean":
        return number % 2 == 0
    if field.endswith(_GUIDS):
        return str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{name} {field} {number}"))
    return f"{name}-{number}.planted.example" if field == "host.name" else f"{name} {number}"


def lies_outside(condition: Condition, time_ms: int) -> bool:
    """Say whether a time lies in none of the hours that the condition shuts out."""
    day, within_ms = divmod(time_ms, DAY_MS)
    return not any(_covers(hours, (day - _MONDAY) % 7 + 1, within_ms) for hours in condition.outside)


def _covers(hours: Hours, weekday: int, within_ms: int) -> bool:
    return weekday in hours.days and hours.begin * HOUR_MS <= within_ms < hours.end * HOUR_MS


@cache
def _nearest(reads: Reads, encoded: bytes, number: int) -> Body:
    """Return the example in which least has to be changed; ``number`` chooses among those that are equally near."""
    condition = msgspec.json.decode(encoded, type=Condition)
    own = [body for body in examples() if get(body, "event.dataset") == (DATASETS[reads],)]
    wanted = {field: _several(values)[number % len(_several(values))] for field, values in condition.equals.items()}
    distances = [sum(value not in get(body, field) for field, value in wanted.items()) for body in own]
    nearest = [body for body, distance in zip(own, distances, strict=True) if distance == min(distances)]
    return nearest[number % len(nearest)]


def _changed(whole: Body, what: str, field: str, value: object) -> Broken:
    body = copied(whole)
    remove(body, field)
    if value is not None:
        put(body, field, value)
    return Broken(what, field, body)


def _other(reads: Reads, field: str, values: tuple[Scalar, ...]) -> Scalar:
    if all(isinstance(value, bool) for value in values):
        return not values[0]
    if all(isinstance(value, int) for value in values):
        return max(map(int, values)) + 1
    return next((value for value in _pool(reads, field) if value not in values), f"{values[0]}x")


@cache
def _pool(reads: Reads, field: str) -> tuple[Scalar, ...]:
    found = (get(body, field) for body in examples() if get(body, "event.dataset") == (DATASETS[reads],))
    return tuple(dict.fromkeys(value for values in found for value in values))


def _has(body: Body, field: str, values: Values) -> bool:
    return any(value in _several(values) for value in get(body, field))


def _several(values: Values) -> tuple[Scalar, ...]:
    return values if isinstance(values, tuple) else (values,)
