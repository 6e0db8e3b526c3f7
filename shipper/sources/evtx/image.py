"""A chunk as a decoder can read it: the damage that the walker saw is bridged, the records stay as they are.

The decoders trust a chunk's header (signature, last record, free space, tables) and stop, or read nothing, where it is
wrong. So none of them gets the header of the file: each gets one that says what the walker found.
"""

import struct

from shipper.sources.evtx.header import (
    CHUNK_MAGIC,
    FILE_HEADER_BYTES,
    FILE_MAGIC,
    FIRST_RECORD_OFFSET,
    LAST_RECORD_OFFSET,
    RECORD_BYTES_MIN,
    TABLES_OFFSET,
)
from shipper.sources.evtx.walker import RECORD_MAGIC, Walk

#: Record number of what stands in a gap; a decoder's answer with it is thrown away.
NO_RECORD = 2**64 - 1

#: A decoder stops behind the record that the header calls the last: none is.
_LAST_RECORD = NO_RECORD - 1
_CHUNK_HEADER_BYTES = 128
_NO_TABLES = bytes(FIRST_RECORD_OFFSET - TABLES_OFFSET)
_ENDS = struct.Struct("<QIII")
_SIZE = struct.Struct("<I")
_SIZE_OFFSET = 4
_RECORD = struct.Struct("<4sIQ")


def _file_header() -> bytes:
    head = struct.pack("<8sQQQIHHHH", FILE_MAGIC, 0, 0, 0, _CHUNK_HEADER_BYTES, 1, 3, FILE_HEADER_BYTES, 1)
    return head.ljust(FILE_HEADER_BYTES, b"\0")


#: The header of a file of one chunk; decoders check little of it.
FILE_HEADER = _file_header()


def build_image(chunk: bytearray, walk: Walk) -> bytearray:
    """Turn a copy of a chunk into its image, in place, and return it.

    The tables of names and templates are emptied: decoders look there first, but find every name and template by the
    offset that its user carries as well, and a table that is damaged makes them fail or turn in circles.
    """
    last = walk.frames[-1].offset if walk.frames else FIRST_RECORD_OFFSET
    end = last + walk.frames[-1].size_bytes if walk.frames else FIRST_RECORD_OFFSET
    chunk[: len(CHUNK_MAGIC)] = CHUNK_MAGIC
    _ENDS.pack_into(chunk, LAST_RECORD_OFFSET, _LAST_RECORD, _CHUNK_HEADER_BYTES, last, end)
    chunk[TABLES_OFFSET:FIRST_RECORD_OFFSET] = _NO_TABLES
    if walk.gaps:
        _bridge(chunk, walk, end)
    return chunk


def _bridge(chunk: bytearray, walk: Walk, end: int) -> None:
    """Set sizes so that each record, and what stands between two of them, leads to the next."""
    for frame in walk.frames:
        if frame.repaired:
            _SIZE.pack_into(chunk, frame.offset + _SIZE_OFFSET, frame.size_bytes)
    ends = {frame.offset + frame.size_bytes: frame for frame in walk.frames}
    for gap in walk.gaps:
        size = gap.end - gap.offset
        before = ends.get(gap.offset)
        if gap.end > end or size == 0:
            continue
        if size >= RECORD_BYTES_MIN:
            _RECORD.pack_into(chunk, gap.offset, RECORD_MAGIC, size, NO_RECORD)
        elif before is not None:
            _SIZE.pack_into(chunk, before.offset + _SIZE_OFFSET, before.size_bytes + size)
