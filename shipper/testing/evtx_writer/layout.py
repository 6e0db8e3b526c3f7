"""The file and chunk headers: sizes, offsets, checksums.

Source: https://github.com/libyal/libevtx/blob/main/documentation/Windows%20XML%20Event%20Log%20(EVTX).asciidoc,
sections "File header" and "Chunk header".
"""

import struct
import zlib

import msgspec

FILE_MAGIC = b"ElfFile\0"
CHUNK_MAGIC = b"ElfChnk\0"
RECORD_MAGIC = b"\x2a\x2a\0\0"

FILE_HEADER_BYTES = 4096
CHUNK_BYTES = 65536
CHUNK_HEADER_BYTES = 512
#: Magic, size, record number, FILETIME; the copy of the size follows the event.
RECORD_HEADER_BYTES = 24

NAME_BUCKETS = 64
TEMPLATE_BUCKETS = 32

FLAG_DIRTY = 1
#: Seen in every chunk that Windows wrote, undocumented.
CHUNK_FLAGS = 1
VERSION_3_1 = (1, 3)

_HEADER_SIZE = 128
_CRC_OFFSET = 124
_CRC_RANGE_END = 120
_CHUNK_DATA_CRC_OFFSET = 52
_FREE_OFFSET_OFFSET = 48

#: Offsets in the file header that damage and tests patch.
CHUNK_COUNT_OFFSET = 42
FILE_FLAGS_OFFSET = 120
FILE_CRC_OFFSET = _CRC_OFFSET
#: Offsets in the chunk header.
CHUNK_DATA_CRC_OFFSET = _CHUNK_DATA_CRC_OFFSET
CHUNK_CRC_OFFSET = _CRC_OFFSET
NAME_TABLE_OFFSET = 128


class FileHeader(msgspec.Struct, frozen=True):
    """What the file header says.

    Attributes:
        oldest_chunk: slot of the chunk with the lowest record numbers.
        newest_chunk: slot that was written last.
        next_record: number the next record will get.
        chunks: how many chunks there are.
        dirty: the log was open when it was copied.
    """

    oldest_chunk: int
    newest_chunk: int
    next_record: int
    chunks: int
    dirty: bool = False

    def encode(self) -> bytes:
        """Return the 4096 bytes of the header, checksum included."""
        fields = (self.oldest_chunk, self.newest_chunk, self.next_record, _HEADER_SIZE)
        head = struct.pack("<8sQQQIHHHH", FILE_MAGIC, *fields, *VERSION_3_1, FILE_HEADER_BYTES, self.chunks)
        head = head.ljust(_CRC_RANGE_END, b"\0")
        head += struct.pack("<II", FLAG_DIRTY if self.dirty else 0, zlib.crc32(head))
        return head.ljust(FILE_HEADER_BYTES, b"\0")


class ChunkHeader(msgspec.Struct, frozen=True):
    """What a chunk header says; the CRC of the data is given, so that a live log can carry a stale one.

    Attributes:
        first_record: lowest record number in the chunk.
        last_record: highest record number in the chunk.
        last_offset: where the last record begins, from the start of the chunk.
        free_offset: where free space begins.
        data_crc: CRC-32 from byte 512 to the free space.
        names: heads of the 64 chains of names.
        templates: heads of the 32 chains of template definitions.
    """

    first_record: int
    last_record: int
    last_offset: int
    free_offset: int
    data_crc: int
    names: list[int]
    templates: list[int]

    def encode(self) -> bytes:
        """Return the 512 bytes of the header, checksum included."""
        numbers = (self.first_record, self.last_record) * 2
        offsets = (_HEADER_SIZE, self.last_offset, self.free_offset, self.data_crc)
        head = struct.pack("<8sQQQQIIII", CHUNK_MAGIC, *numbers, *offsets).ljust(_CRC_RANGE_END, b"\0")
        tables = struct.pack("<96I", *self.names, *self.templates)
        return head + struct.pack("<II", CHUNK_FLAGS, zlib.crc32(tables, zlib.crc32(head))) + tables


def file_header_crc(header: bytes) -> int:
    """Compute the checksum that belongs at byte 124 of a file header: CRC-32 of its first 120 bytes."""
    return zlib.crc32(header[:_CRC_RANGE_END])


def chunk_header_crc(chunk: bytes) -> int:
    """Compute the checksum that belongs at byte 124 of a chunk: CRC-32 of bytes 0..119 and 128..511."""
    return zlib.crc32(chunk[NAME_TABLE_OFFSET:CHUNK_HEADER_BYTES], zlib.crc32(chunk[:_CRC_RANGE_END]))


def chunk_data_crc(chunk: bytes) -> int:
    """Compute the checksum that belongs at byte 52 of a chunk: CRC-32 of byte 512 up to the free space."""
    (free,) = struct.unpack_from("<I", chunk, _FREE_OFFSET_OFFSET)
    return zlib.crc32(chunk[CHUNK_HEADER_BYTES:free])


def name_hash(units: bytes) -> int:
    """Fold UTF-16 units (little-endian bytes) into the hash of names; its low 16 bits stand beside each name.

    The bucket of a name is this value modulo 64; the bucket of a template is that of the eight units of its GUID modulo
    32 (found by trying on the 77 templates of a System log that Windows wrote: 77 agree).
    """
    value = 0
    for (unit,) in struct.iter_unpack("<H", units):
        value = (value * 65599 + unit) & 0xFFFFFFFF
    return value
