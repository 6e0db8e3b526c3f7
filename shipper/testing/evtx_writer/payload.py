"""EventData, UserData and RenderingInfo as instances of templates of their own."""

import struct
from functools import lru_cache

import msgspec

from shipper.testing.evtx_writer.binxml import Node, Slot, Template, compile_template
from shipper.testing.evtx_writer.spec import Data, Element, EventSpec, Rendering
from shipper.testing.evtx_writer.values import BINARY, STRING, STRINGS, Value, strings, utf16

_UNUSED_U32 = Value(0x08, b"\0\0\0\0")


class Instance(msgspec.Struct, frozen=True):
    """A template and the bytes of its values: their count, descriptors (size, type) and the values themselves."""

    template: Template
    body: bytes


def payloads(spec: EventSpec) -> tuple[Instance, ...]:
    """Return what stands below System, in order: EventData or UserData, then RenderingInfo; each where there is any."""
    if spec.user_data is not None:
        data: tuple[Instance, ...] = (_user_data(spec.user_data),)
    elif spec.data or spec.binary is not None:
        data = (_event_data(spec),)
    else:
        data = ()
    return data if spec.rendering is None else (*data, _rendering(spec.rendering))


def _event_data(spec: EventSpec) -> Instance:
    names, values = _columns(spec.data)
    if not any(names) and all(isinstance(value, str) for value in values):
        binary = Value(0, b"") if spec.binary is None else Value(BINARY, spec.binary)
        array = strings(*map(str, values))
        return Instance(_classic_template(), _body((array, _UNUSED_U32, binary)))
    if spec.binary is not None:
        raise ValueError("Binary belongs to classic events: unnamed strings only")
    return Instance(_named_template(names, tuple(map(_kind, values))), _body(values))


def _columns(data: Data) -> tuple[tuple[str | None, ...], tuple[str | Value, ...]]:
    return tuple([name for name, _ in data]), tuple([value for _, value in data])


def _kind(value: str | Value) -> int:
    return STRING if isinstance(value, str) else value.kind


def _slot(index: int, kind: int) -> Slot:
    """Return the slot for a value; that of an absent value is an optional string: libevtx takes no other."""
    return Slot(index, kind or STRING, optional=not kind)


def _body(values: tuple[str | Value, ...]) -> bytes:
    raws: list[bytes] = []
    descriptors: list[int] = []
    for value in values:
        if isinstance(value, str):
            raw = utf16(value)
            descriptors += (len(raw), STRING)
        else:
            raw = value.raw
            descriptors += (len(raw), value.kind)
        raws.append(raw)
    return _descriptors(len(values)).pack(len(values), *descriptors) + b"".join(raws)


@lru_cache
def _descriptors(count: int) -> struct.Struct:
    return struct.Struct(f"<I{2 * count}H")


@lru_cache
def _classic_template() -> Template:
    data = Node("Data", content=(Slot(0, STRINGS),), dependency=0)
    binary = Node("Binary", content=(Slot(2, BINARY),), dependency=2)
    return compile_template(Node("EventData", content=(data, binary)))


@lru_cache(maxsize=1024)
def _named_template(names: tuple[str | None, ...], kinds: tuple[int, ...]) -> Template:
    nodes = []
    for index, (name, kind) in enumerate(zip(names, kinds, strict=True)):
        attributes = () if name is None else (("Name", name),)
        nodes.append(Node("Data", attributes, (_slot(index, kind),)))
    return compile_template(Node("EventData", content=tuple(nodes)))


def _user_data(element: Element) -> Instance:
    return _tree(Element("UserData", children=(element,)))


def _rendering(rendering: Rendering) -> Instance:
    texts = (
        ("Message", rendering.message),
        ("Level", rendering.level),
        ("Task", rendering.task),
        ("Opcode", rendering.opcode),
        ("Channel", rendering.channel),
        ("Provider", rendering.provider),
    )
    keywords = Element("Keywords", children=tuple(Element("Keyword", word) for word in rendering.keywords))
    children = (*(Element(name, text) for name, text in texts), keywords)
    return _tree(Element("RenderingInfo", children=children, attributes=(("Culture", rendering.culture),)))


def _tree(element: Element) -> Instance:
    """Turn a tree with values into a template with slots, numbered in document order, and their values."""
    values: list[str | Value] = []
    node = _node(element, values)
    return Instance(_tree_template(node), _body(tuple(values)))


def _node(element: Element, values: list[str | Value]) -> Node:
    content: list[Node | str | Slot] = []
    if element.value is not None:
        content.append(_slot(len(values), _kind(element.value)))
        values.append(element.value)
    content.extend(_node(child, values) for child in element.children)
    return Node(element.name, element.attributes, tuple(content))


@lru_cache(maxsize=1024)
def _tree_template(node: Node) -> Template:
    return compile_template(node)
