"""What the catalog knows: one frozen value an event, a code, an error, a neighbouring source."""

from typing import Literal

import msgspec

#: The schemas: the connector until 2021 and the unified one that replaced it.
Schema = Literal["legacy", "unified"]
Language = Literal["en", "it"]
Outcome = Literal["success", "failure", "unknown"]
Level = Literal["information", "warning", "error"]
#: How sure an entry is: a Microsoft document, a copy of support notes or a blog, or our own conclusion.
Confidence = Literal["documented", "second-hand", "inferred"]
#: What an event is counted as. Rates look at ``request`` alone: see docs/reference/catalog.md.
CountsAs = Literal["request", "attempt", "health", "lifecycle"]

LANGUAGES: tuple[Language, ...] = ("en", "it")

#: ``event.severity`` by level, on the scale of Elastic's own detections (low 21, medium 47, high 73), so that a rule
#: may map it as it stands. https://www.elastic.co/guide/en/security/8.17/rules-ui-create.html (default risk scores)
SEVERITY_OF_LEVEL: dict[Level, int] = {"information": 21, "warning": 47, "error": 73}


class Text(msgspec.Struct, frozen=True):
    """What a person is told, in one language; every part is a whole sentence.

    Attributes:
        description: what happened.
        causes: likely causes, in the order in which to check them; empty where nothing went wrong.
        resolution: what to do, step by step; joined with a space it reads as a paragraph.
    """

    description: str
    causes: tuple[str, ...] = ()
    resolution: tuple[str, ...] = ()


Texts = dict[Language, Text]


class EventEntry(msgspec.Struct, frozen=True):
    """One event id of the connector.

    Attributes:
        schema: which generation logs it.
        id: System/EventID.
        name: symbolic name as Microsoft spells it, misspellings included.
        channel: where Microsoft documents it.
        action: ``event.action``, kebab-case; the same for success and failure and for both generations.
        operation: the flow: service, enrolment, pkcs, pkcs-reencrypt, pkcs-import, revocation, scep, transfer,
            health, general.
        stage: the step within the flow.
        outcome: from the id, never from text or code.
        level: likewise.
        severity: see ``SEVERITY_OF_LEVEL``.
        final: false where the connector says that it will try again.
        counts_as: what it is counted as.
        category: ECS ``event.category``.
        type: ECS ``event.type``.
        codes: diagnostic codes that Microsoft lists for it; empty where nothing is documented.
        twins: ids in the other channel that tell of the same thing.
        aliases: other spellings of the name.
        text: by language.
        reference: URL of the source.
        confidence: how sure the entry is.
    """

    schema: Schema
    id: int
    name: str
    channel: str
    action: str
    operation: str
    stage: str
    outcome: Outcome
    level: Level
    severity: int
    final: bool
    counts_as: CountsAs
    category: tuple[str, ...]
    type: tuple[str, ...]
    codes: frozenset[int]
    twins: tuple[int, ...]
    aliases: tuple[str, ...]
    text: Texts
    reference: str
    confidence: Confidence

    def expects(self, code: int) -> bool | None:
        """Say whether Microsoft lists ``code`` for this event; ``None`` where no code is documented for it at all."""
        return code in self.codes if self.codes else None


class CodeEntry(msgspec.Struct, frozen=True):
    """One diagnostic code of the legacy connector.

    Attributes:
        value: the code as a number.
        code: ``0x`` and 8 upper-case digits.
        name: symbolic name, English in every language.
        aliases: other spellings of the code or of the name.
    """

    value: int
    code: str
    name: str
    text: Texts
    reference: str
    confidence: Confidence
    aliases: tuple[str, ...] = ()


class ErrorEntry(msgspec.Struct, frozen=True):
    """An HRESULT, an error text or a SCEP validation reason: what failures carry instead of a code.

    Attributes:
        key: stable, kebab-case.
        hresult: the unsigned 32-bit value, where it has one.
        name: symbolic name, or the text itself.
        matches: phrases that betray it in free text, lower-case, found at word borders.
        scep: whether it is one of the 25 SCEP validation reasons.
    """

    key: str
    name: str
    text: Texts
    reference: str
    confidence: Confidence
    hresult: int | None = None
    matches: tuple[str, ...] = ()
    scep: bool = False


class Neighbour(msgspec.Struct, frozen=True):
    """A source that admins look at beside the connector's own channels.

    Attributes:
        key: stable, kebab-case.
        channel: System/Channel.
        provider: System/Provider/@Name; ``None`` for any.
        ids: event ids that are wanted; empty for all.
        services: only events that name one of these Windows services, by name or display name; empty for all.
        text: why it is looked at, by language.
        reference: URL of the source.
        confidence: how sure the entry is.
    """

    key: str
    channel: str
    provider: str | None
    ids: tuple[int, ...]
    services: tuple[str, ...]
    text: Texts
    reference: str
    confidence: Confidence
