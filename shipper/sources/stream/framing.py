"""Cuts a stream of UTF-8 bytes into one frame an event: a JSON line, or an ``<Event>`` element.

XML is cut by its tags, not by its lines: Event Viewer saves a whole log as one line, wevtutil puts one event on a
line, people indent. A frame begins with ``<Event``, so no document type definition can stand before what the XML
parser sees, and without one XML knows no entities but its own five: that is how entity bombs are refused.
"""

import re
from collections.abc import Iterator
from typing import Literal

import msgspec

from shipper.model import Position, Problem
from shipper.sources.stream.markup import EventTags, Markup, markup_at

#: What may stand between frames: white space, the zeros of a file allocated in advance, and byte order marks of files
#: put one behind the other.
_BLANK = re.compile(rb"(?:[\s\x00]|\xef\xbb\xbf)+")
_LINE_END = re.compile(rb"\n")
#: Where reading goes on after something unreadable: the next line, or the next event in this one.
_JUNK_END = re.compile(rb"\n|(?=<Events?[\s>])")
_LESS_THAN = ord("<")
_LONGEST_OPENING = len("<Events>")
_SHOWN_BYTES = 40
#: Kept of what is passed over, because the tag that ends it may be cut by the end of a block.
_TAIL_BYTES = 256

_Step = tuple[int, "Frame | Problem | None"]
#: The piece at hand is not complete: more bytes are needed.
_WAIT: _Step = (-1, None)


class Frame(msgspec.Struct, frozen=True, gc=False):
    """The bytes of one event.

    Attributes:
        kind: a JSON line or an ``<Event>`` element.
        text: the bytes, without the line's end.
        line: number of the line it begins in, from 1.
        offset: of its first byte in the stream.
    """

    kind: Literal["json", "xml"]
    text: bytes
    line: int
    offset: int


class Framer:
    """Takes blocks of a stream and gives its frames in order, with a ``Problem`` for what cannot be one.

    Holds at most ``max_frame_bytes`` and a block: a longer line or event is passed over as it comes in.

    Attributes:
        recognised: whether something was seen that belongs to a stream of events.
    """

    def __init__(self, source: str, max_frame_bytes: int) -> None:
        self.recognised = False
        self._source = source
        self._max_frame_bytes = max_frame_bytes
        self._buffer = b""
        self._line = 1
        self._offset = 0
        self._searched = 0
        self._tags = EventTags()
        self._passing_over: re.Pattern[bytes] | None = None

    def feed(self, block: bytes) -> Iterator[Frame | Problem]:
        """Yield what ``block`` completes."""
        self._buffer = self._buffer + block if self._buffer else block
        return self._cut(last=False)

    def finish(self) -> Iterator[Frame | Problem]:
        """Yield what is left when the stream has ended."""
        return self._cut(last=True)

    def _cut(self, *, last: bool) -> Iterator[Frame | Problem]:
        self._pass_over()
        if self._passing_over is not None:
            return
        at = 0
        while (at := self._after_blank(at)) < len(self._buffer):
            for frame in self._json_lines(at):
                yield frame
                at = frame.offset - self._offset + len(frame.text) + 1
            at = self._after_blank(at)
            if at == len(self._buffer):
                break
            end, found = self._step(at, last=last)
            if end < 0:
                break
            if found is not None:
                yield found
            at = self._counted(at, end)
        self._forget(at)
        if len(self._buffer) > self._max_frame_bytes:
            yield self._begin_passing_over()

    def _json_lines(self, at: int) -> Iterator[Frame]:
        """Yield the lines from ``at`` on that are whole and hold an object: nearly all there are, so in one go."""
        buffer, longest = self._buffer, self._max_frame_bytes
        while buffer.startswith(b"{", at):
            end = buffer.find(b"\n", max(at, self._searched))
            if end < 0 or end - at > longest:
                return
            self.recognised = True
            self._line += 1
            yield Frame("json", buffer[at:end], self._line - 1, self._offset + at)
            at = end + 1

    def _step(self, at: int, *, last: bool) -> _Step:
        if self._buffer[at] != _LESS_THAN:
            return self._line_at(at, last=last)
        markup = markup_at(self._buffer, at, last=last)
        if markup is None:
            return _WAIT
        if markup.kind == "event":
            return self._event_at(at, last=last)
        return self._around_events(at, markup, last=last)

    def _line_at(self, at: int, *, last: bool) -> _Step:
        if not self._buffer.startswith(b"{", at):
            return self._junk_at(at, last=last)
        self.recognised = True
        end = self._buffer.find(b"\n", max(at, self._searched))
        if end < 0 and not last:
            return self._wait()
        end = len(self._buffer) if end < 0 else end
        return end, self._frame("json", at, end)

    def _event_at(self, at: int, *, last: bool) -> _Step:
        self.recognised = True
        end, fault = self._tags.end_of_event(self._buffer, at)
        if end < 0 and not last:
            return _WAIT
        self._tags = EventTags()
        if end < 0:
            return len(self._buffer), self._problem("event cut off by the end of the input", at)
        return end, self._problem(fault, at) if fault else self._frame("xml", at, end)

    def _around_events(self, at: int, markup: Markup, *, last: bool) -> _Step:
        self.recognised |= markup.kind == "wrapper"
        if markup.kind == "other":
            return self._junk_at(at, last=last)
        if markup.end < 0:
            return (len(self._buffer), self._problem("markup cut off by the end of the input", at)) if last else _WAIT
        if markup.kind == "doctype":
            return markup.end, self._problem("a document type definition is refused, and with it its entities", at)
        return markup.end, None

    def _junk_at(self, at: int, *, last: bool) -> _Step:
        match = _JUNK_END.search(self._buffer, max(at + 1, self._searched - _LONGEST_OPENING))
        if match is None and not last:
            return self._wait()
        end = match.start() if match else len(self._buffer)
        shown = ascii(self._buffer[at : min(end, at + _SHOWN_BYTES)].decode("utf-8", "replace"))
        return end, self._problem(f"neither a JSON object nor an event in XML: starts with {shown}", at)

    def _wait(self) -> _Step:
        self._searched = len(self._buffer)
        return _WAIT

    def _frame(self, kind: Literal["json", "xml"], at: int, end: int) -> Frame | Problem:
        if end - at > self._max_frame_bytes:
            return self._problem(f"{end - at} bytes long, above the limit of {self._max_frame_bytes}", at)
        return Frame(kind, self._buffer[at:end], self._line, self._offset + at)

    def _problem(self, reason: str, at: int) -> Problem:
        return Problem(Position(self._source, self._line, self._offset + at), reason)

    def _begin_passing_over(self) -> Problem:
        self._passing_over = EventTags.RESUME if self._buffer.startswith(b"<Event") else _LINE_END
        self._tags = EventTags()
        problem = self._problem(f"longer than the limit of {self._max_frame_bytes} bytes", 0)
        self._pass_over()
        return problem

    def _pass_over(self) -> None:
        """Drop what is left of something too long, up to where reading goes on."""
        if self._passing_over is None:
            return
        match = self._passing_over.search(self._buffer, 1)
        end = match.end() if match else max(0, len(self._buffer) - _TAIL_BYTES)
        self._forget(self._counted(0, end))
        if match:
            self._passing_over = None

    def _after_blank(self, at: int) -> int:
        match = _BLANK.match(self._buffer, at)
        return self._counted(at, match.end()) if match else at

    def _counted(self, at: int, end: int) -> int:
        """Move from ``at`` to ``end``, counting lines."""
        self._line += self._buffer.count(b"\n", at, end)
        return end

    def _forget(self, at: int) -> None:
        """Drop the bytes before ``at``, which have been counted."""
        self._buffer = self._buffer[at:]
        self._offset += at
        self._searched = max(0, self._searched - at)
