"""A log that is being written to: which of its records can be believed already.

The service writes through memory, in no order that is promised, and brings checksums up to date late. So a record is
believed when its chunk's checksum covers it, or when its bytes, and those of all before it, have not changed for a
while. A chunk that is not the newest any more is believed, too, when it has just the records that its header tells of.
"""

import struct
import zlib
from collections.abc import Callable, Hashable
from itertools import takewhile

import msgspec

from shipper.model import EVERY_RECORD
from shipper.sources.evtx.chunk import Chunk, last_number
from shipper.sources.evtx.header import CHUNK_BYTES, ChunkHeader, data_crc_matches, parse_chunk_header
from shipper.sources.evtx.image import build_image
from shipper.sources.evtx.walker import Frame, Walk, walk_chunk

_SIZE = struct.Struct("<I")


class LiveChunk(msgspec.Struct, frozen=True):
    """As much of a chunk as can be believed.

    Attributes:
        chunk: those records and no others.
        verified: whether the checksum says that what the header knows of is whole.
        whole: whether that is all of it, so that reading may go on behind it.
    """

    chunk: Chunk
    verified: bool
    whole: bool

    @property
    def last(self) -> int:
        """Number of the last record that can be believed; -1 where none can."""
        if self.verified:
            return last_number(self.chunk)
        frames = self.chunk.walk.frames
        return frames[-1].number if frames else -1


def open_live_chunk(source: str, slot: int, data: bytearray, after: int, until: int) -> LiveChunk:
    """Return a chunk without what cannot be believed; ``data`` becomes the image.

    Args:
        source: path of the file.
        slot: which chunk.
        data: its bytes, fewer where the file ends.
        after: records up to this number are behind.
        until: see ``Unit.until``.
    """
    size_bytes = len(data)
    data.extend(bytes(CHUNK_BYTES - size_bytes))
    header = parse_chunk_header(data)
    walk = walk_chunk(data, header, size_bytes)
    verified, complete = is_verified(data, header), is_complete(walk, header)
    kept = _believed(walk, header if verified else None, until, complete=complete)
    whole = verified or (complete and len(kept.frames) == len(walk.frames))
    return LiveChunk(Chunk(source, slot, header, kept, build_image(data, kept), after), verified, whole)


def _believed(walk: Walk, covering: ChunkHeader | None, until: int, *, complete: bool) -> Walk:
    """Return the records that can be believed; those of an older chunk all, or none: it may be being overwritten."""
    if covering is not None:
        free = covering.free_offset
        frames = [frame for frame in walk.frames if frame.offset < free or frame.number <= until != EVERY_RECORD]
        return Walk(frames, [gap for gap in walk.gaps if gap.offset < free])
    if until == EVERY_RECORD:
        return walk if complete else Walk([], [])
    return Walk([*takewhile(lambda frame: frame.number <= until, sound_frames(walk))], [])


def is_verified(chunk: bytes | bytearray, header: ChunkHeader | None) -> bool:
    """Say whether a chunk's checksum shows that all its header knows of has been written."""
    return header is not None and header.records is not None and data_crc_matches(chunk, header)


def is_complete(walk: Walk, header: ChunkHeader | None) -> bool:
    """Say whether a chunk has just the records that its header tells of: none of another use of its slot among them."""
    if header is None or walk.gaps or header.records != len(walk.frames):
        return False
    return all(frame.number == number for number, frame in enumerate(walk.frames, header.first_record))


def sound_frames(walk: Walk) -> list[Frame]:
    """Return the records of a chunk up to the first place where something is wrong."""
    end = min((gap.offset for gap in walk.gaps), default=CHUNK_BYTES)
    return [frame for frame in walk.frames if frame.offset < end]


class Settling:
    """Remembers since when bytes are the same.

    Args:
        settle_s: how long they must have stayed the same to be believed.
        clock: monotonic seconds.
    """

    def __init__(self, settle_s: float, clock: Callable[[], float]) -> None:
        self._settle_s = settle_s
        self._clock = clock
        self._since: dict[Hashable, tuple[int, float]] = {}
        self._looked: dict[Hashable, tuple[int, float]] = {}

    def begin(self) -> None:
        """Begin another look; what is not looked at again in it is forgotten."""
        self._since, self._looked = self._looked, {}

    def is_settled(self, key: Hashable, content: bytes | bytearray | memoryview, times: int = 1) -> bool:
        """Look at bytes and say whether they have been the same for long enough, or for ``times`` as long."""
        crc, now = zlib.crc32(content), self._clock()
        known = self._looked.get(key) or self._since.get(key)
        since = known[1] if known is not None and known[0] == crc else now
        self._looked[key] = (crc, since)
        return now - since >= self._settle_s * times

    def until(self, slot: int, data: bytes | bytearray, walk: Walk, covered: int, after: int) -> int:
        """Return the number up to which the records of a chunk may be believed without a checksum, -1 for none.

        Args:
            slot: which chunk.
            data: its 64 KB.
            walk: the records in it.
            covered: records that begin before this offset are covered by the checksum; 0 where none is.
            after: records up to this number are behind.
        """
        until, before = -1, True
        for frame in sound_frames(walk):
            if frame.number <= after or frame.offset < covered:
                continue
            end = frame.offset + frame.size_bytes
            if _SIZE.unpack_from(data, end - _SIZE.size)[0] != frame.size_bytes:
                break
            # Every record is looked at each time: all of them settle at once, not one after the other.
            before &= self.is_settled((slot, frame.number), memoryview(data)[frame.offset : end])
            until = frame.number if before else until
        return until
