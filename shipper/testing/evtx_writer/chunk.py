"""A chunk: 64 KB that stand on their own, with records and the tables of names and templates they share."""

import struct
import zlib
from functools import lru_cache

import msgspec

from shipper.testing.evtx_writer.binxml import END_OF_STREAM, FRAGMENT_HEADER, TEMPLATE_INSTANCE, Size, Template
from shipper.testing.evtx_writer.layout import (
    CHUNK_BYTES,
    CHUNK_HEADER_BYTES,
    NAME_BUCKETS,
    RECORD_HEADER_BYTES,
    RECORD_MAGIC,
    TEMPLATE_BUCKETS,
    ChunkHeader,
    name_hash,
)
from shipper.testing.evtx_writer.payload import Instance
from shipper.testing.evtx_writer.system import SystemValues
from shipper.testing.evtx_writer.values import BINXML, utf16

_U32 = struct.Struct("<I")
_DESCRIPTOR = struct.Struct("<HH")
_RECORD_HEAD = struct.Struct("<4sIQQ")
_SIZE_PLACEHOLDER = bytes(4)
#: Fragment header, token, template id, offset of the definition.
_INSTANCE_HEAD_BYTES = 14
#: Offset of the next definition, GUID, size.
_DEFINITION_HEAD_BYTES = 24
_ALIGNMENT = 8


class Record(msgspec.Struct, frozen=True):
    """A record ready for any chunk: what depends on the chunk (templates, names) is only referenced.

    Attributes:
        number: the record number of the record header.
        written: its FILETIME.
        system: the outer instance.
        payloads: what is nested in it, in order.
    """

    number: int
    written: int
    system: SystemValues
    payloads: tuple[Instance, ...]


class Chunk:
    """Collects records until one does not fit."""

    def __init__(self) -> None:
        self._data = bytearray(CHUNK_HEADER_BYTES)
        self._names: dict[str, int] = {}
        self._name_heads = [0] * NAME_BUCKETS
        self._template_heads = [0] * TEMPLATE_BUCKETS
        self._instance_heads: dict[bytes, bytes] = {}
        self._numbers: list[int] = []
        self._last_offset = 0

    def __len__(self) -> int:
        """Count the records."""
        return len(self._numbers)

    def add(self, record: Record) -> bool:
        """Append a record; ``False`` where it does not fit, and the chunk stays as it was."""
        state = self._state(record)
        start = len(self._data)
        event = self._event(record, start)
        padding = -(len(event) + RECORD_HEADER_BYTES + 4) % _ALIGNMENT
        size = RECORD_HEADER_BYTES + len(event) + padding + 4
        if start + size > CHUNK_BYTES:
            self._restore(state)
            return False
        head = _RECORD_HEAD.pack(RECORD_MAGIC, size, record.number, record.written)
        self._data += b"".join((head, event, bytes(padding), _U32.pack(size)))
        self._numbers.append(record.number)
        self._last_offset = start
        return True

    def encode(self, *, stale_crc: bool = False) -> bytes:
        """Return the 65,536 bytes of the chunk.

        Args:
            stale_crc: leave the data CRC as it was before the last record, as a live log has it.
        """
        covered = self._last_offset if stale_crc else self.end
        header = self.header(zlib.crc32(memoryview(self._data)[CHUNK_HEADER_BYTES:covered]))
        return b"".join((header, self.tail(CHUNK_HEADER_BYTES), bytes(CHUNK_BYTES - self.end)))

    @property
    def end(self) -> int:
        """Where free space begins."""
        return len(self._data)

    def header(self, data_crc: int) -> bytes:
        """Return the 512 bytes of the header of a chunk that has records, with this CRC of its data."""
        return ChunkHeader(
            first_record=self._numbers[0],
            last_record=self._numbers[-1],
            last_offset=self._last_offset,
            free_offset=self.end,
            data_crc=data_crc,
            names=self._name_heads,
            templates=self._template_heads,
        ).encode()

    def tail(self, offset: int) -> bytes:
        """Return the bytes from ``offset`` up to the free space."""
        return bytes(memoryview(self._data)[offset:])

    def _event(self, record: Record, start: int) -> bytes:
        """Return the BinXML of a record that begins at ``start``; defines its templates where they are new."""
        system = record.system
        head = self._instance_head(system.template, start + RECORD_HEADER_BYTES)
        before = len(head) + len(system.descriptors) + 4 * len(record.payloads) + len(system.values)
        position = start + RECORD_HEADER_BYTES + before
        descriptors = [head, system.descriptors]
        values = [system.values]
        for payload in record.payloads:
            nested = b"".join((self._instance_head(payload.template, position), payload.body, END_OF_STREAM))
            descriptors.append(_DESCRIPTOR.pack(min(len(nested), 0xFFFF), BINXML))
            values.append(nested)
            position += len(nested)
        return b"".join((*descriptors, *values, END_OF_STREAM))

    def _instance_head(self, template: Template, at: int) -> bytes:
        """Return what an instance begins with at offset ``at``: the reference, and the definition at its first use."""
        known = self._instance_heads.get(template.guid)
        if known is not None:
            return known
        offset = at + _INSTANCE_HEAD_BYTES
        head = b"".join((FRAGMENT_HEADER, TEMPLATE_INSTANCE, template.guid[:4], _U32.pack(offset)))
        self._instance_heads[template.guid] = head
        body = self._definition(template, offset + _DEFINITION_HEAD_BYTES)
        following = self._template_heads[template.bucket]
        self._template_heads[template.bucket] = offset
        return b"".join((head, _U32.pack(following), template.guid, _U32.pack(len(body)), body))

    def _definition(self, template: Template, at: int) -> bytearray:
        """Replay the steps of a template at offset ``at``."""
        out = bytearray()
        open_sizes: list[int] = []
        for step in template.steps:
            if isinstance(step, bytes):
                out += step
            elif isinstance(step, str):
                out += self._name(step, at + len(out))
            elif step is Size.OPEN:
                open_sizes.append(len(out))
                out += _SIZE_PLACEHOLDER
            else:
                begin = open_sizes.pop()
                _U32.pack_into(out, begin, len(out) - begin - 4)
        return out

    def _name(self, name: str, at: int) -> bytes:
        """Return the reference to a name that stands at offset ``at``, with the name itself at its first use."""
        known = self._names.get(name)
        if known is not None:
            return _U32.pack(known)
        offset = at + 4
        bucket, entry = _name_entry(name)
        following = self._name_heads[bucket]
        self._name_heads[bucket] = self._names[name] = offset
        return b"".join((_U32.pack(offset), _U32.pack(following), entry))

    def _state(self, record: Record) -> tuple[int, int, list[int], list[int]] | None:
        """Remember the tables where this record may change them."""
        known = self._instance_heads
        new = record.system.template.guid not in known
        if not new and all(payload.template.guid in known for payload in record.payloads):
            return None
        return len(self._names), len(known), self._name_heads.copy(), self._template_heads.copy()

    def _restore(self, state: tuple[int, int, list[int], list[int]] | None) -> None:
        if state is None:
            return
        names, templates, self._name_heads, self._template_heads = state
        self._names = dict(list(self._names.items())[:names])
        self._instance_heads = dict(list(self._instance_heads.items())[:templates])


@lru_cache(maxsize=4096)
def _name_entry(name: str) -> tuple[int, bytes]:
    """Return the bucket of a name and its entry without the leading link: hash, length, units, NUL."""
    units = utf16(name)
    value = name_hash(units)
    return value % NAME_BUCKETS, struct.pack("<HH", value & 0xFFFF, len(units) // 2) + units + b"\0\0"
