"""The reference decoder: python-evtx, one record at a time, on a chunk's image in memory.

Source: https://github.com/williballenthin/python-evtx (untyped, so that it is called from here alone). It renders a
record about a thousand times slower than the wheel does.
"""

import re
from typing import Any

import msgspec
from Evtx.Evtx import ChunkHeader, Record
from Evtx.Nodes import NameStringNode, TemplateNode

from shipper.channels import ChannelFilter
from shipper.model import Event
from shipper.sources.event_xml import read_event
from shipper.sources.evtx.chunk import Answers, Chunk
from shipper.sources.evtx.instance import template_stands
from shipper.sources.evtx.surrogates import replace_lone_surrogates
from shipper.sources.evtx.walker import Frame
from shipper.sources.unreadable import Unreadable

OVERWRITTEN = "the template it refers to was overwritten"
#: How python-evtx writes an array of texts into one Data element.
_STRINGS = re.compile(r"<string>(.*?)</string>\n", re.DOTALL)


class Reader:
    """Reads records of one chunk.

    Args:
        chunk: the chunk.
        replaced: how many lone surrogates were replaced in its image, by offset of the record.
    """

    def __init__(self, chunk: Chunk, replaced: dict[int, int]) -> None:
        self._chunk = chunk
        self._replaced = replaced
        self._nodes = _Chunk(bytes(chunk.image))

    def read(self, frame: Frame, channels: ChannelFilter, *, keep_raw: bool) -> Event | None:
        """Return the event of a record, ``None`` where it is not wanted.

        Raises:
            Unreadable: python-evtx cannot decode it, or writes no XML.
        """
        if frame.salvaged and not template_stands(self._chunk.image, frame):
            raise Unreadable(OVERWRITTEN)
        try:
            text: str = Record(self._nodes.buf, frame.offset, self._nodes).xml()
        except Exception as error:
            raise Unreadable(f"{type(error).__name__}: {error}") from error
        position = self._chunk.position(frame)
        event = read_event(text.encode("utf-8", "surrogatepass"), position, channels.accepts, keep_raw=keep_raw)
        if event is None:
            return None
        replaced = self._replaced.get(frame.offset, 0)
        return msgspec.structs.replace(event, data=_split(event.data), replaced=replaced)


def decode(chunk: Chunk, channels: ChannelFilter, *, keep_raw: bool) -> Answers:
    """Return what the records of a chunk are that are not behind."""
    reader = Reader(chunk, replace_lone_surrogates(chunk.image, chunk.walk.frames))
    answers = Answers()
    for frame in chunk.walk.frames:
        if frame.number <= chunk.after:
            continue
        try:
            event = reader.read(frame, channels, keep_raw=keep_raw)
        except Unreadable as error:
            answers.take(chunk.problem_of(frame, f"python-evtx: {error}"))
        else:
            answers.take(event if event is not None and channels.admits(event) else None)
    return answers


def _split(data: tuple[tuple[str | None, str], ...]) -> tuple[tuple[str | None, str], ...]:
    if not any(text.startswith("<string>") and text.endswith("</string>\n") for _, text in data):
        return data
    return tuple((name, part) for name, text in data for part in _strings(text))


def _strings(text: str) -> list[str]:
    if text.startswith("<string>") and text.endswith("</string>\n"):
        return _STRINGS.findall(text)
    return [text]


class _Nodes(dict[int, Any]):
    """Names or templates by their offset, parsed when they are asked for.

    python-evtx fills its own from the tables of the chunk's header, and turns in circles where those are damaged.
    """

    def __init__(self, kind: Any, chunk: "_Chunk") -> None:
        super().__init__()
        self._kind = kind
        self._chunk = chunk

    def __missing__(self, offset: int) -> Any:
        node = self._kind(self._chunk.buf, offset, self._chunk, self._chunk)
        self[offset] = node
        return node


class _Chunk(ChunkHeader):  # type: ignore[misc]  # the package is untyped
    """A chunk at the start of a buffer that finds names and templates by offset, without its tables."""

    def __init__(self, buf: bytes) -> None:
        super().__init__(buf, 0)
        self.buf = buf
        self._strings = _Nodes(NameStringNode, self)
        self._templates = _Nodes(TemplateNode, self)

    def strings(self) -> Any:
        return self._strings

    def templates(self) -> Any:
        return self._templates

    def add_string(self, offset: int, parent: Any = None) -> Any:
        node = NameStringNode(self.buf, offset, self, parent or self)
        self._strings[offset] = node
        return node

    def add_template(self, offset: int, parent: Any = None) -> Any:
        node = TemplateNode(self.buf, offset, self, parent or self)
        self._templates[offset] = node
        return node
