"""The table of parity: what each rule was to find, and what each target found."""

import re
from collections.abc import Iterable

import msgspec

from shipper.rules.model import Rule

_MARKS = re.compile(r"(<!-- parity -->\n).*(<!-- end of parity -->)", re.DOTALL)
_HEAD = (
    "rule",
    "looks for",
    "fires / near misses",
    "executions",
    "expected",
    "own",
    "Kibana",
    "alerts expected",
    "stream",
    "documents",
    "Sigma",
    "ElastAlert 2",
)


class Line(msgspec.Struct):
    """What is known of one rule; -1 where nothing was counted, since the target cannot say the rule.

    Documents are counted without those that the shipper cannot write.
    """

    fires: int = 0
    near_misses: int = 0
    executions: int = 0
    expected: int = 0
    own: int = 0
    kibana: int = 0
    alerts_expected: int = 0
    alerts: int = 0
    documents: int = 0
    sigma: int = -1
    elastalert: int = -1


class Book:
    """Lines by rule."""

    def __init__(self) -> None:
        self._lines: dict[str, Line] = {}

    def line(self, rule: Rule) -> Line:
        return self._lines.setdefault(rule.id, Line())


def written(page: str, book: Book, rules: Iterable[Rule]) -> str:
    """Return the page with the table between its marks made anew."""
    lines = [(rule, book.line(rule)) for rule in rules]
    rows = [
        _HEAD,
        ("---",) * 2 + ("---:",) * (len(_HEAD) - 2),
        *(_row(rule, line) for rule, line in lines),
        _sum([line for _, line in lines]),
    ]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return _MARKS.sub(lambda found: f"{found[1]}\n{table}\n\n{found[2]}", page)


def _row(rule: Rule, line: Line) -> tuple[str, ...]:
    return (f"`{rule.id}`", type(rule.looks_for).__name__.lower(), *_numbers(line))


def _sum(lines: list[Line]) -> tuple[str, ...]:
    total = Line(**{name: sum(max(getattr(line, name), 0) for line in lines) for name in Line.__struct_fields__})
    return ("all", "", *_numbers(total))


def _numbers(line: Line) -> tuple[str, ...]:
    counts = (
        line.executions,
        line.expected,
        line.own,
        line.kibana,
        line.alerts_expected,
        line.alerts,
        line.documents,
        line.sigma,
        line.elastalert,
    )
    return (f"{line.fires} / {line.near_misses}", *(f"{count:,}" if count >= 0 else "no" for count in counts))


def numbers_of(page: str) -> dict[str, dict[str, str]]:
    """Return what the table of a page says: the cells of each rule by the names of the columns."""
    found = _MARKS.search(page)
    lines = found[0].splitlines() if found else []
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| ")]
    return {row[0].strip("`"): dict(zip(rows[0], row, strict=True)) for row in rows[2:]}
