"""Damage by chance: a log, a seeded generator, and what comes out is damaged in ways that hurt a reader.

``damage`` breaks what a test names; here the generator chooses, with a liking for what readers trust: sizes, offsets,
numbers, templates, checksums. The same seed gives the same bytes.
"""

import random
import struct
from collections.abc import Callable, Sequence

from shipper.testing.evtx_writer.damage import record_offsets
from shipper.testing.evtx_writer.layout import (
    CHUNK_BYTES,
    CHUNK_CRC_OFFSET,
    CHUNK_DATA_CRC_OFFSET,
    CHUNK_HEADER_BYTES,
    FILE_CRC_OFFSET,
    FILE_HEADER_BYTES,
    NAME_TABLE_OFFSET,
    RECORD_HEADER_BYTES,
    chunk_data_crc,
    chunk_header_crc,
    file_header_crc,
)

_U32_MAX = 0xFFFFFFFF
#: Numbers at which arithmetic goes wrong: zero, the limits of types and of a chunk, and their neighbours.
_AWKWARD = (0, 1, 3, 4, 7, 8, 23, 24, 27, 28, 127, 128, 255, 256, 511, 512, 0x7FFF, 0x8000, 0xFFF8, 0xFFFF)
_AWKWARD_32 = (*_AWKWARD, 0x10000, 0x10001, 0x7FFFFFFF, 0x80000000, 0xFFFFFFF0, _U32_MAX)
_TEMPLATE_INSTANCE = b"\x0c\x01"
#: Template id, then the offset of its definition, behind the token of an instance.
_DEFINITION_OFFSET = 6
_MOST_EDITS = 4
_MOST_BITS = 24
#: Of the fields of a chunk header: first and last numbers twice, header size, last offset, free offset, data CRC.
_CHUNK_FIELDS = (8, 12, 16, 20, 24, 28, 32, 36, 40, 44, 48, 52, 120)
_FILE_FIELDS = (0, 8, 16, 24, 32, 36, 38, 40, 42, 120)

Edit = Callable[[bytearray, random.Random, Sequence[bytes]], None]


def mutate(log: bytes, chance: random.Random, others: Sequence[bytes]) -> bytes:
    """Return ``log`` with one to four kinds of damage, its checksums made right again half of the time.

    Args:
        log: a log of at least one chunk.
        chance: where everything random comes from.
        others: logs to take chunks and pieces from; ``log`` may be among them.
    """
    damaged = bytearray(log)
    for _ in range(chance.randint(1, _MOST_EDITS)):
        chance.choice(_EDITS)(damaged, chance, others)
    if chance.random() < 0.5:  # noqa: PLR2004 (half)
        _reseal(damaged)
    return bytes(damaged)


def _flip_bits(log: bytearray, chance: random.Random, _others: Sequence[bytes]) -> None:
    for _ in range(chance.randint(1, _MOST_BITS)):
        at = _place(log, chance)
        log[at : at + 1] = bytes([(log[at] if at < len(log) else 0) ^ 1 << chance.randrange(8)])


def _set_number(log: bytearray, chance: random.Random, _others: Sequence[bytes]) -> None:
    """Write a number where there may be a size, a count or an offset."""
    number = chance.choice(_AWKWARD_32) if chance.random() < 0.7 else chance.getrandbits(32)  # noqa: PLR2004 (mostly)
    width = chance.choice((1, 2, 4, 8))
    at = _place(log, chance)
    log[at : at + width] = (number % (1 << 8 * width)).to_bytes(width, "little")


def _set_record_size(log: bytearray, chance: random.Random, _others: Sequence[bytes]) -> None:
    at = _record(log, chance)
    size = _u32(log, at + 4)
    new = chance.choice((*_AWKWARD_32, size - 8, size + 8, size * 2, CHUNK_BYTES - at % CHUNK_BYTES))
    _put_u32(log, at + 4, new)
    if chance.random() < 0.5:  # noqa: PLR2004 (half)
        _put_u32(log, at + min(new, CHUNK_BYTES) - 4, new)


def _set_header_field(log: bytearray, chance: random.Random, _others: Sequence[bytes]) -> None:
    if chance.random() < 0.3:  # noqa: PLR2004 (less often)
        _put_u32(log, chance.choice(_FILE_FIELDS), chance.choice(_AWKWARD_32))
        return
    _put_u32(log, _chunk(log, chance) + chance.choice(_CHUNK_FIELDS), chance.choice(_AWKWARD_32))


def _set_table_entry(log: bytearray, chance: random.Random, _others: Sequence[bytes]) -> None:
    """Let a chain of names or templates lead elsewhere, into itself perhaps."""
    at = _chunk(log, chance) + chance.randrange(NAME_TABLE_OFFSET, CHUNK_HEADER_BYTES, 4)
    _put_u32(log, at, chance.choice((*_AWKWARD_32, chance.randrange(CHUNK_BYTES))))


def _set_definition_offset(log: bytearray, chance: random.Random, _others: Sequence[bytes]) -> None:
    """Let an instance name another definition: of another template, of itself, in the middle of a text."""
    begin = _chunk(log, chance)
    places = []
    at = log.find(_TEMPLATE_INSTANCE, begin, begin + CHUNK_BYTES)
    while at >= 0:
        places.append(at)
        at = log.find(_TEMPLATE_INSTANCE, at + 1, begin + CHUNK_BYTES)
    if places:
        instance = chance.choice(places)
        target = chance.choice((instance - begin, chance.choice(places) - begin + 10, chance.randrange(CHUNK_BYTES)))
        _put_u32(log, instance + _DEFINITION_OFFSET, target)


def _copy_within(log: bytearray, chance: random.Random, _others: Sequence[bytes]) -> None:
    size = chance.choice((8, 24, 64, 512, 4096, 8192))
    source, target = _place(log, chance), _place(log, chance)
    log[target : target + size] = log[source : source + size]


def _splice(log: bytearray, chance: random.Random, others: Sequence[bytes]) -> None:
    other = chance.choice(others)
    size = chance.choice((16, 200, 4096, CHUNK_BYTES))
    source, target = chance.randrange(len(other)), _place(log, chance)
    piece = other[source : source + size]
    log[target : target + len(piece)] = piece


def _replace_chunk(log: bytearray, chance: random.Random, others: Sequence[bytes]) -> None:
    """Put a chunk of a log in place of another, the whole of it or its beginning: overwritten while it was read."""
    other = chance.choice(others)
    slot = chance.randrange((len(other) - FILE_HEADER_BYTES) // CHUNK_BYTES)
    size = chance.choice((CHUNK_HEADER_BYTES, 4096, CHUNK_BYTES // 2, CHUNK_BYTES, CHUNK_BYTES))
    begin = FILE_HEADER_BYTES + slot * CHUNK_BYTES
    at = _chunk(log, chance)
    log[at : at + size] = other[begin : begin + size]


def _fill(log: bytearray, chance: random.Random, _others: Sequence[bytes]) -> None:
    at, size = _place(log, chance), chance.choice((4, 64, 512, 4096, CHUNK_BYTES))
    log[at : at + size] = bytes([chance.choice((0, 0, 0xFF, 0x2A))]) * len(log[at : at + size])


def _change_length(log: bytearray, chance: random.Random, _others: Sequence[bytes]) -> None:
    if chance.random() < 0.7:  # noqa: PLR2004 (mostly)
        del log[chance.randrange(len(log)) :]
    else:
        log += chance.randbytes(chance.choice((1, 100, 5000, CHUNK_BYTES)))


_EDITS: tuple[Edit, ...] = (
    _flip_bits,
    _flip_bits,
    _set_number,
    _set_number,
    _set_number,
    _set_record_size,
    _set_header_field,
    _set_table_entry,
    _set_definition_offset,
    _set_definition_offset,
    _copy_within,
    _splice,
    _replace_chunk,
    _fill,
    _change_length,
)


def _place(log: bytearray, chance: random.Random) -> int:
    """Return an offset where damage matters: in a header, in the tables, in a record's header, in its event."""
    where = chance.randrange(8)
    if where == 0 or len(log) <= FILE_HEADER_BYTES:
        return chance.randrange(128)
    if where == 1:
        return _chunk(log, chance) + chance.randrange(CHUNK_HEADER_BYTES)
    if where == 2:  # noqa: PLR2004 (the next of eight)
        return _record(log, chance) + chance.randrange(RECORD_HEADER_BYTES)
    return _record(log, chance) + RECORD_HEADER_BYTES + chance.randrange(600)


def _chunk(log: bytearray, chance: random.Random) -> int:
    slots = max(1, (len(log) - FILE_HEADER_BYTES) // CHUNK_BYTES)
    return FILE_HEADER_BYTES + CHUNK_BYTES * chance.randrange(slots)


def _record(log: bytearray, chance: random.Random) -> int:
    """Return where a record of one chunk begins; where its first would, if there is none."""
    begin = _chunk(log, chance)
    chunk = bytes(FILE_HEADER_BYTES) + bytes(log[begin : begin + CHUNK_BYTES])
    offsets = []
    for offset in record_offsets(chunk):
        offsets.append(offset)
        if offset + 8 > len(chunk) or not _u32(chunk, offset + 4):
            break
    return begin - FILE_HEADER_BYTES + (chance.choice(offsets) if offsets else FILE_HEADER_BYTES + CHUNK_HEADER_BYTES)


def _u32(log: bytes | bytearray, at: int) -> int:
    return int.from_bytes(log[at : at + 4], "little")


def _put_u32(log: bytearray, at: int, number: int) -> None:
    """Overwrite four bytes; past the end of the log they are appended."""
    log[at : at + 4] = struct.pack("<I", number & _U32_MAX)


def _reseal(log: bytearray) -> None:
    """Make every checksum right again, so that no reader is warned by one."""
    if len(log) >= FILE_HEADER_BYTES:
        _put_u32(log, FILE_CRC_OFFSET, file_header_crc(bytes(log[:FILE_HEADER_BYTES])))
    for begin in range(FILE_HEADER_BYTES, len(log) - CHUNK_BYTES + 1, CHUNK_BYTES):
        chunk = bytes(log[begin : begin + CHUNK_BYTES])
        _put_u32(log, begin + CHUNK_DATA_CRC_OFFSET, chunk_data_crc(chunk))
        resealed = bytes(log[begin : begin + CHUNK_HEADER_BYTES])
        _put_u32(log, begin + CHUNK_CRC_OFFSET, chunk_header_crc(resealed))
