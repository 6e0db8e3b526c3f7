"""One ``<Event>`` element to one ``Event``.

Source: https://learn.microsoft.com/windows/win32/wes/eventschema-schema
"""

from collections.abc import Iterator

# defusedxml parses in Python, many times slower, to refuse what cannot come here: see `framing`.
from xml.etree.ElementTree import XML, Element, ParseError

from shipper.model import Event, Position
from shipper.sources import system_values as values
from shipper.sources.identity import Accepts, identify
from shipper.sources.text_repair import decode_utf_8, repair_xml
from shipper.sources.unreadable import Unreadable

#: Deeper nesting is nothing that Windows writes.
DEPTH_MAX = 64
_NOTHING = Element("Nothing")


def read_event(text: bytes, position: Position, accepts: Accepts, *, keep_raw: bool) -> Event | None:
    """Return the event of one ``<Event>`` element, ``None`` where it is of a channel that is not asked for.

    Args:
        text: the element, UTF-8.
        position: where it begins.
        accepts: says whether channel, provider and event id are asked for.
        keep_raw: whether ``Event.raw`` is to hold the element.

    Raises:
        Unreadable: it is no XML, or no event.
    """
    root, replaced = _parsed(text)
    parts = {_local(part): part for part in root}
    if "System" not in parts:
        raise Unreadable("an event without System")
    system = {_local(part): part for part in parts["System"]}
    provider, number = _part(system, "Provider"), _part(system, "EventID")
    identity = identify(
        computer=_text(system, "Computer"),
        channel=_text(system, "Channel"),
        provider=provider.get("Name") or provider.get("EventSourceName"),
        record_id=_text(system, "EventRecordID"),
        event_id=_text(system, "EventID"),
        time=_part(system, "TimeCreated").get("SystemTime"),
    )
    if not accepts(identity.channel, identity.provider, identity.event_id):
        return None
    correlation, execution = _part(system, "Correlation"), _part(system, "Execution")
    rendered = {_local(part): part for part in _part(parts, "RenderingInfo")}
    qualifiers = values.number(number.get("Qualifiers"))
    return Event(
        position,
        identity.provider,
        identity.event_id,
        identity.channel,
        identity.computer,
        identity.record_id,
        identity.time.text,
        identity.time.seconds,
        data=tuple(_event_data(_part(parts, "EventData"))),
        user_data=tuple(_leaves(_part(parts, "UserData"))),
        message=_message(rendered),
        provider_guid=values.guid(provider.get("Guid")),
        qualifiers=qualifiers if qualifiers is not None else identity.qualifiers or None,
        version=values.number(_text(system, "Version")),
        level=values.number(_text(system, "Level")),
        task=values.number(_text(system, "Task")),
        opcode=values.number(_text(system, "Opcode")),
        keywords=values.mask(_text(system, "Keywords")),
        process_id=values.number(execution.get("ProcessID")),
        thread_id=values.number(execution.get("ThreadID")),
        activity_id=values.guid(correlation.get("ActivityID")),
        related_activity_id=values.guid(correlation.get("RelatedActivityID")),
        user_sid=_part(system, "Security").get("UserID") or None,
        level_name=_text(rendered, "Level"),
        task_name=_text(rendered, "Task"),
        opcode_name=_text(rendered, "Opcode"),
        keyword_names=tuple(part.text for part in _part(rendered, "Keywords") if part.text),
        replaced=replaced,
        missing=identity.missing,
        raw=decode_utf_8(text)[0] if keep_raw or identity.missing else None,
    )


def _parsed(text: bytes) -> tuple[Element, int]:
    try:
        return XML(text), 0
    except (ParseError, ValueError):
        repaired, replaced = repair_xml(text)
    try:
        return XML(repaired), replaced
    except (ParseError, ValueError) as error:
        raise Unreadable(f"malformed XML: {error}") from error


def _local(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _part(parts: dict[str, Element], name: str) -> Element:
    return parts.get(name, _NOTHING)


def _text(parts: dict[str, Element], name: str) -> str | None:
    text = _part(parts, name).text
    return (text.strip() or None) if text else None


def _message(rendered: dict[str, Element]) -> str | None:
    text = _part(rendered, "Message").text
    return (values.lines(text).rstrip("\n") or None) if text else None


def _event_data(event_data: Element) -> Iterator[tuple[str | None, str]]:
    for item in event_data:
        name = _local(item)
        if name == "Data":
            yield item.get("Name") or None, _content(item)
        elif item.text or len(item):
            yield name, _content(item)


def _content(item: Element) -> str:
    if len(item):
        return values.lines("".join(item.itertext()))
    return values.lines(item.text) if item.text else ""


def _leaves(element: Element, path: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    """Yield attributes and texts below an element, by their dotted path."""
    if depth > DEPTH_MAX:
        raise Unreadable(f"UserData nested deeper than {DEPTH_MAX} levels")
    for item in element:
        here = f"{path}.{_local(item)}" if path else _local(item)
        for name, value in item.attrib.items():
            yield f"{here}.{name.rpartition('}')[2]}", values.lines(value)
        if len(item):
            yield from _leaves(item, here, depth + 1)
        elif item.text or not item.attrib:
            yield here, values.lines(item.text) if item.text else ""
