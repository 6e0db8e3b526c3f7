"""What is remembered of a document until it can be in no finding any more."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from operator import attrgetter

import msgspec

from shipper.rules.conditions import text_of
from shipper.rules.model import Finding, Rule, Scalar, Seen
from shipper.rules.seeing import SHOWN

_TIME = attrgetter("time_ms")


class Remembered(msgspec.Struct, frozen=True, order=True, gc=False, array_like=True):
    """A document that matched.

    Attributes:
        time_ms, id: as in ``Seen``; first, since documents are sorted by them.
        shown: the values of each field of ``SHOWN``, in that order.
        values: of the field whose distinct values are counted.
    """

    time_ms: int
    id: str
    shown: tuple[tuple[Scalar, ...] | None, ...] = ()
    values: tuple[str, ...] = ()


def remembered(seen: Seen, distinct: str = "") -> Remembered:
    """Return what to remember of a document."""
    fields = seen.fields
    values = tuple(map(text_of, fields.get(distinct, ()))) if distinct else ()
    return Remembered(seen.time_ms, seen.id, tuple(map(fields.get, SHOWN)), values)


def finding(rule: Rule, group: tuple[str, ...], matched: Sequence[Remembered]) -> Finding:
    """Return the finding of documents that are sorted by time and id; there is at least one."""
    ids = tuple([one.id for one in matched])
    return Finding(rule.id, group, ids, len(ids), matched[0].time_ms, matched[-1].time_ms)


def common(matched: Iterable[Remembered]) -> dict[str, str]:
    """Return the fields in which all documents have one and the same value, with it."""
    columns = zip(*(one.shown for one in matched), strict=True)
    agreed = ((field, set(column)) for field, column in zip(SHOWN, columns, strict=False))
    single = ((field, values.pop()) for field, values in agreed if len(values) == 1)
    return {field: text_of(values[0]) for field, values in single if values is not None and len(values) == 1}


def insert(documents: list[Remembered], one: Remembered) -> int:
    """Put a document into its place and return the place; -1 where it is there already."""
    if not documents or documents[-1].time_ms < one.time_ms:
        documents.append(one)
        return len(documents) - 1
    low, high = first_from(documents, one.time_ms), first_after(documents, one.time_ms)
    place = bisect_left(documents, one.id, low, high, key=attrgetter("id"))
    if place < high and documents[place].id == one.id:
        return -1
    documents.insert(place, one)
    return place


def first_from(documents: Sequence[Remembered], time_ms: int) -> int:
    """Return the place of the first document at ``time_ms`` or later."""
    return bisect_left(documents, time_ms, key=_TIME)


def first_after(documents: Sequence[Remembered], time_ms: int) -> int:
    """Return the place of the first document later than ``time_ms``."""
    return bisect_right(documents, time_ms, key=_TIME)
