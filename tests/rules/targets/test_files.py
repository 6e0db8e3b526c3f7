"""The files that are made from the rules are up to date, and there are no others."""

from pathlib import Path

import pytest

from shipper.rules.loading import load_rules
from shipper.rules.targets.files import PAGE, RULES, built, left_over, write
from shipper.rules.targets.matrix import TARGETS, row
from shipper.rules.targets.page import TABLES, refreshed

PROJECT = Path(__file__).parents[3]
SHIPPED = load_rules()
AGAIN = "run: make assets"


def test_every_file_is_up_to_date() -> None:
    stale = [
        path
        for path, content in built(SHIPPED).items()
        if not (PROJECT / RULES / path).exists() or (PROJECT / RULES / path).read_bytes() != content
    ]
    assert not stale, AGAIN


def test_no_file_of_a_rule_that_is_gone_is_left() -> None:
    assert not left_over(PROJECT, built(SHIPPED)), AGAIN


def test_the_page_is_up_to_date() -> None:
    page = (PROJECT / PAGE).read_text(encoding="utf-8")
    assert refreshed(page, SHIPPED) == page, AGAIN


@pytest.mark.parametrize("name", TABLES)
def test_every_table_stands_on_the_page(name: str) -> None:
    assert f"<!-- table: {name} -->" in (PROJECT / PAGE).read_text(encoding="utf-8")


def test_a_table_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(KeyError):
        refreshed("<!-- table: nonsense -->\n<!-- end -->", SHIPPED)


def test_every_rule_is_said_by_a_target_or_has_a_reason() -> None:
    cells = [row(rule)[target] for rule in SHIPPED for target in TARGETS]
    assert all(bool(cell.form) != bool(cell.reason) for cell in cells)
    assert all(row(rule)["own"].form and row(rule)["Kibana"].form for rule in SHIPPED)


def test_writing_makes_the_files_anew_and_removes_what_is_left(tmp_path: Path) -> None:
    page = tmp_path / PAGE
    page.parent.mkdir(parents=True)
    page.write_text("before\n<!-- table: rules -->\n| stale |\n<!-- end -->\nafter\n", encoding="utf-8")
    gone = tmp_path / RULES / "sigma" / "gone.yml"
    gone.parent.mkdir(parents=True)
    gone.write_text("title: gone\n", encoding="utf-8")
    write(tmp_path, SHIPPED)
    assert not gone.exists()
    assert all((tmp_path / RULES / path).read_bytes() == content for path, content in built(SHIPPED).items())
    text = page.read_text(encoding="utf-8")
    assert "stale" not in text
    assert SHIPPED[0].id in text
