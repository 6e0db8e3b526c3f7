"""What a log holds, at a glance: of each slot the numbers of its records and when the first was written.

A slot tells its number twice, in the chunk's header and in its first record; where they differ it tells none.
"""

import struct
from functools import cached_property
from itertools import pairwise
from typing import Protocol

import msgspec

from shipper.sources.evtx.header import (
    CHUNK_HEADER_PREFIX_BYTES,
    CHUNK_MAGIC,
    FIRST_RECORD_OFFSET,
    RECORDS_MAX,
    parse_chunk_header,
)
from shipper.sources.evtx.walker import RECORD_MAGIC

#: Signature, size, number, FILETIME: the header of a record.
_RECORD = struct.Struct("<4sIQQ")
#: So often a log is looked at again that is written to faster than it can be looked at.
_LOOKS_MAX = 10
#: As much of a slot as a glance needs.
HEAD_BYTES = FIRST_RECORD_OFFSET + _RECORD.size


class Heads(Protocol):
    """What a survey needs of an open log."""

    @property
    def slots(self) -> int:
        """How many slots there are."""
        ...

    def head(self, slot: int) -> bytes:
        """Return the first ``HEAD_BYTES`` of a slot, fewer where the file ends."""
        ...


class SlotHead(msgspec.Struct, frozen=True, gc=False):
    """What the beginning of a slot tells.

    Attributes:
        slot: which, from 0.
        first, last: numbers of its records; -1 where it does not tell. The last is stale on a live log.
        time: FILETIME of the first record (100 ns since 1601); 0 where that is damaged.
        used: whether something stands there that may be records.
        begun: number of the record at its beginning where the header tells another, or none; -1 elsewhere.
    """

    slot: int
    first: int = -1
    last: int = -1
    time: int = 0
    used: bool = False
    begun: int = -1


class Survey(msgspec.Struct, frozen=True, dict=True):
    """The slots of a log, in the order in which they stand."""

    heads: list[SlotHead]

    @cached_property
    def numbered(self) -> list[SlotHead]:
        """The slots that tell their numbers, in the order of these; the last is the newest."""
        return sorted((head for head in self.heads if head.first >= 0), key=lambda head: head.first)

    @cached_property
    def in_order(self) -> list[tuple[int, SlotHead]]:
        """Every slot in the order of its records, each with the number that gives it its place.

        Logs are circular: the newest chunk may stand before the oldest. A slot that tells no number (unused, or
        damaged) stays behind the one before it.
        """
        keyed: list[tuple[int, SlotHead]] = []
        number = -1
        for head in self.heads:
            number = head.first if head.first >= 0 else number
            keyed.append((number, head))
        return sorted(keyed, key=lambda pair: (pair[0], pair[1].slot))

    def holes(self, record: int) -> list[tuple[int, int]]:
        """Return between which slots numbers beyond ``record`` are missing: the first number of either."""
        return [
            (head.first, following.first)
            for head, following in pairwise(self.numbered)
            if following.first > max(head.last, head.first, record) + 1
        ]

    def holds(self, first: int, time: int) -> bool:
        """Say whether a slot begins with this record, written at this time."""
        return first >= 0 and any(head.first == first and head.time == time for head in self.numbered)

    def follows(self, first: int) -> int:
        """Return the number of the first record of the slot behind the one that begins with ``first``, -1 for none."""
        return next((head.first for head in self.numbered if head.first > first), -1)


def survey(log: Heads) -> Survey:
    """Look at the beginning of each slot.

    Raises:
        SourceError: the log cannot be read.
    """
    return Survey([read_head(slot, log.head(slot)) for slot in range(log.slots)])


def survey_beyond(log: Heads, record: int) -> Survey:
    """Look at the beginning of each slot, again and again until what seems to be missing beyond ``record`` is.

    Heads are read one after the other. Where the writer comes round meanwhile, old ones are found among new ones, and
    what stands between their numbers seems to be missing: it was written to slots that had been looked at before.

    Raises:
        SourceError: the log cannot be read.
    """
    found = survey(log)
    for _ in range(_LOOKS_MAX):
        holes = found.holes(record)
        if not holes:
            return found
        found = survey(log)
        if found.holes(record) == holes:
            return found
    return found


def read_head(slot: int, head: bytes) -> SlotHead:
    """Return what the first bytes of a slot tell."""
    header = parse_chunk_header(head)
    magic, _, number, time = _RECORD.unpack_from(head, FIRST_RECORD_OFFSET) if len(head) >= HEAD_BYTES else _NO_RECORD
    has_record = magic == RECORD_MAGIC
    if header is not None and header.records is not None:
        if has_record and number != header.first_record:
            return SlotHead(slot, used=True, begun=number)
        return SlotHead(slot, header.first_record, header.last_record, time if has_record else 0, used=True)
    if head.startswith(CHUNK_MAGIC):
        empty = header is None or header.last_record == header.first_record - 1
        return SlotHead(slot, used=not empty)
    if has_record:
        return SlotHead(slot, number, time=time, used=True, begun=number)
    return SlotHead(slot, used=any(head[:CHUNK_HEADER_PREFIX_BYTES]) or any(head[FIRST_RECORD_OFFSET:]))


_NO_RECORD = (b"", 0, -1, 0)


def is_within(record: int, anchor: int, following: int) -> bool:
    """Say whether a record can stand in the chunk that begins with ``anchor``, before the one of ``following``."""
    return anchor - 1 <= record < anchor + RECORDS_MAX and (following < 0 or record < following)
