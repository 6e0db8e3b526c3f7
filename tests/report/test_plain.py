"""The short way and the viewer of the rules see the same."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from shipper.report import Period, Sifter, Store
from shipper.report.plain import plain_row
from shipper.report.sifter import Memory, names_seen
from shipper.rules.model import Rule, Seen
from shipper.rules.seeing import Viewer
from shipper.testing.reports import document

Write = Callable[[Sequence[dict[str, Any]]], Path]
_ODD: tuple[dict[str, Any], ...] = (
    {},
    {"tags": ["backfill", "a\nb"]},
    {"tags": []},
    {"tags": "backfill"},
    {"device": {"id": ["one", "two"]}},
    {"device": {"id": "x" * 300}, "user": {"id": "x" * 5000}},
    {"device": {"id": 7}, "host": {"name": True}},
    {"device": None, "intune_connector": None},
    {"error": {"code": ""}, "event": {"code": ""}},
    {"intune_connector": {"final": None}},
    {"intune_connector": {"final": "true", "error": {"name": "Denied by Policy Module", "hresult": "0x80094012"}}},
    {"event": {"sequence": -(2**70)}},
    {"tags": [""]},
    {"event": {"id": None}},
    {"event": {"sequence": 2**70, "provider": "p", "reason": "r"}},
    {
        "event": {"action": "records-missed"},
        "intune_connector": {"log": {"missed": 3}},
        "log": {"file": {"path": "C:\\x"}},
    },
    {"@timestamp": "2026-11-23T08:00:00.123456789Z"},
    {"@timestamp": "1969-12-31T23:59:59.9999Z"},
)


def remembered(rules: tuple[Rule, ...], bodies: Sequence[bytes]) -> list[Seen]:
    names = names_seen(rules)
    with Store() as store:
        store.add(Sifter(rules, Period()).rows(("", body) for body in bodies).rows)
        store.settle()
        memory = Memory(names, names)
        return [memory.seen(row) for rows in store.each(memory.question, 100) for row in rows]


def viewed(rules: tuple[Rule, ...], bodies: Sequence[bytes]) -> list[Seen]:
    view, names = Viewer(rules, include_backfill=True).view, names_seen(rules)
    found = [seen for seen in map(view, bodies) if seen is not None]
    kept = [
        Seen(seen.id, seen.time_ms, {name: value for name, value in seen.fields.items() if name in names})
        for seen in found
    ]
    return sorted(kept, key=lambda seen: (seen.time_ms, seen.id))


@pytest.mark.parametrize("told", _ODD)
def test_rules_see_of_an_odd_document_what_the_viewer_sees(rules: tuple[Rule, ...], told: dict[str, Any]) -> None:
    bodies = [msgspec.json.encode(document(0, **told))]
    assert remembered(rules, bodies) == viewed(rules, bodies)


def test_rules_see_of_a_week_what_the_viewer_sees(rules: tuple[Rule, ...], documents: Path) -> None:
    bodies = documents.read_bytes().splitlines()
    assert remembered(rules, bodies) == viewed(rules, bodies)


def test_nearly_all_documents_are_read_the_short_way(documents: Path) -> None:
    bodies = documents.read_bytes().splitlines()
    assert sum(plain_row("", body) is None for body in bodies) == 0
