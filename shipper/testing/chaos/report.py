"""What the faults came to: one line each, for the end of a test run and for the record."""

import msgspec

from shipper.testing.chaos.ledger import Balance

_COLUMNS = ("fault", "runs", "events", "lost", "doubled", "invented", "s", "")
_WIDTHS = (52, 5, 8, 6, 8, 9, 7)


class Line(msgspec.Struct, frozen=True):
    """One fault.

    Attributes:
        fault: what was done.
        runs: how often the shipper was started.
        balance: what the ledger shows.
        seconds: how long it took.
        note: figures of its own.
    """

    fault: str
    runs: int
    balance: Balance
    seconds: float
    note: str = ""


def table(lines: list[Line]) -> list[str]:
    """Return the lines of a table, its head first."""
    return [_row(_COLUMNS), *map(_figures, lines)]


def _figures(line: Line) -> str:
    even = line.balance
    numbers = (line.runs, even.events, even.lost, even.doubled, even.invented)
    return _row((line.fault, *(f"{number:,}" for number in numbers), f"{line.seconds:.1f}", line.note))


def _row(cells: tuple[str, ...]) -> str:
    name, *numbers, note = cells
    columns = [number.rjust(width) for number, width in zip(numbers, _WIDTHS[1:], strict=True)]
    return "".join((name.ljust(_WIDTHS[0]), *columns, "  ", note)).rstrip()
