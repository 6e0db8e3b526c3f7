"""What is to be read of a log beyond its cursor, and of the archives that hold what it held before."""

from collections.abc import Iterator, Mapping
from functools import partial

import msgspec

from shipper.errors import SourceError
from shipper.model import Cursor, Notice
from shipper.sources.evtx.archives import archives_of, live_log_of
from shipper.sources.evtx.file import LogFile
from shipper.sources.evtx.header import CHUNK_BYTES, parse_chunk_header
from shipper.sources.evtx.resume import Resumption, at_end, cleared, gaps, is_later, missed, resume, stands
from shipper.sources.evtx.survey import SlotHead, Survey, survey, survey_beyond
from shipper.sources.evtx.walker import walk_chunk


class LogPlan(msgspec.Struct, frozen=True):
    """What is to be read of one log.

    Attributes:
        path: of the file.
        survey: what it holds.
        resumption: where reading goes on.
        notices: what happened to it, by the slot that stands behind.
    """

    path: str
    survey: Survey
    resumption: Resumption
    notices: Mapping[int, Notice]


class _Archive(msgspec.Struct, frozen=True):
    """An archive that holds records beyond a cursor: its path and the numbers of its records."""

    path: str
    numbers: range


def plan_log(path: str, cursors: Mapping[str, Cursor], *, from_end: bool = False) -> Iterator[LogPlan]:
    """Yield what is to be read: archives first, in the order of their records, the log itself last.

    Args:
        path: of the log.
        cursors: how far each log has been read, by path.
        from_end: a log that has no cursor begins at its end.

    Raises:
        SourceError: the log cannot be read; archives were yielded before.
    """
    cursor = cursors.get(path)
    try:
        found, resumption = _look(path, cursors, from_end=from_end)
    except SourceError:
        if cursor is not None:  # it was renamed just now, perhaps: its rest is in an archive
            yield from _plans_of(_archives_beyond(path, cursor), cursors)
        raise
    if cursor is None or resumption.fate not in ("went on", "started again"):
        # Where the known record stands, nothing behind it was overwritten: what numbers are lacking there, an export
        # left out, or damage took.
        yield LogPlan(path, found, resumption, {})
        return
    archives = list(_archives_beyond(path, cursor))
    lost = _gaps(cursor, found, archives)
    for plan in _plans_of(archives, cursors):
        is_new = plan.path not in cursors
        notices = _told(plan.path, plan.survey.numbered, cursor, lost) if is_new else {}
        yield msgspec.structs.replace(plan, notices=notices)
    yield LogPlan(path, found, resumption, _notices(path, found, resumption, cursor, lost))


def _last_record(log: LogFile, head: SlotHead) -> int:
    """Return the number of the last record of a slot, whatever its header knows."""
    data = bytearray(CHUNK_BYTES)
    size_bytes = log.read_slots(head.slot, memoryview(data))
    frames = walk_chunk(data, parse_chunk_header(data), size_bytes).frames
    return frames[-1].number if frames else head.first - 1


def _look(path: str, cursors: Mapping[str, Cursor], *, from_end: bool = False) -> tuple[Survey, Resumption]:
    with LogFile(path) as log:
        found = survey_beyond(log, cursors[path].record if path in cursors else -1)
        cursor = cursors.get(path) or _inherited(path, found, cursors)
        if cursor is None and from_end:
            return found, at_end(found, partial(_last_record, log))
        return found, resume(found, cursor)


def _inherited(path: str, found: Survey, cursors: Mapping[str, Cursor]) -> Cursor | None:
    """Return the cursor of the log that an archive was, where it still speaks of what the archive holds."""
    live = live_log_of(path)
    cursor = cursors.get(live) if live is not None else None
    if cursor is None or not stands(found, cursor):
        return None
    return msgspec.structs.replace(cursor, source=path)


def _archives_beyond(log: str, cursor: Cursor) -> Iterator[_Archive]:
    """Yield the archives of a log that hold records beyond its cursor, in the order of these."""
    found: list[_Archive] = []
    for path in archives_of(log):
        try:
            with LogFile(path) as file:
                held = survey(file)
                last = _last_record(file, held.numbered[-1]) if held.numbered else -1
        except SourceError:
            continue  # as an input of its own it is reported
        if not held.numbered:
            continue
        oldest = held.numbered[0]
        if stands(held, cursor) or (oldest.first > cursor.record and is_later(oldest, cursor)):
            found.append(_Archive(path, range(oldest.first, last + 1)))
    yield from sorted(found, key=lambda archive: archive.numbers.start)


def _plans_of(archives: Iterator[_Archive] | list[_Archive], cursors: Mapping[str, Cursor]) -> Iterator[LogPlan]:
    for archive in archives:
        try:
            found, resumption = _look(archive.path, cursors)
        except SourceError:
            continue  # it went away meanwhile
        yield LogPlan(archive.path, found, resumption, {})


def _gaps(cursor: Cursor, found: Survey, archives: list[_Archive]) -> list[range]:
    """Return the numbers beyond a cursor, and before the first of the log, that no archive holds."""
    held = [*(each.numbers for each in archives)]
    held += [range(head.first, head.first + 1) for head in found.numbered[:1]]
    return gaps(cursor.record, [part for part in held if part.stop - 1 > cursor.record])


def _notices(path: str, found: Survey, resumption: Resumption, cursor: Cursor, lost: list[range]) -> dict[int, Notice]:
    """Return what has happened to a log since its cursor, by the slot that stands behind it."""
    if not found.numbered:
        return {}
    if resumption.fate == "started again":
        oldest = found.numbered[0]
        return {oldest.slot: cleared(path, cursor, oldest)}
    return _told(path, found.numbered, cursor, lost)


def _told(path: str, numbered: list[SlotHead], cursor: Cursor, lost: list[range]) -> dict[int, Notice]:
    """Return a notice for each gap that ends with one of the slots, by that slot."""
    ends = {gap.stop: gap for gap in lost}
    return {head.slot: missed(path, cursor, ends[head.first], head) for head in numbered if head.first in ends}
