"""The catalog's data files, read into entries. Each is read when it is first asked for."""

import os
from typing import TypeVar

import msgspec

from shipper.catalog.entries import (
    CodeEntry,
    Confidence,
    CountsAs,
    ErrorEntry,
    EventEntry,
    Language,
    Level,
    Neighbour,
    Outcome,
    Schema,
    Text,
)

_FOLDER = os.path.join(os.path.dirname(__file__), "data")  # noqa: PTH118, PTH120 (pathlib costs start-up time)
_File = TypeVar("_File")


class _Advice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Causes and remedies that several events of a file share, in one language."""

    causes: tuple[str, ...]
    resolution: tuple[str, ...]


class _EventRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An event as the file holds it: its description is its own, its advice is named."""

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
    description: dict[Language, str]
    advice: str
    confidence: Confidence
    aliases: tuple[str, ...] = ()
    reference: str = ""


class _EventFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    schema: Schema
    reference: str
    advice: dict[str, dict[Language, _Advice]]
    events: tuple[_EventRow, ...]


def read_events(schema: Schema) -> dict[int, EventEntry]:
    """Return the events of one generation by id, in the order of the file."""
    file = _read(f"{schema}.json", _EventFile)
    return {row.id: _entry(file, row) for row in file.events}


def read_codes() -> dict[int, CodeEntry]:
    """Return the diagnostic codes by value."""
    return {entry.value: entry for entry in _read("diagnostic-codes.json", tuple[CodeEntry, ...])}


def read_errors() -> tuple[ErrorEntry, ...]:
    """Return HRESULTs, error texts and SCEP validation reasons, in the order of the file."""
    return _read("errors.json", tuple[ErrorEntry, ...])


def read_neighbours() -> tuple[Neighbour, ...]:
    """Return the sources that ``--channels neighbours`` adds."""
    return _read("neighbours.json", tuple[Neighbour, ...])


def _entry(file: _EventFile, row: _EventRow) -> EventEntry:
    fields = {name: getattr(row, name) for name in row.__struct_fields__ if name not in ("description", "advice")}
    fields["reference"] = row.reference or file.reference
    advice = file.advice[row.advice]
    text = {
        language: Text(description, advice[language].causes, advice[language].resolution)
        for language, description in row.description.items()
    }
    return EventEntry(schema=file.schema, text=text, **fields)


def _read(name: str, kind: type[_File]) -> _File:
    with open(os.path.join(_FOLDER, name), "rb") as stream:  # noqa: PTH118, PTH123 (as above)
        return msgspec.json.decode(stream.read(), type=kind)
