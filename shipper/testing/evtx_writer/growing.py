"""A log that grows while others read it: written in place, as the event log service of Windows does.

    log = GrowingLog(path, max_chunks=4)
    log.append([event, event])          # range(1, 3)
    log.half_write(event, "head")       # a reader finds the first third of record 3
    log.complete()

One process writes; it is its own oracle: every call says which record numbers it wrote, and ``on_disk`` and
``archives`` say where they stand now. Nothing is synchronised with a reader, and a reader may see any moment between
two writes. It is written after the published format; the order and the laziness of a real service were not observed.
"""

import os
import zlib
from collections import deque
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

import msgspec

from shipper.testing.evtx_writer.chunk import Chunk
from shipper.testing.evtx_writer.layout import (
    CHUNK_BYTES,
    CHUNK_HEADER_BYTES,
    FILE_HEADER_BYTES,
    NAME_BUCKETS,
    TEMPLATE_BUCKETS,
    ChunkHeader,
    FileHeader,
)
from shipper.testing.evtx_writer.log import prepare
from shipper.testing.evtx_writer.spec import EventSpec

#: Which part of a record has reached the disk, in thirds: its first, all but its middle, its last, or none.
HalfWritten = Literal["head", "edges", "tail", "nothing"]
_THIRDS: dict[HalfWritten, tuple[tuple[int, int], ...]] = {
    "head": ((0, 1),),
    "edges": ((0, 1), (2, 3)),
    "tail": ((2, 3),),
    "nothing": (),
}


class Lazy(msgspec.Struct, frozen=True):
    """What the writer leaves behind the truth until ``flush``, or until the chunk or the file is left.

    Attributes:
        file_header: it is dirty and counts the chunks and records of when the file was begun or last flushed.
        chunk_header: that of the newest chunk knows only what the first ``append`` to it wrote.
        data_crc: the newest chunk's header knows its records, the CRC of its data does not.
    """

    file_header: bool = False
    chunk_header: bool = False
    data_crc: bool = False


#: Everything late, as the service leaves it.
LAZY = Lazy(file_header=True, chunk_header=True, data_crc=True)
#: Everything on disk when ``append`` returns.
PROMPT = Lazy()


class GrowingLog:
    """An .evtx that is open for writing; a context manager. It begins empty: a header and one chunk without records."""

    def __init__(
        self,
        path: Path,
        *,
        max_chunks: int | None = None,
        archive: bool = False,
        records_per_chunk: int | None = None,
        first_record: int = 1,
        allocate: int = 1,
        lazy: Lazy = PROMPT,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Create the file.

        Args:
            path: the file; replaced where it exists.
            max_chunks: the log is full with so many: it goes on in the slot of its oldest chunk, in place; ``None`` for
                a log that always grows.
            archive: a full log is renamed (see ``rotate``) instead.
            records_per_chunk: the most records of a chunk; ``None`` fills them.
            first_record: number of the first record.
            allocate: how many slots the file grows by; those not used yet are zero.
            lazy: what is written late.
            clock: time in the names of archives.
        """
        self.path = path
        self.next_record = first_record
        #: Files that are full and were renamed, with the record numbers that they hold.
        self.archives: list[tuple[Path, range]] = []
        self._max_chunks = max_chunks
        self._archive = archive
        self._records_per_chunk = records_per_chunk
        self._allocate = allocate
        self._lazy = lazy
        self._clock = clock
        self._file = -1
        self._written = self._crc = 0
        self._begin(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @property
    def on_disk(self) -> range:
        """The numbers of the records that the file at ``path`` holds, what is half written included."""
        return range(self._chunks[0][1] if self._chunks else self.next_record, self.next_record)

    def append(self, events: Iterable[EventSpec]) -> range:
        """Write events, begin new chunks and files where one is full, and return their record numbers.

        Raises:
            ValueError: an event does not fit into a chunk; those before it are in the log.
        """
        first = self.next_record
        try:
            for event in events:
                self._add(event)
        finally:
            self._write_records()
        return range(first, self.next_record)

    def half_write(self, event: EventSpec, part: HalfWritten, *, counted: bool = False) -> int:
        """Write a part of a record and return its number; the next call of any method writes the rest.

        Args:
            event: what the record holds.
            part: what reaches the disk; elsewhere stands what stood there before.
            counted: the headers know the record already.
        """
        self.complete()
        self._add(event)
        start, size = self._written, self._chunk.end - self._written
        for first, end in _THIRDS[part]:
            begin = size * first // 3
            self._write(self._in_chunk(start + begin), self._chunk.tail(start)[begin : size * end // 3])
        if counted:
            written = self._crc
            self._write_chunk_header()
            self._crc = written  # what is on disk; the rest of the record is added when it is written
            self._write_file_header()
        return self.next_record - 1

    def complete(self) -> None:
        """Write what a half-written record lacks."""
        self._write_records()

    def flush(self) -> None:
        """Bring headers and checksums up to date, whatever is written late otherwise."""
        self._write_records()
        self._write_chunk_header()
        self._write_file_header()

    def rotate(self) -> Path:
        """Archive the log as Windows does: rename it and go on in a new file, with the next number.

        Returns:
            the file's new path: ``Archive-Security-2026-11-24-09-30-00-123.evtx``.
        """
        archive = self._archive_path()
        records = self.on_disk
        self._close()
        self.path.rename(archive)
        self.archives.append((archive, records))
        self._begin(self.path)
        return archive

    def clear(self, *, replace: bool = False) -> None:
        """Empty the log: its numbers start again at 1.

        Args:
            replace: another file takes the place of the file, instead of new content in the same.
        """
        self._close()
        self.next_record = 1
        if not replace:
            self._begin(self.path)
            return
        beside = self.path.with_suffix(".new")
        self._begin(beside)
        beside.replace(self.path)

    def truncate(self, size_bytes: int) -> None:
        """Cut the file off, as a full disk or a copying tool may; the writer goes on where it was."""
        self._write_records()
        os.ftruncate(self._file, size_bytes)

    def close(self) -> None:
        """Close the file as Windows does when it stops: nothing is late any more. May be called twice."""
        if self._file >= 0:
            self._close()

    def _close(self) -> None:
        self._write_records()
        self._write_chunk_header()
        self._write(0, self._file_header(dirty=False))
        os.close(self._file)
        self._file = -1

    def _begin(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        #: Slot and first record number of each chunk that has records, the oldest first.
        self._chunks: deque[tuple[int, int]] = deque()
        self._allocated = 0
        self._begin_chunk(0)
        self._write_chunk_header()
        self._write_file_header()

    def _begin_chunk(self, slot: int) -> None:
        self._slot = slot
        self._chunk = Chunk()
        #: Up to here the chunk is on disk; the CRC that its header has.
        self._written, self._crc = CHUNK_HEADER_BYTES, 0
        if slot >= self._allocated:
            self._allocated += self._allocate
            os.ftruncate(self._file, FILE_HEADER_BYTES + self._allocated * CHUNK_BYTES)

    def _add(self, event: EventSpec) -> None:
        """Put an event into the chunk in memory; where it is full, end it and begin another."""
        record = prepare(event, self.next_record)
        if len(self._chunk) == self._records_per_chunk or not self._chunk.add(record):
            self._next_chunk()
            if not self._chunk.add(record):
                raise ValueError(f"record {record.number} is larger than a chunk")
        if len(self._chunk) == 1:
            self._take_slot()
        self.next_record += 1

    def _next_chunk(self) -> None:
        if not len(self._chunk):
            return
        self._write_records()
        self._write_chunk_header()
        following = self._slot + 1
        if following != self._max_chunks:
            self._begin_chunk(following)
        elif self._archive:
            self.rotate()
        else:
            self._begin_chunk(0)

    def _take_slot(self) -> None:
        if self._chunks and self._chunks[0][0] == self._slot:
            self._chunks.popleft()
        self._chunks.append((self._slot, self.next_record))

    def _write_records(self) -> None:
        """Write the records that are not on disk, then the headers that are not late."""
        new = self._chunk.tail(self._written)
        if not new:
            return
        begun = self._written == CHUNK_HEADER_BYTES
        self._write(self._in_chunk(self._written), new)
        self._written += len(new)
        if begun or not self._lazy.data_crc:
            self._crc = zlib.crc32(new, self._crc)
        if begun or not self._lazy.chunk_header:
            self._write(self._in_chunk(0), self._chunk.header(self._crc))
        if not self._lazy.file_header:
            self._write_file_header()

    def _write_chunk_header(self) -> None:
        """Write the header of the newest chunk, true in everything."""
        if len(self._chunk):
            self._crc = zlib.crc32(self._chunk.tail(CHUNK_HEADER_BYTES))
            self._write(self._in_chunk(0), self._chunk.header(self._crc))
            return
        empty = ChunkHeader(
            first_record=self.next_record,
            last_record=self.next_record - 1,
            last_offset=0,
            free_offset=CHUNK_HEADER_BYTES,
            data_crc=0,
            names=[0] * NAME_BUCKETS,
            templates=[0] * TEMPLATE_BUCKETS,
        )
        self._write(self._in_chunk(0), empty.encode())

    def _write_file_header(self) -> None:
        self._write(0, self._file_header(dirty=self._lazy.file_header))

    def _file_header(self, *, dirty: bool) -> bytes:
        return FileHeader(
            oldest_chunk=self._chunks[0][0] if self._chunks else 0,
            newest_chunk=self._slot,
            next_record=self.next_record,
            chunks=min(max(1, len(self._chunks)), 0xFFFF),  # the field has 16 bits
            dirty=dirty,
        ).encode()

    def _in_chunk(self, offset: int) -> int:
        return FILE_HEADER_BYTES + self._slot * CHUNK_BYTES + offset

    def _write(self, offset: int, part: bytes) -> None:
        os.pwrite(self._file, part, offset)

    def _archive_path(self) -> Path:
        """Return a name that no file has, a millisecond later where one has it."""
        at = self._clock().astimezone(UTC)
        while True:
            stamp = f"{at:%Y-%m-%d-%H-%M-%S}-{at.microsecond // 1000:03d}"
            path = self.path.with_name(f"Archive-{self.path.stem}-{stamp}.evtx")
            if not path.exists():
                return path
            at += timedelta(milliseconds=1)
