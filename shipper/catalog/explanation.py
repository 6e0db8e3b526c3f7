"""An entry as a person or a script is told of it: one language, every reference resolved."""

import msgspec

from shipper.catalog.entries import CodeEntry, Confidence, CountsAs, EventEntry, Language, Level, Outcome, Schema
from shipper.catalog.lookup import Catalog
from shipper.catalog.numbers import format_code
from shipper.catalog.words import Entry, Found, find


class Named(msgspec.Struct, frozen=True):
    """Something else that an explanation points at: its id or code, and its name."""

    id: str
    name: str


class Explanation(msgspec.Struct, frozen=True, omit_defaults=True):
    """What ``shipper explain --json`` prints for each entry; what does not apply is absent.

    Attributes:
        word: as it was asked for.
        kind: ``event``, ``diagnostic_code``, ``error`` or ``scep_reason``.
        id: the event id, the code, the HRESULT, or the key of an error that has no number.
        lang: language of the texts.
        also: the diagnostic code that the same digits are in decimal.
    """

    word: str
    kind: str
    id: str
    name: str
    lang: Language
    description: str
    reference: str
    confidence: Confidence
    causes: tuple[str, ...] = ()
    resolution: tuple[str, ...] = ()
    schema: Schema | None = None
    channel: str | None = None
    outcome: Outcome | None = None
    level: Level | None = None
    severity: int | None = None
    final: bool | None = None
    counts_as: CountsAs | None = None
    codes: tuple[Named, ...] = ()
    twins: tuple[Named, ...] = ()
    also: Named | None = None


def explain(catalog: Catalog, word: str, language: Language) -> list[Explanation]:
    """Return an explanation of everything that a word stands for; empty where it is unknown."""
    return [_explanation(catalog, word, found, language) for found in find(catalog, word)]


def _explanation(catalog: Catalog, word: str, found: Found, language: Language) -> Explanation:
    entry = found.entry
    text = entry.text[language]
    plain = Explanation(
        word=word,
        kind=_kind(entry),
        id=_id(entry),
        name=entry.name,
        lang=language,
        description=text.description,
        reference=entry.reference,
        confidence=entry.confidence,
        causes=text.causes,
        resolution=text.resolution,
        also=_named_code(found.also) if found.also else None,
    )
    return _with_event(catalog, plain, entry) if isinstance(entry, EventEntry) else plain


def _with_event(catalog: Catalog, plain: Explanation, event: EventEntry) -> Explanation:
    siblings = catalog.events(event.schema)
    return msgspec.structs.replace(
        plain,
        schema=event.schema,
        channel=event.channel,
        outcome=event.outcome,
        level=event.level,
        severity=event.severity,
        final=event.final,
        counts_as=event.counts_as,
        codes=tuple(_named_code(catalog.codes[value]) for value in sorted(event.codes)),
        twins=tuple(Named(str(twin), siblings[twin].name) for twin in event.twins),
    )


def _kind(entry: Entry) -> str:
    if isinstance(entry, EventEntry):
        return "event"
    if isinstance(entry, CodeEntry):
        return "diagnostic_code"
    return "scep_reason" if entry.scep else "error"


def _id(entry: Entry) -> str:
    if isinstance(entry, EventEntry):
        return str(entry.id)
    if isinstance(entry, CodeEntry):
        return entry.code
    return entry.key if entry.hresult is None else format_code(entry.hresult)


def _named_code(code: CodeEntry) -> Named:
    return Named(code.code, code.name)
