"""Where reading goes on in a log, from what a cursor remembers and what the log holds now; pure.

A cursor knows one record that was there: the first of the chunk in which it stands, by number and time of writing.
Where it still stands, the log is the same. Where it does not, the numbers tell what has happened: they went on (a
circular log came round, or a full one was archived), or they started again (it was cleared, or replaced).
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal

import msgspec

from shipper.model import UNCOUNTED, Cursor, Notice, Position
from shipper.sources.evtx.header import CHUNK_BYTES, FILE_HEADER_BYTES, FIRST_RECORD_OFFSET
from shipper.sources.evtx.survey import SlotHead, Survey, is_within

Fate = Literal["new", "same", "went on", "started again"]

_FILETIME_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_UNIX_EPOCH_S = 11_644_473_600
_TICKS_PER_S = 10_000_000
#: 9999-12-31, the last day that a document can tell.
_LAST_TICKS = 2_650_467_744_000_000_000


class Resumption(msgspec.Struct, frozen=True):
    """Where reading goes on.

    Attributes:
        fate: what has become of the log since.
        after: records up to this number are behind; -1 for none.
        slots: what is to be read, in order.
    """

    fate: Fate
    after: int
    slots: tuple[SlotHead, ...]


def resume(survey: Survey, cursor: Cursor | None) -> Resumption:
    """Return where reading goes on.

    Args:
        survey: what the log holds now.
        cursor: how far it has been read, ``None`` where it has not.
    """
    everything = tuple(head for _, head in survey.in_order)
    if cursor is None or cursor.record < 0:
        return Resumption("new", -1, everything)
    fate = fate_of(survey, cursor)
    if fate == "same":
        return Resumption(fate, cursor.record, tuple(head for key, head in survey.in_order if key >= cursor.anchor))
    return Resumption(fate, -1 if fate == "started again" else cursor.record, everything)


def at_end(survey: Survey, last: Callable[[SlotHead], int]) -> Resumption:
    """Return that reading goes on behind what a log holds now.

    Args:
        survey: what the log holds now.
        last: tells the number of the last record of a slot; asked for the newest alone.
    """
    if not survey.numbered:
        return Resumption("new", -1, ())
    newest = survey.numbered[-1]
    return Resumption("new", last(newest), (newest,))


def fate_of(survey: Survey, cursor: Cursor) -> Fate:
    """Return what has become of the log that a cursor speaks of; where it holds nothing that tells, it went on.

    A log that was cut off or restored from a copy counts as one that started again: what is read twice is known by its
    ``_id``, what would be taken for read and is not would be lost.
    """
    if stands(survey, cursor):
        return "same"
    if not survey.numbered:
        return "went on"
    oldest = survey.numbered[0]
    return "went on" if oldest.first > cursor.record and is_later(oldest, cursor) else "started again"


def stands(survey: Survey, cursor: Cursor) -> bool:
    """Say whether the record that a cursor knows stands in the log."""
    within = is_within(cursor.record, cursor.anchor, survey.follows(cursor.anchor))
    return within and survey.holds(cursor.anchor, cursor.fingerprint)


def is_later(head: SlotHead, cursor: Cursor) -> bool:
    """Say whether a slot was begun after the record that a cursor knows, as far as that can be told."""
    return head.time == 0 or cursor.fingerprint <= 0 or head.time >= cursor.fingerprint


def gaps(after: int, held: Sequence[range]) -> list[range]:
    """Return the numbers beyond ``after`` that none of the ranges holds, up to the last of them that does.

    Args:
        after: the last number that is behind.
        held: numbers of records that can be read, in any order; they may overlap.
    """
    found: list[range] = []
    expected = after + 1
    for part in sorted(held, key=lambda part: part.start):
        if part.start > expected:
            found.append(range(expected, part.start))
        expected = max(expected, part.stop)
    return found


def missed(source: str, before: Cursor, lost: range, behind: SlotHead) -> Notice:
    """Return the notice that records are gone: those of ``lost``, before the first of ``behind``."""
    return _notice(source, before, behind, "records-missed", lost.start, lost.stop - 1, len_of(lost))


def cleared(source: str, before: Cursor, begins: SlotHead) -> Notice:
    """Return the notice that the numbers of a log started again with ``begins``."""
    return _notice(source, before, begins, "log-cleared", -1, -1, UNCOUNTED)


def len_of(part: range) -> int:
    """Return how many numbers a range has; ``len`` fails beyond 63 bits, and a damaged number may have 64."""
    return max(0, part.stop - part.start)


def _notice(  # noqa: PLR0917 (the fields of a notice)
    source: str,
    before: Cursor,
    head: SlotHead,
    action: Literal["log-cleared", "records-missed"],
    first: int,
    last: int,
    records: int,
) -> Notice:
    ticks = head.time if 0 < head.time < _LAST_TICKS else _UNIX_EPOCH_S * _TICKS_PER_S
    when = _FILETIME_EPOCH + timedelta(microseconds=ticks // 10)
    offset = FILE_HEADER_BYTES + head.slot * CHUNK_BYTES + FIRST_RECORD_OFFSET
    return Notice(
        position=Position(source, head.first, offset, head.slot),
        action=action,
        first=first,
        last=last,
        records=records,
        time=when.isoformat(timespec="microseconds").replace("+00:00", "Z"),
        time_s=ticks // _TICKS_PER_S - _UNIX_EPOCH_S,
        before=before,
    )
