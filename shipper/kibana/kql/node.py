"""What a query says, once read."""

from collections.abc import Iterator
from typing import Literal, TypeAlias

import msgspec

Bound = Literal["gt", "gte", "lt", "lte"]


class Everything(msgspec.Struct, frozen=True):
    """Every document: the empty query, ``*`` and ``*:*``."""


class Is(msgspec.Struct, frozen=True):
    """``field: value``: one of the field's values is this.

    Attributes:
        value: text, or the unquoted words ``true`` and ``false``.
        phrase: it stood in quotes: on analysed text all words in this order, else any of them; on others no difference.
    """

    field: str
    value: str | bool
    phrase: bool


class Like(msgspec.Struct, frozen=True):
    """``field: ab*cd``: one of the field's values begins, goes on and ends with these parts.

    Attributes:
        parts: what stands between the asterisks, at least two, any of them may be empty.
    """

    field: str
    parts: tuple[str, ...]


class Exists(msgspec.Struct, frozen=True):
    """``field: *``: the field has a value."""

    field: str


class Range(msgspec.Struct, frozen=True):
    """``field > value`` and its kin."""

    field: str
    bound: Bound
    value: str


class And(msgspec.Struct, frozen=True):
    """All of two or more."""

    nodes: "tuple[Node, ...]"


class Or(msgspec.Struct, frozen=True):
    """Any of two or more."""

    nodes: "tuple[Node, ...]"


class Not(msgspec.Struct, frozen=True):
    """Not this one; a document without the field is among them."""

    node: "Node"


Node: TypeAlias = Everything | Is | Like | Exists | Range | And | Or | Not


def fields_of(node: Node) -> set[str]:
    """Return the names of all fields that a query asks for."""
    return set(_fields(node))


def _fields(node: Node) -> Iterator[str]:
    match node:
        case And() | Or():
            for each in node.nodes:
                yield from _fields(each)
        case Not():
            yield from _fields(node.node)
        case Everything():
            pass
        case _:
            yield node.field
