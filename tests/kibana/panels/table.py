"""The table of panels in ``docs/how-to/dashboards.md``."""

import re
from collections.abc import Iterator, Mapping, Sequence

from shipper.kibana.asking import Question, Row
from shipper.kibana.spec import Spec

_BLOCK = re.compile(r"(<!-- panels -->\n).*(<!-- end -->)", re.DOTALL)
_DRAWN = {
    "lnsMetric": "number",
    "lnsXY": "lines or bars",
    "lnsPie": "donut",
    "lnsDatatable": "table",
    "lnsHeatmap": "heat map",
    "search": "saved search",
}


def refreshed(page: str, table: str) -> str:
    """Return the page with the table between its markers made anew."""
    return _BLOCK.sub(lambda block: f"{block[1]}\n{table}\n\n{block[2]}", page)


def in_page(page: str) -> str:
    """Return the table that stands in the page."""
    found = _BLOCK.search(page)
    assert found is not None
    return found[0].removeprefix(found[1]).removesuffix(found[2]).strip()


def written(spec: Spec, asked: Sequence[Question], answers: Mapping[tuple[str, str], list[Row]]) -> str:
    """Return the table: a row a panel, with the number of rows that it was answered with."""
    head = ["| dashboard | panel | drawn as | what it answers | rows |", "|---|---|---|---|---:|"]
    return "\n".join([*head, *_rows(spec, asked, answers)])


def without_rows(table: str) -> list[str]:
    """Return the lines without what depends on the day: the number of rows."""
    return [line.rpartition(" | ")[0] for line in table.splitlines()]


def _drawn(question: Question) -> str:
    if question.kind == "esql":
        return "ES\\|QL table"
    in_tiles = question.picture == "lnsMetric" and any(one["isBucketed"] for one in question.layer["columns"].values())
    return "tiles" if in_tiles else _DRAWN[question.picture]


def _rows(spec: Spec, asked: Sequence[Question], answers: Mapping[tuple[str, str], list[Row]]) -> Iterator[str]:
    boards = {board.id: board for board in spec.boards}
    for one in asked:
        board = boards[one.board]
        note = next(panel.note for panel in board.panels if panel.id == one.panel)
        drawn = _drawn(one)
        rows = sum(row.tells for row in answers[one.board, one.panel])
        yield f"| {board.link} | {one.title} | {drawn} | {note} | {rows} |"
