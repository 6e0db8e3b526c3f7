"""One JSON line of Winlogbeat or Elastic Agent to one ``Event``.

A line of the usual shape is decoded straight into the types of ``winlogbeat_line``; anything else (dotted names, other
types, the layout before Winlogbeat 7, text that a strict parser refuses) takes the longer way, ``winlogbeat_loose``.
"""

import re
from collections.abc import Iterator, Mapping

import msgspec

from shipper.model import Event, Position
from shipper.sources import system_values as values
from shipper.sources.identity import Accepts, identify
from shipper.sources.stream.winlogbeat_line import EventPart, Line, Log, Process, User
from shipper.sources.stream.winlogbeat_loose import read_loosely
from shipper.sources.text_repair import decode_utf_8, repair_json
from shipper.sources.unreadable import Unreadable

_decode = msgspec.json.Decoder(Line).decode
#: Winlogbeat's name for the n-th Data that has none.
_PARAM = re.compile(r"param([1-9][0-9]{0,3})", re.ASCII)
#: The element of UserData, which Winlogbeat keeps beside its content.
_USER_DATA_NAME = "xml_name"
_NO_EVENT, _NO_LOG, _NO_PROCESS, _NO_USER = EventPart(), Log(), Process(), User()


def read_event(text: bytes, position: Position, accepts: Accepts, *, keep_raw: bool) -> Event | None:
    """Return the event of one JSON line, ``None`` where it is of a channel that is not asked for, or no event at all.

    Args:
        text: one JSON object.
        position: where it stands.
        accepts: says whether channel, provider and event id are asked for.
        keep_raw: whether ``Event.raw`` is to hold ``event.original``, or the line where there is none.

    Raises:
        Unreadable: it is no JSON object.
    """
    line, replaced = _decoded(text)
    winlog = line.winlog
    if winlog is None:
        return None
    event, process, user = line.event or _NO_EVENT, winlog.process or _NO_PROCESS, winlog.user or _NO_USER
    identity = identify(
        computer=winlog.computer_name,
        channel=winlog.channel,
        provider=winlog.provider_name or event.provider,
        record_id=winlog.record_id,
        event_id=winlog.event_id if winlog.event_id is not None else event.code,
        time=winlog.time_created or line.timestamp,
        time_otherwise=event.created,
    )
    if not accepts(identity.channel, identity.provider, identity.event_id):
        return None
    raw = decode_utf_8(text)[0] if identity.missing else _original(text, event) if keep_raw else None
    guid = values.guid(winlog.provider_guid)
    return Event(
        position,
        identity.provider,
        identity.event_id,
        identity.channel,
        identity.computer,
        identity.record_id,
        identity.time.text,
        identity.time.seconds,
        data=_event_data(winlog.event_data, named=guid is not None) if winlog.event_data else (),
        user_data=_user_data(winlog.user_data) if winlog.user_data else (),
        message=(values.lines(line.message).rstrip("\n") or None) if line.message else None,
        provider_guid=guid,
        qualifiers=identity.qualifiers or None,
        version=values.number(winlog.version),
        process_id=values.number(process.pid),
        thread_id=values.number(process.thread.id),
        activity_id=values.guid(winlog.activity_id),
        related_activity_id=values.guid(winlog.related_activity_id),
        user_sid=user.identifier or None,
        level_name=(line.log or _NO_LOG).level or None,
        task_name=_name(winlog.task),
        opcode_name=_name(winlog.opcode),
        keyword_names=tuple(winlog.keywords or ()),
        replaced=replaced,
        missing=identity.missing,
        raw=raw,
    )


def _decoded(text: bytes) -> tuple[Line, int]:
    try:
        line = _decode(text)
        return (line, 0) if line.winlog is not None else (read_loosely(text), 0)
    except msgspec.ValidationError:
        return read_loosely(text), 0
    except (msgspec.DecodeError, UnicodeDecodeError):
        repaired, replaced = repair_json(text)
        return read_loosely(repaired), replaced
    except RecursionError as error:
        raise Unreadable("JSON nested too deeply") from error


def _original(text: bytes, event: EventPart) -> str:
    return event.original or decode_utf_8(text)[0]


def _name(text: str | int | None) -> str | None:
    return str(text) if text not in {None, ""} else None


def _event_data(data: Mapping[str, str], *, named: bool) -> tuple[tuple[str | None, str], ...]:
    """Return EventData in order.

    ``param1`` may be the name of a Data or stand for one without a name. Names come from manifests, and a provider
    with a manifest has a GUID: only without one are they taken for the names that Winlogbeat gave.
    """
    if not named:
        if len(data) == 1 and "param1" in data:  # an event of the connector's old log: one string, no name
            return ((None, values.lines(data["param1"])),)
        if any(map(_PARAM.fullmatch, data)):
            return tuple(_unnamed(data))
    return tuple([(name, values.lines(text)) for name, text in data.items()])


def _unnamed(data: Mapping[str, str]) -> Iterator[tuple[str | None, str]]:
    """Yield unnamed Data by number, the empty ones that Winlogbeat leaves out among them, then what has a name."""
    numbered: dict[int, str] = {}
    others: list[tuple[str, str]] = []
    for name, text in data.items():
        match = _PARAM.fullmatch(name)
        if match:
            numbered[int(match[1])] = values.lines(text)
        else:
            others.append((name, values.lines(text)))
    for number in range(1, max(numbered) + 1):
        if number in numbered or all(name == "Binary" for name, _ in others):
            yield None, numbered.get(number, "")
    yield from others


def _user_data(data: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    element = data.get(_USER_DATA_NAME)
    prefix = f"{element}." if element else ""
    return tuple((prefix + name, values.lines(text)) for name, text in data.items() if name != _USER_DATA_NAME)
