"""The tags that say where an event in XML begins and ends. Nothing is parsed here: see ``event_xml``."""

import re
from typing import ClassVar, Literal

import msgspec

#: https://learn.microsoft.com/windows/win32/wes/eventschema-schema
NAMESPACE = b"http://schemas.microsoft.com/win/2004/08/events/event"

_EVENT = re.compile(rb"<Event[\s/>]")
_DOCTYPE = re.compile(rb"<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>", re.DOTALL)
#: The longest opening that tells what follows: ``<!DOCTYPE``.
_LONGEST_OPENING = 9
#: How many bytes a document type definition may take before it is passed over line by line.
_DOCTYPE_BYTES = 1 << 16

Kind = Literal["event", "wrapper", "aside", "doctype", "other"]

_AROUND_EVENTS: tuple[tuple[re.Pattern[bytes], Kind, bytes], ...] = (
    (re.compile(rb"</?Events[\s/>]"), "wrapper", b">"),
    (re.compile(rb"<\?"), "aside", b"?>"),
    (re.compile(rb"<!--"), "aside", b"-->"),
)


class Markup(msgspec.Struct, frozen=True):
    """What a ``<`` begins, and where it ends; -1 where the end is not there yet, or is not known here."""

    kind: Kind
    end: int = -1


def markup_at(buffer: bytes, at: int, *, last: bool) -> Markup | None:
    """Return what begins at ``at``, ``None`` where more bytes are needed to tell.

    Args:
        buffer: bytes of the stream.
        at: offset of a ``<``.
        last: whether nothing follows the buffer.
    """
    if len(buffer) - at < _LONGEST_OPENING and not last:
        return None
    if _EVENT.match(buffer, at):
        return Markup("event")
    if buffer.startswith(b"<!DOCTYPE", at):
        return _doctype(buffer, at)
    for opening, kind, closing in _AROUND_EVENTS:
        if opening.match(buffer, at):
            return Markup(kind, _after(buffer, closing, at))
    return Markup("other")


def _after(buffer: bytes, end: bytes, at: int) -> int:
    found = buffer.find(end, at)
    return -1 if found < 0 else found + len(end)


def _doctype(buffer: bytes, at: int) -> Markup:
    match = _DOCTYPE.match(buffer, at, at + _DOCTYPE_BYTES)
    if match is None and len(buffer) - at >= _DOCTYPE_BYTES:
        return Markup("doctype", at + _DOCTYPE_BYTES)
    return Markup("doctype", match.end() if match else -1)


class EventTags:
    """Finds the end of one event, tag by tag, so that a block that adds to it is not searched twice."""

    #: Where reading goes on after an event that is passed over: behind its end, or at the next one's start.
    RESUME: ClassVar[re.Pattern[bytes]] = re.compile(
        rb"</Event\s*>|(?=<Event\s[^<>]{0,99}" + re.escape(NAMESPACE) + rb")"
    )
    _TAG: ClassVar[re.Pattern[bytes]] = re.compile(rb"<(?:(/)Event\s*|Event(\s[^<>]*|/)?)>")

    def __init__(self) -> None:
        self._searched = 0
        self._depth = 0
        self._qualified = False

    def end_of_event(self, buffer: bytes, at: int) -> tuple[int, str]:
        """Return where the event at ``at`` ends, -1 where it does not yet, and what is wrong with it.

        An event that another one follows without its own end is over there: that one is whole and must not be lost.
        """
        searched = max(at, at + self._searched)
        for tag in self._TAG.finditer(buffer, searched):
            verdict = self._verdict(tag)
            if verdict is not None:
                return verdict
            searched = tag.end()
        cut_off_tag = buffer.rfind(b"<", searched)
        self._searched = (cut_off_tag if cut_off_tag >= 0 else len(buffer)) - at
        return -1, ""

    def _verdict(self, tag: re.Match[bytes]) -> tuple[int, str] | None:
        attributes = tag[2] or b""
        if tag[1]:
            self._depth -= 1
            return (tag.end(), "") if self._depth == 0 else None if self._depth > 0 else (tag.end(), "malformed tag")
        if attributes.endswith(b"/"):
            return None if self._depth else (tag.end(), "an event without content")
        if self._depth and (NAMESPACE in attributes) == self._qualified:
            return tag.start(), "the next event begins before this one ends"
        if self._depth == 0:
            self._qualified = NAMESPACE in attributes
        self._depth += 1
        return None
