"""From documents to slim rows, with what the rules see of each."""

from collections.abc import Iterable, Sequence
from typing import Any, Literal

import msgspec

from shipper.model import Problem
from shipper.report.plain import plain_row
from shipper.report.slim import COLUMN_OF, DATASET, FIELDS, Slim, slim
from shipper.rules.model import Condition, Match, Rule, Scalar, Seen
from shipper.rules.seeing import SHOWN, Viewer, fields_of

_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(tuple[tuple[Scalar, ...] | None, ...])
#: What every evaluation asks of a document, whatever its rule names.
_DATASET, _FINAL = "event.dataset", "intune_connector.final"
_ALWAYS = (*SHOWN, _DATASET, "tags", _FINAL)
#: The report looks at documents as one more rule would: each is decoded once.
_REPORT = Rule(
    id="report",
    nature="watch",
    severity="low",
    risk_score=1,
    where=Condition(exists=FIELDS),
    looks_for=Match(),
    text={},
)


class Period(msgspec.Struct, frozen=True):
    """From ``since_ms`` to before ``until_ms``, milliseconds since 1970; ``None`` for no bound."""

    since_ms: int | None = None
    until_ms: int | None = None

    def holds(self, time_ms: int) -> bool:
        """Say whether a time lies in it."""
        if self.since_ms is not None and time_ms < self.since_ms:
            return False
        return self.until_ms is None or time_ms < self.until_ms


class Portion(msgspec.Struct, frozen=True):
    """A part of what is read, ready to be kept.

    Attributes:
        rows: what goes into the report.
        outside: documents outside the period.
        foreign: documents or lines that are none of ours.
        filtered: records of other channels.
        skipped: records in chunks passed over without decoding.
        problems: what could not be read.
        size_bytes: how much of the inputs it stands for, for progress.
    """

    rows: Sequence[Slim] = ()
    outside: int = 0
    foreign: int = 0
    filtered: int = 0
    skipped: int = 0
    problems: Sequence[Problem] = ()
    size_bytes: int = 0


#: Why a document is no row: it is not of the period, or it is none of ours.
Left = Literal["outside", "foreign"]


def names_seen(rules: Iterable[Rule]) -> tuple[str, ...]:
    """Return the fields that rules see of a document, in the order in which they are kept."""
    return tuple(sorted({*_ALWAYS, *(name for rule in rules for name in fields_of(rule))}))


class Sifter:
    """Keeps of each document what the report and the rules need.

    Args:
        rules: which look at the documents afterwards; those tagged ``backfill`` are shown to them, too.
        period: of the report.
    """

    def __init__(self, rules: tuple[Rule, ...], period: Period) -> None:
        self._view = Viewer((*rules, _REPORT), include_backfill=True).view
        self._names = names_seen(rules)
        self._are_columns = COLUMN_OF.keys() >= set(self._names) - {_DATASET}
        self._holds = period.holds

    def row(self, known_as: str, body: bytes) -> Slim | Left:
        """Return the row of a document, or why it is left out.

        Args:
            known_as: its ``_id``; empty for what the document itself says.
            body: one JSON object.
        """
        row = plain_row(known_as, body) if self._are_columns else None
        if row is None:
            document = self._view(body, known_as)
            row = slim(document, self._kept(document)) if document is not None else None
        if row is None:
            return "foreign"
        return row if self._holds(row.time_ms) else "outside"

    def rows(self, documents: Iterable[tuple[str, bytes]]) -> Portion:
        """Return the rows of documents, given as (``_id`` or empty, one JSON object)."""
        found = [self.row(known_as, body) for known_as, body in documents]
        rows = [row for row in found if isinstance(row, Slim)]
        outside = found.count("outside")
        return Portion(rows, outside, len(found) - len(rows) - outside)

    def _kept(self, document: Seen) -> bytes:
        return _ENCODER.encode([*map(document.fields.get, self._names)])


class Memory:
    """What the rules see, from what was kept of each document.

    Args:
        names: ``names_seen`` of all rules that the documents were sifted for.
        wanted: those of the rules that look now; they may be fewer.
    """

    def __init__(self, names: tuple[str, ...], wanted: tuple[str, ...]) -> None:
        self._names = names
        texts = [name for name in wanted if name in COLUMN_OF and name not in ("tags", _FINAL)]
        self._texts = texts
        columns = ["id", "time_ms", "seen", "tags", "final", *(COLUMN_OF[name] for name in texts)]
        #: What to ask of the store.
        self.question = f"SELECT {', '.join(columns)} FROM event ORDER BY time_ms, id"  # noqa: S608 (names of our own)

    def seen(self, row: tuple[Any, ...]) -> Seen:
        """Return what the rules see of a row that ``question`` has given."""
        document_id, time_ms, kept, tags, final = row[:5]
        if kept is not None:
            values = zip(self._names, _DECODER.decode(kept), strict=True)
            return Seen(document_id, time_ms, {name: value for name, value in values if value is not None})
        fields: dict[str, tuple[Scalar, ...]] = {
            name: (value,) for name, value in zip(self._texts, row[5:], strict=True) if value is not None
        }
        fields[_DATASET] = (DATASET,)
        if tags is not None:
            fields["tags"] = tuple(tags.split("\n"))
        if final is not None:
            fields[_FINAL] = (bool(final),)
        return Seen(document_id, time_ms, fields)
