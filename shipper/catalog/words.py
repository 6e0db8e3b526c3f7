"""What a person types, read into entries: an id, a code in any spelling, an HRESULT, a name, an error text."""

import re
from collections.abc import Iterator

import msgspec

from shipper.catalog.entries import CodeEntry, ErrorEntry, EventEntry
from shipper.catalog.lookup import Catalog
from shipper.catalog.numbers import parse_code, parse_hresult

Entry = EventEntry | CodeEntry | ErrorEntry

#: HRESULT_FROM_WIN32: the facility in which a Windows error number is wrapped.
#: https://learn.microsoft.com/windows/win32/api/winerror/nf-winerror-hresult_from_win32
WIN32_FACILITY = 0x8007_0000
_LARGEST_WIN32 = 0xFFFF
_HEX_IN_TEXT = re.compile(r"(?<!\w)0x[0-9a-f]{1,9}(?!\w)", re.ASCII | re.IGNORECASE)


class Found(msgspec.Struct, frozen=True):
    """An entry that a word stands for.

    Attributes:
        entry: what it is.
        also: the diagnostic code that the same digits are in decimal, where the word was taken for an event id.
    """

    entry: Entry
    also: CodeEntry | None = None


def find(catalog: Catalog, word: str) -> list[Found]:
    """Return what a word stands for, the likeliest first; empty where the catalog does not know it.

    Bare decimal digits are an event id where there is one; else a diagnostic code in decimal; else an HRESULT or the
    Windows error number in one.
    """
    word = word.strip()
    if word.lower().startswith("0x") and (value := parse_code(word)) is not None:
        return _of_value(catalog, value)
    if word.removeprefix("-").isdecimal():
        return _of_decimal(catalog, word)
    named = [Found(entry) for entry in catalog.named(word)]
    return named or list(_in_text(catalog, word))


def _of_value(catalog: Catalog, value: int) -> list[Found]:
    entry = catalog.code(value) or catalog.error(value)
    return [Found(entry)] if entry else []


def _of_decimal(catalog: Catalog, word: str) -> list[Found]:
    value = parse_code(word, decimal=True)
    if value is None:
        hresult = parse_hresult(word)
        return _of_value(catalog, hresult) if hresult is not None else []
    event = catalog.events("legacy").get(value) or catalog.events("unified").get(value)
    if event:
        return [Found(event, catalog.code(value))]
    found = _of_value(catalog, value)
    if found or value > _LARGEST_WIN32:
        return found
    return _of_value(catalog, WIN32_FACILITY | value)


def _in_text(catalog: Catalog, text: str) -> Iterator[Found]:
    seen = set()
    for spelling in _HEX_IN_TEXT.findall(text):
        value = parse_code(spelling)
        if value is not None and value not in seen:
            seen.add(value)
            yield from _of_value(catalog, value)
    error = catalog.error_in(text)
    if error and error.hresult not in seen:
        yield Found(error)
