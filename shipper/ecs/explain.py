"""What the catalog says of an event, looked up once and encoded once."""

from typing import TypeVar

import msgspec

from shipper.catalog import Catalog, ErrorEntry, Language, format_code
from shipper.ecs.details import Details
from shipper.ecs.fields import Diagnostic, KnownError
from shipper.ecs.prose import MOST_REMEMBERED_CHARACTERS
from shipper.ecs.standing import Standing

#: Codes that say that something failed, not what.
UNSPECIFIC_CODES = frozenset({0x0000_0000, 0x0FFF_FFFF})
_NO_ERROR = 0
#: Hostile logs may name any number; memory stays bounded.
_MOST_CACHED = 4096
Key = TypeVar("Key")


class Diagnosis(msgspec.Struct, frozen=True, gc=False):
    """A diagnostic code or an error, explained.

    Attributes:
        shown: the number as ``0x`` and 8 digits; ``None`` for an error without one.
        name, description: from the catalog; empty where it does not know the number.
        part: the part of the document that tells of it, encoded.
        specific: whether it says what went wrong.
        known: whether the catalog knows it.
        telling: whether it is a reason: known, and not the code of no error.
    """

    shown: str | None
    name: str
    description: str
    part: msgspec.Raw
    specific: bool
    known: bool
    telling: bool


class Explainer:
    """Looks codes and errors up for one catalog and one language; what it remembers changes no answer."""

    def __init__(self, catalog: Catalog, lang: Language) -> None:
        self._catalog = catalog
        self._lang = lang
        self._codes: dict[tuple[int, str | None, str], Diagnosis] = {}
        self._errors: dict[tuple[int | None, str], Diagnosis] = {}
        self._texts: dict[str, ErrorEntry | None] = {}

    def code(self, code: int, standing: Standing) -> Diagnosis:
        """Explain a diagnostic code; ``expected`` is said only where the event has a list of codes."""
        key = (code, standing.schema, standing.code)
        diagnosis = self._codes.get(key)
        if diagnosis is None:
            _make_room(self._codes)
            expected = None if standing.entry is None else standing.entry.expects(code)
            diagnosis = self._codes[key] = self._explain_code(code, expected)
        return diagnosis

    def error(self, details: Details, standing: Standing) -> Diagnosis | None:
        """Explain the HRESULT, or the error that the prose names by its words where the event is no success."""
        hresult = details.hresult
        known = None if hresult is None else self._catalog.error(hresult)
        if known is None and standing.outcome != "success":
            known = self._named(details.prose)
        if known is None and hresult is None:
            return None
        key = (hresult, known.key if known else "")
        diagnosis = self._errors.get(key)
        if diagnosis is None:
            _make_room(self._errors)
            diagnosis = self._errors[key] = self._explain_error(hresult, known)
        return diagnosis

    def _named(self, prose: tuple[str, ...]) -> ErrorEntry | None:
        for text in prose:
            entry = self._look_for(text) if len(text) > MOST_REMEMBERED_CHARACTERS else self._remembered(text)
            if entry is not None:
                return entry
        return None

    def _remembered(self, text: str) -> ErrorEntry | None:
        """Search a text once: failures repeat their words, and a search costs ten times what remembering does."""
        if text not in self._texts:
            if len(self._texts) >= _MOST_CACHED:
                self._texts.clear()
            self._texts[text] = self._look_for(text)
        return self._texts[text]

    def _look_for(self, text: str) -> ErrorEntry | None:
        return self._catalog.scep_reason(text.strip()) or self._catalog.error_in(text)

    def _explain_code(self, code: int, expected: bool | None) -> Diagnosis:
        entry = self._catalog.code(code)
        shown = format_code(code)
        if entry is None:
            part = Diagnostic(code=shown, expected=expected)
            return Diagnosis(shown, "", "", _encoded(part), specific=False, known=False, telling=False)
        text = entry.text[self._lang]
        part = Diagnostic(
            code=shown,
            name=entry.name,
            description=text.description,
            resolution=" ".join(text.resolution) or None,
            reference=entry.reference,
            expected=expected,
        )
        return Diagnosis(
            shown,
            entry.name,
            text.description,
            _encoded(part),
            specific=code not in UNSPECIFIC_CODES,
            known=True,
            telling=code != _NO_ERROR,
        )

    def _explain_error(self, hresult: int | None, entry: ErrorEntry | None) -> Diagnosis:
        shown = None if hresult is None else format_code(hresult)
        if entry is None:
            part = KnownError(hresult=shown)
            return Diagnosis(shown, "", "", _encoded(part), specific=False, known=False, telling=False)
        text = entry.text[self._lang]
        part = KnownError(shown, entry.name, " ".join(text.resolution) or None, entry.confidence)
        return Diagnosis(shown, entry.name, text.description, _encoded(part), specific=True, known=True, telling=True)


def _make_room(cache: dict[Key, Diagnosis]) -> None:
    if len(cache) >= _MOST_CACHED:
        cache.clear()


def _encoded(part: msgspec.Struct) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(part))
