"""Finds the values of a record without decoding it: where each stands, and of which type it is.

Source: MS-EVEN6, sections 2.2.12 (BinXml) and 2.2.16 (TemplateInstanceData):
https://learn.microsoft.com/openspecs/windows_protocols/ms-even6/c73573ae-1c90-43a2-a65f-ad7501155956
"""

import struct
from bisect import bisect_right
from itertools import accumulate

import msgspec

from shipper.sources.evtx.walker import Frame

#: Types of values: text, texts each with a NUL behind it, a fragment of BinXML.
_TEXTS, _BINXML = (0x01, 0x81), 0x21

_RECORD_HEADER_BYTES = 24
_FRAGMENT_HEADER = b"\x0f\x01\x01"
_FRAGMENT_HEADER_BYTES = 4
_TEMPLATE_INSTANCE = 0x0C
_INSTANCE = struct.Struct("<BBII")
#: A definition: offset of the next one in its chain, GUID, size of its body.
_DEFINITION = struct.Struct("<I16sI")
_GUID_OFFSET, _TEMPLATE_ID_BYTES = 4, 4
_COUNT = struct.Struct("<I")
#: A descriptor: 16 bits of size, the type, a zero.
_DESCRIPTOR_BYTES, _TYPE_OFFSET = 4, 2
#: Nesting of BinXML in values; Windows writes one level.
_DEPTH_MAX = 8


class _Instance(msgspec.Struct, frozen=True, gc=False):
    template_id: int
    definition: int
    values: int


def text_around(chunk: bytearray, frame: Frame, at: int) -> tuple[int, int] | None:
    """Return where the text of a record begins and ends that holds the byte at ``at``, ``None`` where it is no text.

    Texts are the values of a template instance, or of one nested in it; constants of a template are none.
    """
    start, end = frame.offset + _RECORD_HEADER_BYTES, frame.offset + frame.size_bytes
    for _ in range(_DEPTH_MAX):
        value = _value_around(chunk, start, end, at)
        if value is None:
            return None
        kind, start, end = value
        if kind != _BINXML:
            return (start, end) if kind in _TEXTS else None
    return None


def template_stands(chunk: bytearray, frame: Frame) -> bool:
    """Say whether the template that a record refers to is where it should be.

    An instance repeats the first 4 bytes of its template's GUID. In a chunk that was overwritten in part an older
    record may point into something else, and a decoder would make up an event from it.
    """
    instance = _instance(chunk, frame.offset + _RECORD_HEADER_BYTES, frame.offset + frame.size_bytes)
    if instance is None:
        return False
    at = instance.definition + _GUID_OFFSET
    return int.from_bytes(chunk[at : at + _TEMPLATE_ID_BYTES], "little") == instance.template_id


def _instance(chunk: bytearray, start: int, end: int) -> _Instance | None:
    if chunk[start : start + len(_FRAGMENT_HEADER)] == _FRAGMENT_HEADER:
        start += _FRAGMENT_HEADER_BYTES
    if start + _INSTANCE.size > end:
        return None
    token, _, template_id, definition = _INSTANCE.unpack_from(chunk, start)
    values = start + _INSTANCE.size
    if token != _TEMPLATE_INSTANCE or definition + _DEFINITION.size > len(chunk):
        return None
    if definition == values:
        values += _DEFINITION.size + _DEFINITION.unpack_from(chunk, definition)[2]
    return _Instance(template_id, definition, values)


def _value_around(chunk: bytearray, start: int, end: int, at: int) -> tuple[int, int, int] | None:
    """Return type, start and end of the value that holds the byte at ``at``."""
    instance = _instance(chunk, start, end)
    if instance is None or instance.values + _COUNT.size > end:
        return None
    (count,) = _COUNT.unpack_from(chunk, instance.values)
    descriptors = instance.values + _COUNT.size
    first = descriptors + count * _DESCRIPTOR_BYTES
    if not first <= at < end:
        return None
    # Every second 16-bit number of the descriptors is a size: no loop over them, this is asked for every other record.
    sizes = struct.unpack_from(f"<{2 * count}H", chunk, descriptors)[::2]
    borders = list(accumulate(sizes, initial=first))
    index = bisect_right(borders, at) - 1
    if index >= count or borders[index + 1] > end:
        return None
    return chunk[descriptors + index * _DESCRIPTOR_BYTES + _TYPE_OFFSET], borders[index], borders[index + 1]
