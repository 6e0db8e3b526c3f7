"""Cases from their TOML files."""

import re
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import msgspec

from shipper.errors import ConfigError
from shipper.rules.instants import to_ms
from shipper.rules.model import DATASETS, Count, Match, Rule
from shipper.rules.spans import parse_span
from shipper.testing.rule_cases.case import Case, CaseDocument, Expected
from shipper.testing.rule_cases.documents import HOST, SHIPPER, Fields, Stamp, document_body

#: The end of an execution where a case names no other: a working day, so that rules about hours are silent.
_T1 = datetime(2026, 11, 25, 10, tzinfo=UTC)
_SPAN = "1h"
#: Groups that a case need not name.
_USUAL = {"host.name": HOST, "agent.name": SHIPPER}
_MANY = re.compile(r"(.*\D)([0-9]+)\.\.([0-9]+)")
_PART = re.compile(r"[0-9]+[smhd]")


class _Found(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One finding; of ``Match`` the group is the document, else by default that of the usual host or shipper."""

    ids: tuple[str, ...]
    group: tuple[str, ...] | None = None


class _Case(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A case as the file has it; ``span`` is by default that of the rule, or an hour."""

    name: str
    documents: tuple[Fields, ...]
    finds: tuple[_Found, ...] = ()
    t1: datetime = _T1
    span: str = ""
    stream: Literal["same", "other"] = "same"


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file: cases, and by their names the documents that they are ``like``."""

    cases: tuple[_Case, ...]
    documents: dict[str, Fields] = {}


class _Placing(msgspec.Struct, frozen=True):
    """Where a document stands in time, and how often; all else in its table are fields."""

    at: str
    like: str = ""
    id: str = "a"
    times: int = 1
    every: str = "1m"
    without: tuple[str, ...] = ()


def load_cases(rule: Rule, folder: Path, namespace: str = "default") -> list[Case]:
    """Read the cases of a rule.

    Args:
        rule: whose they are.
        folder: holds ``<rule id>.toml``.
        namespace: of the data streams that the documents name.

    Raises:
        ConfigError: the file is not there, or holds no cases.
    """
    path = folder / f"{rule.id}.toml"
    try:
        file = msgspec.convert(tomllib.loads(path.read_text("utf-8")), _File)
        return [_case(rule, file, number, namespace) for number in range(1, len(file.cases) + 1)]
    except (OSError, ValueError, LookupError) as error:
        raise ConfigError(f"holds no cases: {error}", where=str(path), hint="see docs/how-to/write-a-rule.md") from None


def _case(rule: Rule, file: _File, number: int, namespace: str) -> Case:
    case = file.cases[number - 1]
    prefix = f"{rule.id}.{number}."
    t1_ms = to_ms(case.t1.isoformat())
    span = case.span or (rule.looks_for.within if isinstance(rule.looks_for, Count) else _SPAN)
    documents = [
        _document(rule, namespace, prefix + name, time_ms, fields)
        for table in case.documents
        for name, time_ms, fields in _placed(file.documents[table["like"]] | table if "like" in table else table, t1_ms)
    ]
    expected = sorted(_expected(rule, found, prefix) for found in case.finds)
    t0_ms = t1_ms - parse_span(span)
    return Case(rule.id, number, case.name, tuple(documents), t0_ms, t1_ms, tuple(expected), case.stream)


def _document(rule: Rule, namespace: str, document_id: str, time_ms: int, fields: Fields) -> CaseDocument:
    stamp = Stamp(document_id, time_ms, rule.reads, namespace)
    kind = "metrics" if rule.reads == "metrics" else "logs"
    return CaseDocument(
        document_id, f"{kind}-{DATASETS[rule.reads]}-{namespace}", time_ms, document_body(stamp, fields)
    )


def _placed(table: Fields, t1_ms: int) -> Iterator[tuple[str, int, Fields]]:
    """Yield name, time and fields of what a table stands for: one document, or a row of numbered ones."""
    placing = msgspec.convert(table, _Placing)
    own = {key: value for key, value in table.items() if key not in _Placing.__struct_fields__}
    own |= dict.fromkeys(placing.without)
    first_ms = t1_ms + _offset_ms(placing.at)
    for number in range(1, placing.times + 1):
        name = placing.id if placing.times == 1 else f"{placing.id}{number}"
        yield name, first_ms + (number - 1) * _offset_ms(f"+{placing.every}"), _numbered(own, number)


def _numbered(own: Fields, number: int) -> Fields:
    return {key: value.replace("{n}", str(number)) if isinstance(value, str) else value for key, value in own.items()}


def _offset_ms(at: str) -> int:
    """Return the milliseconds of ``-10m``, ``-1h30m`` or ``+1s``."""
    parts = _PART.findall(at)
    if at[:1] not in ("-", "+") or "".join(parts) != at[1:]:
        raise ValueError(f"{at!r} is no offset: write -10m or -1h30m")
    return sum(map(parse_span, parts)) * (-1 if at[0] == "-" else 1)


def _expected(rule: Rule, found: _Found, prefix: str) -> Expected:
    ids = tuple(sorted(prefix + name for spelt in found.ids for name in _names(spelt)))
    if isinstance(rule.looks_for, Match):
        return Expected(ids, ids)
    return Expected(tuple(_USUAL[field] for field in rule.by) if found.group is None else found.group, ids)


def _names(spelt: str) -> Iterator[str]:
    """Yield ``a``; of ``a1..3`` the three that it stands for."""
    many = _MANY.fullmatch(spelt)
    if many is None:
        yield spelt
        return
    yield from (f"{many[1]}{number}" for number in range(int(many[2]), int(many[3]) + 1))
