"""The wheel's JSON of one record to an ``Event``: the way that nearly every record takes.

What the wheel's JSON cannot say, or says in two ways, raises ``Ambiguous``: names that stand twice (it repeats the
key), UserData and nested elements (it numbers their names), values of a type that System does not have, parts of the
identity that are absent. Such a record is read from the wheel's XML instead.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import msgspec

from shipper.model import Event, Position
from shipper.sources import system_values as values
from shipper.sources.evtx.record_json import NO_CORRELATION, NO_EXECUTION, NULL, EventId, Record, Rendering

#: How far into ``2026-11-24T09:30:00.1234567Z UTC`` each part reaches.
_DAY_CHARS, _MINUTE_CHARS, _MICROSECOND_CHARS, _FULL_CHARS, _FULL_STAMP_CHARS = 10, 16, 26, 28, 32
_SECOND_DIGITS = slice(17, 19)

#: How values that are no strings are shown: as Windows shows them.
_TEXT: dict[type, Callable[[Any], str]] = {
    str: str,
    int: str,
    bool: {True: "true", False: "false"}.__getitem__,
    type(None): lambda _: "",
}

_GUID_CHARS = 36

Pairs = tuple[tuple[str | None, str], ...]


class Ambiguous(Exception):  # noqa: N818 - between two modules, never shown as an error
    """The JSON of a record does not say everything, or not clearly."""


_Text = str | int | bool | None
_decode_data = msgspec.json.Decoder(dict[str, _Text | dict[str, _Text | list[_Text]]]).decode
_encode = msgspec.json.Encoder().encode
_guid = lru_cache(maxsize=4096)(values.guid)
_mask = lru_cache(maxsize=256)(values.mask)


def _seconds(time: str) -> int:
    """Return the whole seconds since 1970 of ``2026-11-24T09:30:00.123456Z``."""
    return _day_s(time[:_DAY_CHARS]) + _minute_s(time[_DAY_CHARS + 1 : _MINUTE_CHARS]) + int(time[_SECOND_DIGITS])


@lru_cache(maxsize=4096)
def _day_s(day: str) -> int:
    when = values.moment(f"{day}T00:00:00Z")
    if when is None:
        raise Ambiguous("a time that is none")
    return when.seconds


@lru_cache(maxsize=24 * 60)
def _minute_s(minute: str) -> int:
    return int(minute[:2]) * 3600 + int(minute[3:]) * 60


def sharpen(time: str, stamp: str) -> str:
    """Return System's time with the 100 ns digit of the record header, where both tell the same microsecond.

    In a forwarded log the header has the time of the collector: then System's own time stands.
    """
    if len(stamp) == _FULL_STAMP_CHARS and stamp[:_MICROSECOND_CHARS] == time[:_MICROSECOND_CHARS]:
        return stamp[:_FULL_CHARS]
    return time


def moment_of(stamp: str) -> values.Moment | None:
    """Return the time of a record header: ``2026-11-24T09:30:00.1234567Z UTC``."""
    return values.moment(stamp.removesuffix(" UTC"))


def make_event(record: Record, stamp: str, position: Position) -> Event:
    """Return the event of one record.

    Args:
        record: ``decode_record`` of a row's JSON.
        stamp: the time of the record header, as the wheel writes it.
        position: where the record stands.

    Raises:
        Ambiguous: the JSON does not say everything.
    """
    content = record.Event
    system = content.System
    provider = system.Provider.attributes
    name = provider.Name or provider.EventSourceName
    if not name or not system.Channel or not system.Computer or content.UserData != NULL:
        raise Ambiguous("UserData, or a part of the identity is absent")
    numbered, qualifiers = system.EventID, None
    if isinstance(numbered, EventId):
        event_id, qualifiers = numbered.number, numbered.attributes.Qualifiers
    else:
        event_id = numbered
    time, keywords, security = system.TimeCreated.attributes.SystemTime, system.Keywords, system.Security
    correlation = system.Correlation.attributes if system.Correlation else NO_CORRELATION
    execution = system.Execution.attributes if system.Execution else NO_EXECUTION
    event = Event(
        position,
        name,
        event_id,
        system.Channel,
        system.Computer,
        system.EventRecordID,
        sharpen(time, stamp),
        _seconds(time),
        _data(content.EventData) if content.EventData != NULL else (),
        (),
        None,
        _guid(provider.Guid),
        qualifiers,
        system.Version,
        system.Level,
        system.Task,
        system.Opcode,
        _mask(keywords) if keywords else None,
        execution.ProcessID,
        execution.ThreadID,
        _braced(correlation.ActivityID) if correlation.ActivityID else None,
        _braced(correlation.RelatedActivityID) if correlation.RelatedActivityID else None,
        security.attributes.UserID if security else None,
    )
    return event if content.RenderingInfo is None else _rendered(event, content.RenderingInfo)


def _braced(text: str | None) -> str | None:
    # Nearly every one is a GUID without braces, and no two are alike.
    return f"{{{text.lower()}}}" if text and len(text) == _GUID_CHARS else values.guid(text)


def _rendered(event: Event, rendering: Rendering) -> Event:
    """Return the event with what the collector rendered; only forwarded events have it."""
    return msgspec.structs.replace(
        event,
        message=_lines(rendering.Message) if rendering.Message else None,
        level_name=_stripped(rendering.Level),
        task_name=_stripped(rendering.Task),
        opcode_name=_stripped(rendering.Opcode),
        keyword_names=tuple(name for name in rendering.Keywords.values() if name) if rendering.Keywords else (),
    )


def _lines(text: str) -> str:
    """Return a text with the line ends that a reader of XML sees (https://www.w3.org/TR/xml/#sec-line-ends)."""
    if "\r" not in text:
        return text  # nearly every one
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _stripped(text: str | None) -> str | None:
    return (text.strip() or None) if text else None


def _data(raw: msgspec.Raw) -> Pairs:
    try:
        data = _decode_data(raw)
    except msgspec.DecodeError as error:
        raise Ambiguous("EventData with text, or with elements inside elements") from error
    return _unnamed(data) if type(data.get("Data")) is dict else _named(data, len(memoryview(raw)))


def _named(data: dict[str, Any], size_bytes: int) -> Pairs:
    # A name that stands twice is one in the dict, so that the same object written again is shorter than it was.
    if len(_encode(data)) != size_bytes:
        raise Ambiguous("a name stands twice in EventData")
    try:
        # Joined, all are looked at once for 0.1 us; to look for the escape in the whole JSON of a record costs 1.0.
        returns = "\r" in "".join(data.values())
    except TypeError:
        return _shown(data)
    if not returns:
        return tuple(data.items())
    return tuple([(name, _lines(text)) for name, text in data.items()])


def _shown(data: dict[str, Any]) -> Pairs:
    """Return named values of which some are no texts."""
    try:
        return tuple(
            [(name, _lines(_TEXT[value.__class__](value))) for name, value in data.items() if value is not None]
        )
    except KeyError as error:
        raise Ambiguous("EventData with elements inside elements") from error


def _unnamed(data: dict[str, Any]) -> Pairs:
    """Return the strings of a classic event, and its Binary."""
    texts, binary = data["Data"].get("#text"), data.get("Binary")
    if len(data["Data"]) != 1 or len(data) - ("Binary" in data) != 1:
        raise Ambiguous("unnamed Data beside something else")
    many = texts if type(texts) is list else [texts]
    pairs: list[tuple[str | None, str]] = [(None, _lines(_TEXT[text.__class__](text))) for text in many]
    if binary:
        pairs.append(("Binary", binary))
    return tuple(pairs)
