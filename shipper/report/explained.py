"""What the catalog says of a cause."""

import msgspec

from shipper import catalog
from shipper.catalog import CodeEntry, ErrorEntry, EventEntry, Language, Text
from shipper.report.questions.causes import Cause

_UNKNOWN = Text("")


class Explained(msgspec.Struct, frozen=True):
    """A cause in words.

    Attributes:
        cause: as it was asked for.
        name: its symbolic name, empty where that is the cause itself or nothing is known.
        text: what it means and what to do; empty sentences where nothing is known.
        confidence: how sure the catalog is; empty where it does not know it.
        reference: URL of its source.
    """

    cause: str
    name: str
    text: Text
    confidence: str
    reference: str


def explained(cause: str, lang: Language, schema: str | None = None) -> Explained:
    """Return what the catalog says.

    Args:
        cause: a diagnostic code or HRESULT, the name of an error text, or an event id.
        lang: of the texts.
        schema: the generation that an event id belongs to.
    """
    entry = _entry(cause, schema)
    if entry is None:
        return Explained(cause, "", _UNKNOWN, "", "")
    name = entry.name if entry.name != cause else ""
    return Explained(cause, name, entry.text[lang], entry.confidence, entry.reference)


def of(cause: Cause, lang: Language) -> Explained:
    """Return what the catalog says of a cause of failures; of its event where it does not know the cause."""
    found = explained(cause.cause, lang, cause.schema)
    if found.confidence or cause.code is None:
        return found
    event = explained(cause.code, lang, cause.schema)
    return msgspec.structs.replace(event, cause=cause.cause)


def _entry(cause: str, schema: str | None) -> CodeEntry | ErrorEntry | EventEntry | None:
    known = catalog.load()
    if cause.isascii() and cause.isdecimal() and len(cause) <= len("65535"):
        first, second = ("unified", "legacy") if schema == "unified" else ("legacy", "unified")
        return known.events(first).get(int(cause)) or known.events(second).get(int(cause))  # type: ignore[arg-type]
    named = next(known.named(cause), None)
    if named is not None:
        return named
    code, hresult = catalog.parse_code(cause), catalog.parse_hresult(cause)
    return (known.code(code) if code is not None else None) or (known.error(hresult) if hresult is not None else None)
