"""The table of parity in the documentation: of the rules that there are, without a difference."""

from pathlib import Path

import pytest

from tests.parity.stage import RULES
from tests.parity.table import numbers_of

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "rules.md"
AGAIN = "write the table again: pytest tests/parity --parity-table docs/explanation/rules.md"
NUMBERS = numbers_of(PAGE.read_text(encoding="utf-8"))


def test_the_table_has_a_line_for_each_rule() -> None:
    assert NUMBERS.keys() - {"all"} == {rule.id for rule in RULES}, AGAIN


@pytest.mark.parametrize("rule_id", NUMBERS)
def test_a_line_of_the_table_shows_no_difference(rule_id: str) -> None:
    line = NUMBERS[rule_id]

    assert line["expected"] == line["own"] == line["Kibana"]
    assert line["alerts expected"] == line["stream"] != "0"
    assert {line["Sigma"], line["ElastAlert 2"]} <= {line["documents"], "no"} or rule_id == "all"
    assert line["documents"] != "0"
