"""Whether anything has happened to a log, for the price of a few reads."""

import msgspec

from shipper.sources.evtx.file import LogFile
from shipper.sources.evtx.header import CHUNK_BYTES, FILE_HEADER_BYTES
from shipper.sources.evtx.survey import SlotHead, Survey, read_head

_FILE_HEAD_BYTES = 128
#: The header of a record.
TAIL_BYTES = 24


class Mark(msgspec.Struct, frozen=True):
    """What the file as a whole shows.

    Attributes:
        file: device, inode, size and time of the file.
        header: the header of the file.
    """

    file: tuple[int, int, int, int]
    header: bytes


class Pulse(msgspec.Struct, frozen=True):
    """What changes when a log is written to, renamed, replaced or cleared.

    The file's times alone would not do: they are not brought up to date while a service writes through memory.
    A pulse is made of what a look has seen, each part at the moment at which it was read, so that what is written
    during the look is different from it ever after.

    Attributes:
        newest_slot: which chunk is the newest.
        end_offset: where its records end, in the chunk.
        mark: of the file, taken before the newest chunk was read.
        heads: the beginnings of the newest chunk, of the slot behind it, and of the first.
        tail: what stands behind the last record; empty where no chunk is being written to.
    """

    newest_slot: int
    end_offset: int
    mark: Mark
    heads: tuple[SlotHead, ...]
    tail: bytes


def mark_of(log: LogFile) -> Mark:
    """Return what the file as a whole shows now.

    Raises:
        SourceError: the log cannot be read.
    """
    status = log.status()
    file = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
    return Mark(file, log.read_at(0, _FILE_HEAD_BYTES))


def seen(survey: Survey, mark: Mark, newest_slot: int, end_offset: int, tail: bytes) -> Pulse:
    """Return the pulse of a log as a look has seen it."""
    slots = _slots(newest_slot, len(survey.heads))
    heads = tuple(survey.heads[slot] if slot < len(survey.heads) else SlotHead(slot) for slot in slots)
    return Pulse(newest_slot, end_offset, mark, heads, tail)


def feel(log: LogFile, before: Pulse) -> Pulse:
    """Return the pulse of a log now, felt where it was felt before.

    Raises:
        SourceError: the log cannot be read.
    """
    newest_slot, end_offset = before.newest_slot, before.end_offset
    heads = tuple(read_head(slot, log.head(slot)) for slot in _slots(newest_slot, log.slots))
    tail = log.read_at(FILE_HEADER_BYTES + newest_slot * CHUNK_BYTES + end_offset, len(before.tail))
    return Pulse(newest_slot, end_offset, mark_of(log), heads, tail)


def _slots(newest_slot: int, slots: int) -> tuple[int, int, int]:
    return newest_slot, (newest_slot + 1) % max(1, slots), 0
