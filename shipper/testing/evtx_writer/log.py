"""A log: the file header and its chunks, written as they fill."""

import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec

from shipper.testing.evtx_writer.chunk import Chunk, Record
from shipper.testing.evtx_writer.layout import CHUNK_BYTES, FILE_HEADER_BYTES, FileHeader
from shipper.testing.evtx_writer.payload import payloads
from shipper.testing.evtx_writer.spec import EventSpec
from shipper.testing.evtx_writer.system import system_values
from shipper.testing.evtx_writer.values import ticks


class ChunkBreak(msgspec.Struct, frozen=True):
    """Among the events: what follows begins a new chunk."""


CHUNK_BREAK = ChunkBreak()


class WrittenLog(msgspec.Struct, frozen=True):
    """What was written.

    Attributes:
        records: how many records.
        chunks: how many chunks hold them, empty slots not counted.
        size_bytes: size of the file.
        next_record: the number that the next record would get.
    """

    records: int
    chunks: int
    size_bytes: int
    next_record: int


def write_log(
    path: Path,
    events: Iterable[EventSpec | ChunkBreak],
    *,
    first_record: int = 1,
    records_per_chunk: int | None = None,
    wrapped_at: int = 0,
    live: bool = False,
    empty_slots: int = 0,
) -> WrittenLog:
    """Write events to an .evtx file, in order; chunk by chunk, so that memory does not grow with the log.

    Args:
        path: the file; replaced where it exists.
        events: what to write; ``CHUNK_BREAK`` among them ends a chunk early.
        first_record: number of the first record.
        records_per_chunk: the most records of a chunk, to get many chunks of few events; ``None`` fills them.
        wrapped_at: slot of the oldest chunk; the newest chunks stand in the slots before it, as in a circular log. The
            chunks are held in memory then.
        live: as if copied while the service had it open: the header is dirty, counts one chunk and knows the records of
            that one only, and the newest chunk's data CRC is that of before its last record.
        empty_slots: zeroed chunk slots at the end, as Windows allocates them ahead.

    Raises:
        ValueError: there is no event, one does not fit into a chunk (about 31,600 UTF-16 units of text), or
            ``wrapped_at`` is past the last chunk.
    """
    shape = _Shape(first_record, records_per_chunk, wrapped_at, live, empty_slots)
    with path.open("wb") as file:
        return _write(file, _chunks(events, shape), shape)


def write_chunks(path: Path, chunks: Iterable[Chunk]) -> WrittenLog:
    """Write chunks that the caller has filled, numbered from 1, to an .evtx file; each is let go when it is written."""
    with path.open("wb") as file:
        return _write(file, chunks, _Shape())


def build_log(
    events: Iterable[EventSpec | ChunkBreak],
    *,
    first_record: int = 1,
    records_per_chunk: int | None = None,
    wrapped_at: int = 0,
    live: bool = False,
    empty_slots: int = 0,
) -> bytes:
    """Return the bytes that ``write_log`` would write."""
    file = io.BytesIO()
    shape = _Shape(first_record, records_per_chunk, wrapped_at, live, empty_slots)
    _write(file, _chunks(events, shape), shape)
    return file.getvalue()


class _Shape(msgspec.Struct, frozen=True):
    """The arguments of ``write_log`` that shape the file."""

    first_record: int = 1
    records_per_chunk: int | None = None
    wrapped_at: int = 0
    live: bool = False
    empty_slots: int = 0


def _write(file: BinaryIO, chunks: Iterable[Chunk], shape: _Shape) -> WrittenLog:
    file.write(bytes(FILE_HEADER_BYTES))
    counts: list[int] = []
    encoded = _encoded(chunks, counts, live=shape.live)
    file.writelines(_rotated(list(encoded), shape.wrapped_at) if shape.wrapped_at else encoded)
    file.writelines(bytes(CHUNK_BYTES) for _ in range(shape.empty_slots))
    if not counts:
        raise ValueError("a log without events cannot be written")
    size_bytes = file.tell()
    file.seek(0)
    file.write(_file_header(counts, shape).encode())
    return WrittenLog(sum(counts), len(counts), size_bytes, shape.first_record + sum(counts))


def _file_header(counts: list[int], shape: _Shape) -> FileHeader:
    known = counts[:1] if shape.live else counts
    return FileHeader(
        oldest_chunk=shape.wrapped_at,
        newest_chunk=(shape.wrapped_at + len(known) - 1) % len(counts),
        next_record=shape.first_record + sum(known),
        chunks=min(len(known), 0xFFFF),  # the field has 16 bits
        dirty=shape.live,
    )


def _rotated(chunks: list[bytes], oldest_slot: int) -> list[bytes]:
    if oldest_slot >= len(chunks):
        raise ValueError(f"wrapped_at is {oldest_slot}, but there are {len(chunks)} chunks")
    return chunks[-oldest_slot:] + chunks[:-oldest_slot]


def _encoded(chunks: Iterable[Chunk], counts: list[int], *, live: bool) -> Iterator[bytes]:
    """Encode each chunk when its successor is known, so that the last can be told from the others."""
    previous: Chunk | None = None
    for chunk in chunks:
        if previous is not None:
            yield previous.encode()
        counts.append(len(chunk))
        previous = chunk
    if previous is not None:
        yield previous.encode(stale_crc=live)


def _chunks(events: Iterable[EventSpec | ChunkBreak], shape: _Shape) -> Iterator[Chunk]:
    """Fill chunks; one is yielded when it is full, or ended early."""
    chunk = Chunk()
    number = shape.first_record
    for event in events:
        if len(chunk) and (isinstance(event, ChunkBreak) or len(chunk) == shape.records_per_chunk):
            yield chunk
            chunk = Chunk()
        if isinstance(event, ChunkBreak):
            continue
        record = prepare(event, number)
        if not chunk.add(record):
            if len(chunk):
                yield chunk
            chunk = _chunk_with(record)
        number += 1
    if len(chunk):
        yield chunk


def _chunk_with(record: Record) -> Chunk:
    chunk = Chunk()
    if not chunk.add(record):
        raise ValueError(f"record {record.number} is larger than a chunk")
    return chunk


def prepare(event: EventSpec, number: int) -> Record:
    """Make the record of an event under a record number, ready for any chunk."""
    nested = payloads(event)
    record_id = number if event.record_id is None else event.record_id
    written = ticks(event.time if event.header_time is None else event.header_time)
    return Record(number, written, system_values(event, record_id, len(nested)), nested)
