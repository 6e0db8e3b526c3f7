"""Templates in BinXML: an element tree with numbered slots, compiled to steps that a chunk can replay.

The bytes of a definition depend on the chunk: a name is written out where it is first used and referenced afterwards.
So a tree is compiled once to ``steps``: bytes, names, and marks that open and close a size field.
Source: MS-EVEN6, section 2.2.12 (BinXml); the libevtx documentation, section "Binary XML".
"""

import struct
from collections.abc import Iterator
from enum import Enum
from hashlib import blake2b

import msgspec

from shipper.testing.evtx_writer.layout import TEMPLATE_BUCKETS, name_hash
from shipper.testing.evtx_writer.values import STRING, utf16

FRAGMENT_HEADER = b"\x0f\x01\x01\x00"
END_OF_STREAM = b"\x00"
TEMPLATE_INSTANCE = b"\x0c\x01"
NO_DEPENDENCY = 0xFFFF

_OPEN, _OPEN_WITH_ATTRIBUTES = 0x01, 0x41
_CLOSE_START, _CLOSE_EMPTY, _CLOSE_ELEMENT = b"\x02", b"\x03", b"\x04"
_VALUE = 0x05
_LAST_ATTRIBUTE, _ATTRIBUTE = b"\x06", b"\x46"
_NORMAL_SLOT, _OPTIONAL_SLOT = 0x0D, 0x0E


class Size(Enum):
    """Marks in the steps: here a 32-bit size begins to count, here it stops."""

    OPEN = "open"
    CLOSE = "close"


Step = bytes | str | Size


class Slot(msgspec.Struct, frozen=True):
    """A place for a value of the instance; optional: the dependent element goes away where the value is absent."""

    index: int
    kind: int
    optional: bool = True


class Node(msgspec.Struct, frozen=True):
    """An element of a template.

    Attributes:
        name: its tag.
        attributes: (name, constant text or slot).
        content: children, constant text, slots; empty for an empty element.
        dependency: index of the slot without whose value the element is left out.
    """

    name: str
    attributes: tuple[tuple[str, "str | Slot"], ...] = ()
    content: tuple["Node | str | Slot", ...] = ()
    dependency: int = NO_DEPENDENCY


class Template(msgspec.Struct, frozen=True, eq=False):
    """A compiled template; it is told from others by its GUID, which is a hash of its steps."""

    steps: tuple[Step, ...]
    guid: bytes
    bucket: int


def compile_template(root: Node) -> Template:
    """Compile an element tree; the same tree gives the same GUID, in this run and in the next."""
    steps = tuple(_joined(_node_steps(root)))
    guid = blake2b(repr(steps).encode(), digest_size=16).digest()
    return Template(steps, guid, name_hash(guid) % TEMPLATE_BUCKETS)


def _joined(steps: Iterator[Step]) -> Iterator[Step]:
    """Join neighbouring bytes."""
    pending = FRAGMENT_HEADER
    for step in steps:
        if isinstance(step, bytes):
            pending += step
            continue
        if pending:
            yield pending
        pending = b""
        yield step
    yield pending + END_OF_STREAM


def _node_steps(node: Node) -> Iterator[Step]:
    token = _OPEN_WITH_ATTRIBUTES if node.attributes else _OPEN
    yield struct.pack("<BH", token, node.dependency)
    yield Size.OPEN
    yield node.name
    yield from _attribute_steps(node)
    if node.content:
        yield _CLOSE_START
        for part in node.content:
            yield from _content_steps(part)
        yield _CLOSE_ELEMENT
    else:
        yield _CLOSE_EMPTY
    yield Size.CLOSE


def _attribute_steps(node: Node) -> Iterator[Step]:
    if not node.attributes:
        return
    yield Size.OPEN
    for index, (name, value) in enumerate(node.attributes, 1):
        yield _LAST_ATTRIBUTE if index == len(node.attributes) else _ATTRIBUTE
        yield name
        yield from _content_steps(value)
    yield Size.CLOSE


def _content_steps(part: Node | str | Slot) -> Iterator[Step]:
    if isinstance(part, Node):
        yield from _node_steps(part)
    elif isinstance(part, str):
        yield struct.pack("<BBH", _VALUE, STRING, len(utf16(part)) // 2) + utf16(part)
    else:
        yield struct.pack("<BHB", _OPTIONAL_SLOT if part.optional else _NORMAL_SLOT, part.index, part.kind)
