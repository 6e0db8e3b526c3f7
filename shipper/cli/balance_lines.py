"""Rows and events of an audit as people read them."""

from collections.abc import Iterator, Sequence

import msgspec

from shipper.audit import Duplicate, Missing, Row, StoredNotice
from shipper.audit.period import spelled

#: So many ranges of one channel are shown; all of them are in the JSON object.
RANGES_SHOWN = 10

_HEADINGS = ("record ids", "source", "stored", "missing", "dead", "gaps", "reported", "doubled")


class Line(msgspec.Struct, frozen=True):
    """A line of the table, not yet made harmless.

    Attributes:
        text: without a line feed.
        faulty: it tells of something that is wrong.
    """

    text: str
    faulty: bool = False


def table(rows: Sequence[Row]) -> Iterator[Line]:
    """Yield the rows as a table of two lines each: names may be long, and numbers stand below them in 80 columns."""
    cells = [_HEADINGS, *map(_cells, rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    head, *lines = ["  " + "  ".join(map(str.rjust, line, widths)) for line in cells]
    yield Line("computer, channel")
    yield Line(head)
    for row, line in zip(rows, lines, strict=True):
        yield Line(_name(row), not row.clean)
        yield Line(line, not row.clean)
    yield Line("")


def _cells(row: Row) -> tuple[str, ...]:
    numbers = row.numbers
    counts = (row.at_source.events, row.in_elasticsearch.events, row.missing, row.dead_letters)
    return (
        f"{numbers.first} to {numbers.last}" if numbers.first is not None else "",
        *(f"{count:,}" for count in counts),
        *((f"{row.gaps:,}", f"{row.reported:,}") if row.whole else ("-", "-")),
        f"{row.duplicates:,}",
    )


def _name(row: Row) -> str:
    return f"{row.computer or '(none)'}, {row.channel or '(none)'}"


def missing_line(one: Missing) -> str:
    """Return where and when an event was written that is missing."""
    return f"{one.computer}, {one.channel}, record id {one.record_id}, {spelled(one.time_us)} ({one.position})"


def duplicate_line(one: Duplicate) -> str:
    """Return which event is stored more than once, and where."""
    return f"{one.computer}, {one.channel}, record id {one.record_id}, _id {one.id}: {', '.join(one.indices)}"


def notice_line(one: StoredNotice) -> str:
    """Return what the shipper told of a log."""
    return f"{one.time} {one.computer or '(computer unknown)'} {one.action}: {one.message}"


def gaps_line(row: Row) -> str:
    """Return which record ids of a channel nobody has."""
    ranges = [str(gap.first) if gap.first == gap.last else f"{gap.first} to {gap.last}" for gap in row.numbers.gaps]
    shown = ", ".join(ranges[:RANGES_SHOWN])
    return f"{_name(row)}: {row.gaps:,}: {shown}{', ...'[: 5 * (len(ranges) > RANGES_SHOWN)]}"
