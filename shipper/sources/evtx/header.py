"""Headers of an .evtx: of the file, and of each of its 64 KB chunks.

Source: https://github.com/libyal/libevtx/blob/main/documentation/Windows%20XML%20Event%20Log%20(EVTX).asciidoc,
sections "File header" and "Chunk header".
"""

import struct
import zlib

import msgspec

FILE_HEADER_BYTES = 4096
CHUNK_BYTES = 65536
#: Where the first record of a chunk stands: behind the header and the tables of names and templates.
FIRST_RECORD_OFFSET = 512
FILE_MAGIC = b"ElfFile\x00"
CHUNK_MAGIC = b"ElfChnk\x00"

#: Offsets in a chunk of what a rebuilt header sets.
LAST_RECORD_OFFSET, TABLES_OFFSET = 32, 128
#: As much of a chunk as ``parse_chunk_header`` needs.
CHUNK_HEADER_PREFIX_BYTES = 128

_FILE = struct.Struct("<8sQQQIHHHH")
_FILE_TAIL = struct.Struct("<II")
_FILE_TAIL_OFFSET = 120
_CHUNK = struct.Struct("<8sQQQQIIII")
_CRC = struct.Struct("<I")
_CHUNK_CRC_OFFSET = 124
#: The smallest record: header of 24 bytes and the copy of its size.
RECORD_BYTES_MIN = 28
#: No chunk holds more records than this.
RECORDS_MAX = (CHUNK_BYTES - FIRST_RECORD_OFFSET) // RECORD_BYTES_MIN

Readable = bytes | bytearray | memoryview


class FileHeader(msgspec.Struct, frozen=True):
    """The file header.

    Attributes:
        next_record: number the next record is to get.
        chunk_count: stale on a live log: the size of the file says how many slots there are.
        dirty: the log was open, or not closed properly, when it was copied.
        crc_matches: whether the checksum is right; it proves nothing either way on a live log.
    """

    next_record: int
    chunk_count: int
    dirty: bool
    crc_matches: bool


class ChunkHeader(msgspec.Struct, frozen=True):
    """The header of a chunk that has the signature of one.

    Attributes:
        first_record, last_record: numbers of its records, as the record headers have them.
        free_offset: where its free space begins, as the header says; stale on a live log.
        data_crc: checksum of the records, as the header says; wrong on a live log.
    """

    first_record: int
    last_record: int
    free_offset: int
    data_crc: int

    @property
    def records(self) -> int | None:
        """How many records the header says there are, ``None`` where its numbers make no sense."""
        count = self.last_record - self.first_record + 1
        return count if 0 < count <= RECORDS_MAX else None


def parse_file_header(head: Readable) -> FileHeader | None:
    """Return the header of a file, ``None`` where the bytes do not begin with its signature."""
    if len(head) < _FILE_TAIL_OFFSET + _FILE_TAIL.size or bytes(head[: len(FILE_MAGIC)]) != FILE_MAGIC:
        return None
    _, _, _, next_record, _, _, _, _, chunk_count = _FILE.unpack_from(head)
    flags, crc = _FILE_TAIL.unpack_from(head, _FILE_TAIL_OFFSET)
    return FileHeader(next_record, chunk_count, bool(flags & 1), crc == zlib.crc32(head[:_FILE_TAIL_OFFSET]))


def parse_chunk_header(chunk: Readable, offset: int = 0) -> ChunkHeader | None:
    """Return the header of the chunk at ``offset``, ``None`` where there is no signature of one."""
    if len(chunk) < offset + CHUNK_HEADER_PREFIX_BYTES:
        return None
    magic, _, _, first, last, _, _, free, data_crc = _CHUNK.unpack_from(chunk, offset)
    return ChunkHeader(first, last, free, data_crc) if magic == CHUNK_MAGIC else None


def header_crc_matches(chunk: Readable) -> bool:
    """Say whether the checksum of a chunk's header is right: bytes 0..119 and 128..511."""
    crc = zlib.crc32(chunk[TABLES_OFFSET:FIRST_RECORD_OFFSET], zlib.crc32(chunk[:_FILE_TAIL_OFFSET]))
    return bool(crc == _CRC.unpack_from(chunk, _CHUNK_CRC_OFFSET)[0])


def data_crc_matches(chunk: Readable, header: ChunkHeader) -> bool:
    """Say whether the checksum of a chunk's records is right; on a live log it is not."""
    return zlib.crc32(chunk[FIRST_RECORD_OFFSET : header.free_offset]) == header.data_crc
