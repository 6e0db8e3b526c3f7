"""One chunk on its way from the file to events: its bytes, where they stand, and what the walker found in them."""

import msgspec

from shipper.model import UNCOUNTED, Event, Position, Problem
from shipper.sources.evtx.header import (
    CHUNK_BYTES,
    FILE_HEADER_BYTES,
    LAST_RECORD_OFFSET,
    ChunkHeader,
    parse_chunk_header,
)
from shipper.sources.evtx.image import build_image
from shipper.sources.evtx.walker import Frame, Gap, Walk, walk_chunk


class Chunk(msgspec.Struct, frozen=True):
    """A chunk as it was read.

    Attributes:
        source: path of the file, as the user gave it.
        slot: which chunk of the file, from 0.
        header: as read; ``None`` where there is no signature.
        walk: its records.
        image: what decoders get: see ``image``; they replace lone surrogates in it.
        after: records up to this number are behind: nobody asks for them, or for the damage before them.
    """

    source: str
    slot: int
    header: ChunkHeader | None
    walk: Walk
    image: bytearray
    after: int = -1

    @property
    def offset(self) -> int:
        """Where the chunk begins in the file."""
        return FILE_HEADER_BYTES + self.slot * CHUNK_BYTES

    def position(self, frame: Frame) -> Position:
        """Return the position of a record."""
        return Position(self.source, frame.number, self.offset + frame.offset, self.slot)

    def problem_of(self, frame: Frame, reason: str) -> Problem:
        """Return the problem that one record cannot be read."""
        return Problem(self.position(frame), reason)

    def problem_of_gap(self, gap: Gap) -> Problem:
        """Return the problem that stands for a gap."""
        return Problem(Position(self.source, gap.number, self.offset + gap.offset, self.slot), gap.reason, gap.records)

    def problems(self) -> list[Problem]:
        """Return what the walker has to say: one problem a gap, and one where the signature is damaged."""
        if self.header is not None:
            behind = max((frame.offset for frame in self.walk.frames if frame.number <= self.after), default=-1)
            return [self.problem_of_gap(gap) for gap in self.walk.gaps if gap.offset > behind]
        if not self.walk.frames:
            return []
        reason = f"the chunk's signature is damaged; {len(self.walk.frames)} records were found in it"
        return [Problem(Position(self.source, -1, self.offset, self.slot), reason, 0)]


#: Where the numbers of a chunk's records end in its header; a file that ends before says nothing of them.
_NUMBERS_END = LAST_RECORD_OFFSET + 8
_NUMBERLESS = ChunkHeader(0, -1, 0, 0)


class Answers(msgspec.Struct):
    """What a decoder makes of a chunk; every record of the walk is in one of the three.

    Attributes:
        events: the wanted events, in the order of the chunk.
        problems: one for each record that cannot be read.
        filtered: how many records are not wanted.
    """

    events: list[Event] = []
    problems: list[Problem] = []
    filtered: int = 0

    def take(self, answer: Event | Problem | None) -> None:
        """Add the answer to one record: the event, why there is none, or ``None`` where it is not wanted."""
        if answer is None:
            self.filtered += 1
        elif isinstance(answer, Event):
            self.events.append(answer)
        else:
            self.problems.append(answer)


def open_chunk(source: str, slot: int, data: bytearray, after: int = -1) -> Chunk:
    """Return a chunk from its bytes; ``data`` becomes the image. Shorter data is a chunk that the file ends in."""
    size_bytes = len(data)
    cut = size_bytes < _NUMBERS_END and any(data)
    data.extend(bytes(CHUNK_BYTES - size_bytes))
    if cut:
        gap = Gap(size_bytes, size_bytes, "the file ends inside a chunk's header", UNCOUNTED)
        return Chunk(source, slot, _NUMBERLESS, Walk([], [gap]), data, after)
    header = parse_chunk_header(data)
    walk = walk_chunk(data, header, size_bytes)
    return Chunk(source, slot, header, walk, build_image(data, walk), after)


def last_number(chunk: Chunk) -> int:
    """Return the number of the last record of a chunk that is whole, or damaged with whole ones behind it; -1 for none.

    What is damaged at the very end may still be being written: it is read again the next time.
    """
    frames, gaps, header = chunk.walk.frames, chunk.walk.gaps, chunk.header
    end = frames[-1].offset + frames[-1].size_bytes if frames else 0
    if not frames or any(gap.offset >= end and gap.records != 0 for gap in gaps):
        return frames[-1].number if frames else -1
    known = header.last_record if header is not None and header.records is not None else -1
    return max(frames[-1].number, known)
