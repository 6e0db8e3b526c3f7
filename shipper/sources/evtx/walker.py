"""Finds the records of a chunk by their headers alone, whatever has happened to the chunk.

Source: https://github.com/libyal/libevtx/blob/main/documentation/Windows%20XML%20Event%20Log%20(EVTX).asciidoc,
section "Event record": signature, size, record number, FILETIME; the size again in the last 4 bytes.
"""

import struct

import msgspec

from shipper.model import UNCOUNTED
from shipper.sources.evtx.header import (
    CHUNK_BYTES,
    FIRST_RECORD_OFFSET,
    RECORD_BYTES_MIN,
    RECORDS_MAX,
    ChunkHeader,
)

RECORD_MAGIC = b"\x2a\x2a\x00\x00"
_MAGIC_NUMBER = int.from_bytes(RECORD_MAGIC, "little")
_RECORD = struct.Struct("<IIQ")
_SIZE = struct.Struct("<I")


class Frame(msgspec.Struct, frozen=True, gc=False):
    """Where one record stands.

    Attributes:
        offset: in the chunk.
        size_bytes: header and size copy included.
        number: as the record header has it.
        salvaged: whether it was found behind damage, so that what it refers to may have been overwritten.
        repaired: whether its header says another size, which its size copy and its neighbour contradict.
    """

    offset: int
    size_bytes: int
    number: int
    salvaged: bool = False
    repaired: bool = False


class Gap(msgspec.Struct, frozen=True):
    """Bytes of a chunk in which records ought to stand, and cannot be found.

    Attributes:
        offset, end: in the chunk; the same where nothing is lost, or where the file ends.
        reason: what is wrong at its start.
        records: how many records are lost in it; 0 for none, ``UNCOUNTED`` where that cannot be told.
        number: number of the first record in it; -1 where that cannot be told.
    """

    offset: int
    end: int
    reason: str
    records: int
    number: int = -1


class Walk(msgspec.Struct, frozen=True):
    """What a chunk holds: records in the order they stand, and the gaps between them."""

    frames: list[Frame]
    gaps: list[Gap]


def walk_chunk(chunk: bytes | bytearray, header: ChunkHeader | None, size_bytes: int = CHUNK_BYTES) -> Walk:
    """Find the records of a chunk.

    Args:
        chunk: 64 KB, padded with zeros where the file ends inside it.
        header: its header; ``None`` where its signature is damaged, then every record that can be found counts.
        size_bytes: how much of it the file really has.
    """
    return _Walker(chunk, header, size_bytes).walk()


class _Walker:
    """One walk through one chunk."""

    def __init__(self, chunk: bytes | bytearray, header: ChunkHeader | None, size_bytes: int) -> None:
        self._chunk = chunk
        self._size_bytes = size_bytes
        self._headless = header is None
        self._first = header.first_record if header is not None else 0
        self._last = header.last_record if header is not None and header.records is not None else None
        free = header.free_offset if header is not None else 0
        self._free = free if FIRST_RECORD_OFFSET <= free <= CHUNK_BYTES else CHUNK_BYTES
        self._end = min(self._free, size_bytes)
        self._frames: list[Frame] = []
        self._gaps: list[Gap] = []

    def walk(self) -> Walk:
        offset = self._run(FIRST_RECORD_OFFSET, salvaged=self._headless)
        while offset < self._end and any(self._chunk[offset : self._end]):
            offset = self._leap(offset)
        self._count_what_is_missing_at_the_end(offset)
        return Walk(self._frames, self._gaps)

    def _run(self, offset: int, *, salvaged: bool) -> int:
        """Take records that follow one another; return where they end."""
        chunk, end, free = self._chunk, self._size_bytes - RECORD_BYTES_MIN, self._free
        frames, unpack, size_at = self._frames, _RECORD.unpack_from, _SIZE.unpack_from
        number = frames[-1].number if frames else -1
        while offset <= end:
            magic, size, found = unpack(chunk, offset)
            after = offset + size
            if magic != _MAGIC_NUMBER or size < RECORD_BYTES_MIN or after > self._size_bytes:
                break
            if size_at(chunk, after - 4)[0] != size and not self._is_boundary(after):
                break
            # Behind the free space's offset a live log has records that its header does not know yet, and a slot
            # that was used before has old ones: the first go on counting.
            if offset >= free and found != number + 1:
                break
            frames.append(Frame(offset, size, found, salvaged))
            offset, number = after, found
        return offset

    def _is_boundary(self, offset: int) -> bool:
        return offset == self._free or self._chunk[offset : offset + 4] == RECORD_MAGIC

    def _leap(self, offset: int) -> int:
        """Get over damage: note the gap, go on behind it, return where the next run ends."""
        following = self._next_record(offset)
        boundary = following if following is not None else self._end
        if self._only_its_size_is_wrong(offset, boundary):
            _, size, number = _RECORD.unpack_from(self._chunk, offset)
            self._frames.append(Frame(offset, boundary - offset, number, repaired=True))
            reason = f"record size {size} is wrong, it was read by the copy {boundary - offset}"
            self._gaps.append(Gap(offset, offset, reason, 0, number))
        else:
            self._gaps.append(self._gap(offset, boundary, following))
        return self._run(boundary, salvaged=True) if following is not None else boundary

    def _next_record(self, offset: int) -> int | None:
        """Return where the next whole record stands: signature, and a size that its copy confirms.

        Not behind the free space's offset: what stands there is left of an earlier use of the slot.
        """
        end = self._end
        found = self._chunk.find(RECORD_MAGIC, offset + 1, end)
        while found >= 0:
            if found + RECORD_BYTES_MIN <= end and self._is_whole(found, end):
                return found
            found = self._chunk.find(RECORD_MAGIC, found + 1, end)
        return None

    def _is_whole(self, offset: int, end: int) -> bool:
        size = _SIZE.unpack_from(self._chunk, offset + 4)[0]
        if not RECORD_BYTES_MIN <= size <= end - offset:
            return False
        return bool(_SIZE.unpack_from(self._chunk, offset + size - 4)[0] == size)

    def _only_its_size_is_wrong(self, offset: int, boundary: int) -> bool:
        """Say whether a whole record stands between two offsets, shown by the copy of its size."""
        size = boundary - offset
        if size < RECORD_BYTES_MIN or self._chunk[offset : offset + 4] != RECORD_MAGIC:
            return False
        return bool(_SIZE.unpack_from(self._chunk, boundary - 4)[0] == size)

    def _gap(self, offset: int, boundary: int, following: int | None) -> Gap:
        before = self._number_before()
        if following is not None:
            after: int | None = _RECORD.unpack_from(self._chunk, following)[2]
            room = (boundary - offset) // RECORD_BYTES_MIN
        else:
            after = self._last + 1 if self._last is not None else None
            room = RECORDS_MAX
        lost = after - before - 1 if before is not None and after is not None else 0
        if before is None or not 0 < lost <= room:
            return Gap(offset, boundary, self._fault(offset), UNCOUNTED)
        return Gap(offset, boundary, self._fault(offset), lost, before + 1)

    def _number_before(self) -> int | None:
        """Return the number of the last record found, or of the one before the chunk's first."""
        if self._frames:
            return self._frames[-1].number
        return self._first - 1 if self._last is not None else None

    def _fault(self, offset: int) -> str:
        if offset + RECORD_BYTES_MIN > self._size_bytes:
            return "the file ends inside a record"
        magic, size, _ = _RECORD.unpack_from(self._chunk, offset)
        if magic != _MAGIC_NUMBER:
            return "no record begins where one should"
        if size < RECORD_BYTES_MIN:
            return f"record size {size} is below the minimum of {RECORD_BYTES_MIN}"
        if offset + size > self._size_bytes:
            whole = self._size_bytes == CHUNK_BYTES
            return f"record size {size} runs past the end of the {'chunk' if whole else 'file'}"
        return f"record size {size} contradicts its copy"

    def _count_what_is_missing_at_the_end(self, offset: int) -> None:
        """Note the records that the header knows and nothing is left of: zeros, or the file's end."""
        counted = bool(self._gaps) and self._gaps[-1].end >= offset
        if self._last is None or offset >= self._free or counted:
            return
        before = self._frames[-1].number if self._frames else self._first - 1
        lost = self._last - before
        if 0 < lost <= RECORDS_MAX:
            truncated = self._size_bytes < CHUNK_BYTES
            reason = "the file ends before the chunk does" if truncated else "zeros where records should be"
            self._gaps.append(Gap(offset, offset, reason, lost, before + 1))
