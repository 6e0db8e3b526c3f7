"""What a log is asked to hold: one frozen value per event."""

from datetime import datetime

import msgspec

from shipper.testing.evtx_writer.values import Value

#: The keyword bit that Windows sets on events of classic sources.
CLASSIC_KEYWORD = 0x0080000000000000

Data = tuple[tuple[str | None, str | Value], ...]


class Element(msgspec.Struct, frozen=True):
    """An XML element, for UserData.

    Attributes:
        name: its tag.
        value: its text or typed value; ``None`` where it has children only.
        children: the elements inside.
        attributes: (name, constant text) in order; ``xmlns`` among them.
    """

    name: str
    value: str | Value | None = None
    children: tuple["Element", ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()


class Rendering(msgspec.Struct, frozen=True):
    """RenderingInfo of a forwarded event: the text that the originating computer rendered.

    Source: https://learn.microsoft.com/windows/win32/wes/eventschema-renderinginfotype-complextype
    """

    message: str
    level: str = "Information"
    task: str = ""
    opcode: str = ""
    channel: str = ""
    provider: str = ""
    keywords: tuple[str, ...] = ()
    culture: str = "en-US"


class EventSpec(msgspec.Struct, frozen=True):
    """One event to write.

    Where ``provider_guid`` is given, provider, GUID and channel are values of the instance; else they are constants of
    the template. Windows does the same: the first is a manifest event, the second a classic one.

    Attributes:
        provider: System/Provider/@Name.
        event_id: System/EventID, 0..65535.
        channel: System/Channel.
        computer: System/Computer, a constant of the template.
        time: System/TimeCreated: an aware time, or a FILETIME (100 ns since 1601) where its last digit matters.
        data: EventData: (name, value). Where every name is ``None`` and every value a ``str`` it is a classic event:
            all strings in one array. Else one Data element each; empty for no EventData.
        user_data: the element inside UserData, instead of EventData.
        binary: EventData/Binary of a classic event.
        record_id: System/EventRecordID; ``None`` for the number of the record in this file.
        header_time: the time in the record header; ``None`` for ``time``. In a forwarded log it is the collector's.
        level: 1 critical, 2 error, 3 warning, 4 information, 5 verbose.
        keywords: 64-bit mask.
        qualifiers, version, process_id, thread_id, activity_id, related_activity_id, user_sid: absent when ``None``.
        rendering: RenderingInfo, only in forwarded events.
    """

    provider: str
    event_id: int
    channel: str
    computer: str
    time: datetime | int
    data: Data = ()
    user_data: Element | None = None
    binary: bytes | None = None
    provider_guid: str | None = None
    event_source_name: str | None = None
    record_id: int | None = None
    header_time: datetime | int | None = None
    qualifiers: int | None = None
    version: int | None = None
    level: int = 4
    task: int = 0
    opcode: int | None = None
    keywords: int = CLASSIC_KEYWORD
    activity_id: str | None = None
    related_activity_id: str | None = None
    process_id: int | None = None
    thread_id: int | None = None
    user_sid: str | None = None
    rendering: Rendering | None = None
