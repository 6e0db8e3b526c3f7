"""HTML that cannot be written unescaped: text becomes markup only through ``element``."""

from collections.abc import Iterable
from html import escape
from typing import TypeAlias
from unicodedata import category

from shipper.harmless import neutralise

#: What an element may hold; a ``str`` is text and is escaped, ``None`` is nothing.
Child: TypeAlias = "Markup | str | Iterable[Child] | None"

_VOID = frozenset({"meta", "col", "br", "hr"})
_LONGEST = 160
#: Marks set above each other, which would be painted over the neighbours.
_MOST_MARKS = 2


class Markup(str):
    """Text that is markup already."""

    __slots__ = ()


def element(name: str, /, *children: Child, **attributes: str | None) -> Markup:
    """Return an element; ``class_`` is ``class``, ``aria_label`` is ``aria-label``; ``None`` leaves one out."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in _VOID:
        return Markup(f"<{name}{written}>")
    return Markup(f"<{name}{written}>{markup(children)}</{name}>")


def markup(child: Child) -> Markup:
    """Return children as markup, one behind the other."""
    if child is None:
        return Markup()
    if isinstance(child, Markup):
        return child
    if isinstance(child, str):
        return Markup(escape(child))
    return Markup("".join(markup(one) for one in child))


def shown(text: str, longest: int = _LONGEST) -> str:
    """Return a text from outside so that it can do no harm where it is read.

    Control and format characters are spelt out, of the marks that are piled upon one letter two are left, and what is
    longer than ``longest`` is cut.
    """
    cut = text[:longest]
    return neutralise(_without_piles(cut)) + ("…" if len(text) > longest else "")


def _without_piles(text: str) -> str:
    if text.isascii():
        return text
    kept, marks = [], 0
    for character in text:
        marks = marks + 1 if category(character).startswith("M") else 0
        if marks <= _MOST_MARKS:
            kept.append(character)
    return "".join(kept)


def named(text: str, longest: int = _LONGEST, **attributes: str | None) -> Markup:
    """Return a name from outside, isolated: its direction of writing changes nothing beside it."""
    return element("bdi", shown(text, longest), **attributes)
