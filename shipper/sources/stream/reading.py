"""One reading of a stream: blocks in, batches out."""

import time
from collections.abc import Iterator
from typing import Literal

import msgspec

from shipper.channels import ChannelFilter
from shipper.model import Batch, Cursor, Event, Foreign, Position, Problem
from shipper.sources import event_xml
from shipper.sources.stream import winlogbeat
from shipper.sources.stream.blocks import Block
from shipper.sources.stream.framing import Frame, Framer
from shipper.sources.stream.signatures import unrecognised
from shipper.sources.unreadable import Unreadable

#: A stream whose first lines are all something else is taken for a mistake and refused.
_STRANGE_LINES_MAX = 20


class ReadingSettings(msgspec.Struct, frozen=True):
    """See ``StreamSource``; ``batch_age_s`` is how long an event may wait for its batch to fill."""

    others: Literal["drop", "pass"]
    keep_raw: bool
    max_line_bytes: int
    batch_events: int
    batch_bytes: int
    batch_age_s: float


class Reading:
    """Takes the blocks of one stream and gives batches of its events, in order.

    Args:
        source: its name.
        channels: what is wanted.
        settings: how it is read.
        begin: its cursor before the first piece; ``None`` where it cannot be resumed.
        after: so many pieces are behind and are passed over.
    """

    def __init__(
        self,
        source: str,
        channels: ChannelFilter,
        settings: ReadingSettings,
        begin: Cursor | None = None,
        after: int = -1,
    ) -> None:
        self._source = source
        self._accepts = channels.accepts
        self._admits = channels.admits
        self._settings = settings
        self._framer = Framer(source, settings.max_line_bytes)
        self._first_strange = ""
        self._strange = 0
        self._exact = True
        self._begin = begin
        self._after = after
        self._pieces = 0
        self._cut_off = 0
        self._begin_batch()

    def take(self, block: Block) -> Iterator[Batch]:
        """Yield the batches that ``block`` fills.

        Raises:
            SourceError: after several lines there is still nothing that belongs to a stream of events.
        """
        self._exact = block.exact
        self._size_bytes += block.size_bytes
        yield from self._add(self._framer.feed(block.text))
        if block.damage:
            self._first_strange = self._first_strange or block.damage
            self._problems.append(Problem(Position(self._source, -1), block.damage))
        if self._size_bytes >= self._settings.batch_bytes or time.monotonic() >= self._due_s:
            yield from self.flush()

    def end(self) -> Iterator[Batch]:
        """Yield what is left when the stream has ended.

        Raises:
            SourceError: there was something in it, but no events; or it is a file without anything in it.
        """
        yield from self._add(self._framer.finish(), last=True)
        if not self._framer.recognised and (self._strange or self._source != "-"):
            raise unrecognised(self._first_strange or "nothing but white space", self._source)
        yield from self.flush()

    def flush(self) -> Iterator[Batch]:
        """Yield what has been read so far, if it is anything."""
        if self._events or self._problems or self._filtered or self._size_bytes:
            cursor = self._cursor()
            yield Batch(self._events, self._problems, self._filtered, size_bytes=self._size_bytes, cursor=cursor)
        self._begin_batch()

    def _begin_batch(self) -> None:
        self._events: list[Event | Foreign] = []
        self._problems: list[Problem] = []
        self._filtered = 0
        self._size_bytes = 0
        self._due_s = time.monotonic() + self._settings.batch_age_s

    def _cursor(self) -> Cursor | None:
        """Return how far the stream is behind; a last piece that is cut off may be completed and is read again then."""
        if self._begin is None:
            return None
        return msgspec.structs.replace(self._begin, record=max(self._after, self._pieces - self._cut_off))

    def _add(self, frames: Iterator[Frame | Problem], *, last: bool = False) -> Iterator[Batch]:
        for frame in frames:
            self._pieces += 1
            if self._pieces <= self._after:
                continue
            problems = len(self._problems)
            if isinstance(frame, Frame):
                self._read(frame)
            else:
                self._note(frame)
            self._cut_off = int(last and len(self._problems) > problems)
            if len(self._events) + len(self._problems) >= self._settings.batch_events:
                yield from self.flush()

    def _read(self, frame: Frame) -> None:
        position = Position(self._source, frame.line, frame.offset if self._exact else -1)
        reader = winlogbeat.read_event if frame.kind == "json" else event_xml.read_event
        try:
            event = reader(frame.text, position, self._accepts, keep_raw=self._settings.keep_raw)
        except Unreadable as error:
            self._problems.append(Problem(position, str(error)))
            return
        if event is not None and self._admits(event):
            self._events.append(event)
        elif self._settings.others == "pass":
            self._events.append(Foreign(position, frame.text))
        else:
            self._filtered += 1

    def _note(self, problem: Problem) -> None:
        if not self._framer.recognised:
            self._strange += 1
            self._first_strange = self._first_strange or problem.reason
            if self._strange >= _STRANGE_LINES_MAX:
                raise unrecognised(self._first_strange, self._source)
        self._problems.append(problem)
