"""Damage on purpose: pure functions from the bytes of a log to the bytes of a damaged one.

Records are counted in the order of the file, from 0; chunk slots too.
"""

import struct
from collections.abc import Iterator

from shipper.testing.evtx_writer.layout import (
    CHUNK_BYTES,
    CHUNK_COUNT_OFFSET,
    CHUNK_CRC_OFFSET,
    CHUNK_DATA_CRC_OFFSET,
    CHUNK_HEADER_BYTES,
    CHUNK_MAGIC,
    FILE_CRC_OFFSET,
    FILE_HEADER_BYTES,
    NAME_BUCKETS,
    NAME_TABLE_OFFSET,
    RECORD_HEADER_BYTES,
    RECORD_MAGIC,
    chunk_header_crc,
    file_header_crc,
)

_SIZE_OFFSET = 4


def record_offsets(log: bytes) -> Iterator[int]:
    """Yield where each record of a sound log begins, in the order of the file."""
    for chunk in range(FILE_HEADER_BYTES, len(log), CHUNK_BYTES):
        offset = chunk + CHUNK_HEADER_BYTES
        while log[chunk : chunk + len(CHUNK_MAGIC)] == CHUNK_MAGIC and log[offset : offset + 4] == RECORD_MAGIC:
            yield offset
            offset += struct.unpack_from("<I", log, offset + _SIZE_OFFSET)[0]


def flip_bit(log: bytes, record: int, *, byte: int = RECORD_HEADER_BYTES, bit: int = 0) -> bytes:
    """Flip one bit of a record.

    Args:
        log: a sound log.
        record: which record, from 0.
        byte: which byte of it; the default is the first of its BinXML.
        bit: which bit, 0..7.
    """
    damaged = bytearray(log)
    damaged[_offset(log, record) + byte] ^= 1 << bit
    return bytes(damaged)


def zero_size(log: bytes, record: int) -> bytes:
    """Set the size of a record to 0: a walker cannot go on in its chunk."""
    return _replaced(log, _offset(log, record) + _SIZE_OFFSET, bytes(4))


def truncate(log: bytes, size_bytes: int) -> bytes:
    """Keep the first ``size_bytes``; a negative number cuts that much off the end."""
    return log[:size_bytes]


def destroy_chunk_magic(log: bytes, slot: int) -> bytes:
    """Overwrite the magic of a chunk with zeros."""
    return _replaced(log, _chunk(slot), bytes(len(CHUNK_MAGIC)))


def break_header_crc(log: bytes) -> bytes:
    """Invert the checksum of the file header."""
    return _inverted(log, FILE_CRC_OFFSET)


def break_chunk_header_crc(log: bytes, slot: int) -> bytes:
    """Invert the checksum of a chunk header."""
    return _inverted(log, _chunk(slot) + CHUNK_CRC_OFFSET)


def break_data_crc(log: bytes, slot: int) -> bytes:
    """Invert the data checksum of a chunk; that of its header is right again, as on a live log."""
    damaged = _inverted(log, _chunk(slot) + CHUNK_DATA_CRC_OFFSET)
    return _resealed(damaged, slot)


def break_string_table(log: bytes, slot: int) -> bytes:
    """Point every chain of names past the end of the chunk; the checksum of the header is right again."""
    heads = struct.pack("<I", CHUNK_BYTES + 1) * NAME_BUCKETS
    return _resealed(_replaced(log, _chunk(slot) + NAME_TABLE_OFFSET, heads), slot)


def stale_chunk_count(log: bytes, chunks: int) -> bytes:
    """Let the file header count another number of chunks, under a valid checksum."""
    damaged = _replaced(log, CHUNK_COUNT_OFFSET, struct.pack("<H", chunks))
    return _replaced(damaged, FILE_CRC_OFFSET, struct.pack("<I", file_header_crc(damaged)))


def _chunk(slot: int) -> int:
    return FILE_HEADER_BYTES + slot * CHUNK_BYTES


def _offset(log: bytes, record: int) -> int:
    for index, offset in enumerate(record_offsets(log)):
        if index == record:
            return offset
    raise IndexError(f"the log has no record {record}")


def _replaced(log: bytes, offset: int, part: bytes) -> bytes:
    return b"".join((log[:offset], part, log[offset + len(part) :]))


def _inverted(log: bytes, offset: int) -> bytes:
    (value,) = struct.unpack_from("<I", log, offset)
    return _replaced(log, offset, struct.pack("<I", value ^ 0xFFFFFFFF))


def _resealed(log: bytes, slot: int) -> bytes:
    chunk = log[_chunk(slot) : _chunk(slot) + CHUNK_BYTES]
    return _replaced(log, _chunk(slot) + CHUNK_CRC_OFFSET, struct.pack("<I", chunk_header_crc(chunk)))
