"""Small tables as plain text: the same on a terminal, in a pipe and in a log."""

from collections.abc import Iterator, Sequence

from shipper.cli.terminal import neutralise


def columns(rows: Sequence[Sequence[str | int]]) -> Iterator[str]:
    """Yield the rows as lines, numbers to the right, every text made harmless; the first row is the head.

    A number that is a text is one that names something, and gets no thousands separators.
    """
    cells = [[f"{cell:,}" if isinstance(cell, int) else neutralise(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    right = [isinstance(cell, int) or cell.isdecimal() for cell in rows[-1]]
    for row in cells:
        places = zip(row, widths, right, strict=True)
        yield "  ".join(f"{cell:>{width}}" if number else f"{cell:<{width}}" for cell, width, number in places).rstrip()
