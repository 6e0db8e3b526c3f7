"""Lone surrogates: legal in UTF-16 strings of Windows, impossible in UTF-8.

Source: https://www.unicode.org/versions/Unicode16.0.0/core-spec/chapter-3/#G2630 (U+FFFD for what is ill-formed)
"""

import re
from typing import TypeVar

import msgspec

from shipper.model import Event

Struct = TypeVar("Struct", bound=msgspec.Struct)

_SURROGATE = re.compile("[\ud800-\udfff]")


def without_surrogates(text: str) -> tuple[str, int]:
    """Return ``text`` with each surrogate as U+FFFD, and how many there were."""
    if text.isascii():
        return text, 0
    return _SURROGATE.subn("\N{REPLACEMENT CHARACTER}", text)


def clean_event(event: Event) -> Event:
    """Return ``event`` with every text free of surrogates and ``replaced`` raised by their number.

    Meant for the rare event that cannot be encoded: the everyday one does not pay for the search.
    """
    counts: list[int] = []
    clean = clean_texts(event, counts)
    return msgspec.structs.replace(clean, replaced=event.replaced + sum(counts))


def clean_texts(struct: Struct, counts: list[int]) -> Struct:
    """Return ``struct`` with every text in it, or in its tuples, free of surrogates; add each number to ``counts``."""
    names = struct.__struct_fields__
    return msgspec.structs.replace(struct, **{name: _clean(getattr(struct, name), counts) for name in names})


def _clean(value: object, counts: list[int]) -> object:
    """Clean a text, or a tuple of tuples of texts; leave anything else."""
    if isinstance(value, str):
        text, count = without_surrogates(value)
        counts.append(count)
        return text
    if isinstance(value, tuple):
        return tuple(_clean(part, counts) for part in value)
    return value
