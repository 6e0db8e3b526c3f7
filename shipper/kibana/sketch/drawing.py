"""A dashboard's layout as an SVG: its grid to scale, a title and a sign of its kind in each panel."""

from collections.abc import Iterator
from xml.sax.saxutils import escape

from shipper.kibana.sketch.signs import MUTED, sign
from shipper.kibana.sketch.space import Space
from shipper.kibana.spec.model import COLUMNS, Board, Shared
from shipper.kibana.spec.panels import Panel

#: Pixels a column and a row of the grid; a window of 1,600 pixels has 33 and 28.
_COLUMN, _ROW = 22, 18
_EDGE, _HEAD, _LIST, _TITLE = 12, 46, 26, 20
_FONT = "font-family:system-ui,'Segoe UI',sans-serif"


def sketch(board: Board, shared: Shared) -> str:
    """Return the SVG; it says that it is a layout and no screenshot."""
    top = _HEAD + (_LIST + _EDGE if board.controls else 0)
    width = COLUMNS * _COLUMN + 2 * _EDGE
    height = top + sum(row.height for row in board.rows) * _ROW + _EDGE
    inside = "\n".join([*_head(board, width), *_lists(board, shared, width), *_panels(board, shared, top)])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-label="{escape(board.title)}: layout" style="{_FONT}">\n'
        f'<rect width="{width}" height="{height}" fill="#F1F4F8"/>\n{inside}\n</svg>\n'
    )


def _head(board: Board, width: int) -> Iterator[str]:
    yield f'<text x="{_EDGE}" y="29" font-size="17" font-weight="600" fill="#1B2A49">{escape(board.title)}</text>'
    said = f"layout, not a screenshot · opens with {board.range.begin} to {board.range.end}"
    yield f'<text x="{width - _EDGE}" y="28" font-size="12" text-anchor="end" fill="{MUTED}">{escape(said)}</text>'


def _lists(board: Board, shared: Shared, width: int) -> Iterator[str]:
    each = (width - 2 * _EDGE) / max(len(board.controls), 1)
    for number, name in enumerate(board.controls):
        x = _EDGE + number * each
        yield f'<rect x="{x:g}" y="{_HEAD}" width="{each - 6:g}" height="{_LIST}" rx="4" fill="#FFF" stroke="#D3DAE6"/>'
        title = escape(shared.controls[name].title)
        yield f'<text x="{x + 10:g}" y="{_HEAD + 17}" font-size="12" fill="{MUTED}">{title}: any</text>'


def _panels(board: Board, shared: Shared, top: int) -> Iterator[str]:
    y = top
    for row in board.rows:
        x = _EDGE
        for panel in row.panels:
            yield from _panel(panel, board, shared, Space(x, y, panel.width * _COLUMN - 6, row.height * _ROW - 6))
            x += panel.width * _COLUMN
        y += row.height * _ROW


def _panel(panel: Panel, board: Board, shared: Shared, space: Space) -> Iterator[str]:
    yield f'<rect {space.as_attributes} rx="5" fill="#FFF" stroke="#D3DAE6"/>'
    if panel.title:
        fits = max(int(space.width / 6.6), 4)
        title = panel.title if len(panel.title) <= fits else panel.title[: fits - 1] + "…"
        yield (
            f'<text x="{space.x + 9}" y="{space.y + 16}" font-size="12" font-weight="600" fill="#343741">'
            f"{escape(title)}</text>"
        )
    yield from sign(panel, board, shared, space.inner(_TITLE if panel.title else 0))
