"""The catalog against the tables it was made from; skipped where the shared material is not at hand."""

import csv
import re
from pathlib import Path

import pytest

from shipper.catalog import load, parse_code

CATALOG = load()
LEGACY_ROW = re.compile(r"^\| (\d{5}) \| (\w+) +\|.*\| ([0-9A-Fx, ]+?) *\|$", re.MULTILINE)
CODE_ROW = re.compile(r"^\| (0x[0-9A-F]+) \| ([\w ]+?) +\| ", re.MULTILINE)


def rows(path: Path) -> list[dict[str, str]]:
    if not path.is_file():
        pytest.skip(f"{path.name} is not at hand")
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def seed(shared: Path) -> str:
    found = sorted((shared / "seed").glob("*.txt"))
    if not found:
        pytest.skip("the seed document is not at hand")
    return found[0].read_text(encoding="utf-8")


def values(codes: list[str]) -> set[int | None]:
    return {parse_code(code) for code in codes}


def test_the_legacy_events_are_those_of_the_facts(shared: Path) -> None:
    facts = rows(shared / "facts" / "legacy-events.csv")
    told = {int(row["id"]): (row["name"], row["severity"], values(row["codes"].split(";"))) for row in facts}
    ours = {event.id: (event.name, event.level, set(event.codes)) for event in CATALOG.events("legacy").values()}
    assert ours == told


def test_the_unified_events_are_those_of_the_facts_and_id_2(shared: Path) -> None:
    facts = rows(shared / "facts" / "unified-events.csv")
    told = {int(row["id"]): (row["name"], row["channel"], row["severity"]) for row in facts}
    ours = {event.id: (event.name, event.channel, event.level) for event in CATALOG.events("unified").values()}
    ours.pop(2)
    assert ours == told


def test_the_operation_of_a_unified_event_is_of_its_documented_category(shared: Path) -> None:
    categories = {
        "pkcs": {"pkcs", "pkcs-reencrypt"},
        "pkcs_import": {"pkcs-import"},
        "revocation": {"revocation"},
        "scep": {"scep"},
        "connector_health": {"health"},
    }
    for row in rows(shared / "facts" / "unified-events.csv"):
        assert CATALOG.events("unified")[int(row["id"])].operation in categories[row["category"]]


def test_the_codes_are_those_of_the_facts(shared: Path) -> None:
    facts = rows(shared / "facts" / "diagnostic-codes.csv")
    assert {code.code: code.name for code in CATALOG.codes.values()} == {row["code"]: row["name"] for row in facts}


def test_no_text_is_copied_from_the_facts(shared: Path) -> None:
    for name in ("legacy-events.csv", "unified-events.csv"):
        for row in rows(shared / "facts" / name):
            told = row.get("description_en") or row["description"]
            event = CATALOG.events("legacy" if name.startswith("legacy") else "unified")[int(row["id"])]
            assert event.text["en"].description != told


def test_the_seed_lists_the_same_events_with_the_same_codes(seed: str) -> None:
    told = {int(id_): (name, values(codes.split(","))) for id_, name, codes in LEGACY_ROW.findall(seed)}
    ours = {event.id: (event.name, set(event.codes)) for event in CATALOG.events("legacy").values()}
    assert ours == told


def test_the_seed_lists_the_same_codes_by_value_and_name(seed: str) -> None:
    told = dict(CODE_ROW.findall(seed))
    assert len(told) == 12
    for spelling, name in told.items():
        value = parse_code(spelling)
        assert value is not None
        entry = CATALOG.codes[value]
        assert name == entry.name or name in entry.aliases
        assert spelling == entry.code or spelling in entry.aliases


def test_no_italian_text_is_copied_from_the_seed(seed: str) -> None:
    for event in CATALOG.events("legacy").values():
        assert event.text["it"].description not in seed
