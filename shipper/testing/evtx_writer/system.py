"""The outer instance of a record: the System element and the slots for what follows it.

The slots are numbered as Windows numbers them: level, opcode, task, event id, qualifiers, keywords, time, activity,
process, thread, record id, version, user, related activity, provider, its GUID, channel; then the payload.
"""

import struct
from functools import lru_cache

import msgspec

from shipper.testing.evtx_writer.binxml import Node, Slot, Template, compile_template
from shipper.testing.evtx_writer.spec import EventSpec
from shipper.testing.evtx_writer.values import BINXML, guid_bytes, sid_bytes, ticks, utf16

NAMESPACE = "http://schemas.microsoft.com/win/2004/08/events/event"

_GUID = "16s"
#: (type, struct format) of slots 0..16; a blank format takes the length of the value.
_SLOTS: tuple[tuple[int, str], ...] = (
    (0x04, "B"),  # 0 level
    (0x04, "B"),  # 1 opcode
    (0x06, "H"),  # 2 task
    (0x06, "H"),  # 3 event id
    (0x06, "H"),  # 4 qualifiers
    (0x15, "Q"),  # 5 keywords
    (0x11, "Q"),  # 6 time
    (0x0F, _GUID),  # 7 activity
    (0x08, "I"),  # 8 process
    (0x08, "I"),  # 9 thread
    (0x0A, "Q"),  # 10 record id
    (0x04, "B"),  # 11 version
    (0x13, ""),  # 12 user
    (0x0F, _GUID),  # 13 related activity
    (0x01, ""),  # 14 provider
    (0x0F, _GUID),  # 15 provider's GUID
    (0x01, ""),  # 16 channel
)
_FIRST_PAYLOAD = len(_SLOTS)


class _Source(msgspec.Struct, frozen=True):
    provider: str
    guid: str | None
    event_source_name: str | None
    channel: str
    computer: str


class _Origin(msgspec.Struct, frozen=True):
    """What the events of one source on one computer share."""

    template: Template
    provider: bytes | None = None
    guid: bytes | None = None
    channel: bytes | None = None


class SystemValues(msgspec.Struct, frozen=True):
    """The System part of one record.

    Attributes:
        template: the outer template.
        descriptors: the count of all slots, then size and type of slots 0..16; those of the payloads follow.
        values: the values of slots 0..16.
    """

    template: Template
    descriptors: bytes
    values: bytes


def system_values(spec: EventSpec, record_id: int, payload_count: int) -> SystemValues:
    """Lay out the System values of an event.

    Args:
        spec: the event.
        record_id: what EventRecordID says.
        payload_count: how many slots follow; libevtx fails on a nested slot without a value, so none stands empty.
    """
    source = _Source(spec.provider, spec.provider_guid, spec.event_source_name, spec.channel, spec.computer)
    origin = _origin(source, payload_count)
    values = (
        spec.level,
        spec.opcode,
        spec.task,
        spec.event_id,
        spec.qualifiers,
        spec.keywords,
        ticks(spec.time),
        spec.activity_id and guid_bytes(spec.activity_id),
        spec.process_id,
        spec.thread_id,
        record_id,
        spec.version,
        spec.user_sid and sid_bytes(spec.user_sid),
        spec.related_activity_id and guid_bytes(spec.related_activity_id),
        origin.provider,
        origin.guid,
        origin.channel,
    )
    layout = _layout(tuple([_presence(value) for value in values]), payload_count)
    return SystemValues(
        origin.template, layout.descriptors, layout.values.pack(*[value for value in values if value is not None])
    )


class _Layout(msgspec.Struct, frozen=True):
    descriptors: bytes
    values: struct.Struct


def _presence(value: int | bytes | str | None) -> int:
    """Return -1 for an absent value, the length of bytes, 0 for a number."""
    if value.__class__ is int:
        return 0
    return -1 if value is None else len(value)  # type: ignore[arg-type]  # an int has left already


@lru_cache(maxsize=4096)
def _layout(presence: tuple[int, ...], payload_count: int) -> _Layout:
    descriptors = struct.pack("<I", _FIRST_PAYLOAD + payload_count)
    formats = "<"
    for (kind, code), length in zip(_SLOTS, presence, strict=True):
        if length < 0:
            descriptors += bytes(4)
            continue
        field = code or f"{length}s"
        formats += field
        descriptors += struct.pack("<HH", struct.calcsize(f"<{field}"), kind)
    return _Layout(descriptors, struct.Struct(formats))


@lru_cache(maxsize=1024)
def _origin(source: _Source, payload_count: int) -> _Origin:
    slots = tuple(Slot(_FIRST_PAYLOAD + index, BINXML) for index in range(payload_count))
    template = compile_template(Node("Event", (("xmlns", NAMESPACE),), (_system(source), *slots)))
    if source.guid is None:
        return _Origin(template)
    return _Origin(template, utf16(source.provider), guid_bytes(source.guid), utf16(source.channel))


def _system(source: _Source) -> Node:
    if source.guid is None:
        channel = Node("Channel", content=(source.channel,))
    else:
        channel = Node("Channel", content=(Slot(16, 0x01),), dependency=16)
    computer = Node("Computer", content=(source.computer,))
    security = Node("Security", (("UserID", Slot(12, 0x13)),))
    return Node("System", content=(_provider(source), *_middle(), channel, computer, security))


def _provider(source: _Source) -> Node:
    attributes: list[tuple[str, str | Slot]] = [("Name", source.provider)]
    if source.guid is not None:
        attributes = [("Name", Slot(14, 0x01)), ("Guid", Slot(15, 0x0F))]
    if source.event_source_name is not None:
        attributes.append(("EventSourceName", source.event_source_name))
    return Node("Provider", tuple(attributes))


def _middle() -> tuple[Node, ...]:
    """Return the elements between Provider and Channel."""
    return (
        Node("EventID", (("Qualifiers", Slot(4, 0x06)),), (Slot(3, 0x06),), dependency=3),
        _leaf("Version", 11),
        _leaf("Level", 0),
        _leaf("Task", 2),
        _leaf("Opcode", 1),
        _leaf("Keywords", 5),
        Node("TimeCreated", (("SystemTime", Slot(6, 0x11)),)),
        _leaf("EventRecordID", 10),
        Node("Correlation", (("ActivityID", Slot(7, 0x0F)), ("RelatedActivityID", Slot(13, 0x0F)))),
        Node("Execution", (("ProcessID", Slot(8, 0x08)), ("ThreadID", Slot(9, 0x08)))),
    )


def _leaf(name: str, slot: int) -> Node:
    return Node(name, content=(Slot(slot, _SLOTS[slot][0]),), dependency=slot)
