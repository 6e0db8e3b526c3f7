"""The reference page says what the data say."""

from pathlib import Path

import pytest

from shipper.catalog import load
from shipper.catalog.page import TABLES, main, refreshed

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "catalog.md"


def test_the_page_is_up_to_date() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert refreshed(page, load()) == page, "run: python -m shipper.catalog.page docs/reference/catalog.md"


@pytest.mark.parametrize("name", TABLES)
def test_every_table_stands_on_the_page(name: str) -> None:
    assert f"<!-- table: {name} -->" in PAGE.read_text(encoding="utf-8")


def test_a_page_is_refreshed_in_place(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- table: codes -->\n| stale |\n<!-- end -->\nafter\n", encoding="utf-8")
    assert main([str(page)]) == 0
    text = page.read_text(encoding="utf-8")
    assert "stale" not in text
    assert "CRPSCEPChallenge_Expired" in text
    assert text.startswith("before\n")
    assert text.endswith("\nafter\n")


def test_a_table_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(KeyError):
        refreshed("<!-- table: nonsense -->\n<!-- end -->", load())
