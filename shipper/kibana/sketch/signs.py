"""A sign for each kind of panel. What they show is invented by a fixed pattern: no data stand behind it."""

import re
from collections.abc import Iterator
from xml.sax.saxutils import escape

from shipper.kibana.sketch.space import Space
from shipper.kibana.spec.model import Board, Shared
from shipper.kibana.spec.panels import (
    Asking,
    Chart,
    Donut,
    HeatMap,
    Metric,
    Navigation,
    Panel,
    Query,
    Search,
    Table,
    Words,
)

MUTED, _LIGHT, _MIDDLE, _DARK = "#69707D", "#E3E8F0", "#B9C4D6", "#7F8FA9"
_PATTERN = (0.35, 0.6, 0.5, 0.9, 0.7, 0.45, 0.8, 0.55, 1.0, 0.65, 0.4, 0.75)
_SHADES = (_LIGHT, _LIGHT, _LIGHT, _MIDDLE, _LIGHT, _LIGHT, _MIDDLE, _LIGHT, _DARK, _LIGHT, _LIGHT)
_LINE_PX, _LETTER_PX = 16, 6.8


def sign(panel: Panel, board: Board, shared: Shared, space: Space) -> Iterator[str]:
    """Yield the shapes that stand for a panel's kind."""
    match panel:
        case Table(by=by, values=values):
            yield from _grid(space, [*(one.label for one in by), *(one.label for one in values)])
        case Query(columns=columns):
            yield from _grid(space, [one.name for one in columns])
        case Search(search=name):
            labels = shared.data[shared.searches[name].data].labels
            yield from _grid(space, ["Time", *(labels.get(one, one) for one in shared.searches[name].columns)])
        case Words(text=text):
            yield from _words(space, re.sub(r"\*+|`|\[([^]]*)\]\([^)]*\)", r"\1", text))
        case Navigation():
            yield from _tabs(space, board)
        case Asking():
            yield from _picture(panel, space)


def _picture(panel: Asking, space: Space) -> Iterator[str]:
    match panel:
        case Metric(by=by, beside=beside):
            tiles = 1 if by is None else 4
            for number in range(tiles):
                yield from _number(
                    space.part(number / tiles, 0, 0.95 / tiles, 1), "" if beside is None else beside.label
                )
        case Chart(shape="line"):
            yield _line(space)
        case Chart(shape=shape) if "horizontal" in shape:
            yield from _lying(space)
        case Chart(shape=shape):
            yield from _bars(space, stacked="stacked" in shape)
        case Donut():
            yield _ring(space)
        case HeatMap(numbers=numbers):
            yield from _cells(space, 8 if numbers else 24)


def _rect(space: Space, fill: str) -> str:
    return f'<rect {space.as_attributes} fill="{fill}"/>'


def _text(x: float, y: float, text: str, size: int = 12, fill: str = MUTED) -> str:
    return f'<text x="{x:g}" y="{y:g}" font-size="{size}" fill="{fill}">{escape(text)}</text>'


def _number(space: Space, beside: str) -> Iterator[str]:
    right, bottom = space.x + space.width, space.y + space.height
    yield f'<text x="{right:g}" y="{bottom:g}" font-size="30" text-anchor="end" fill="{_DARK}">123</text>'
    said = escape(f"{beside} 45" if beside else "")
    yield f'<text x="{right:g}" y="{bottom - 36:g}" font-size="11" text-anchor="end" fill="{MUTED}">{said}</text>'


def _line(space: Space) -> str:
    step = space.width / (len(_PATTERN) - 1)
    points = " ".join(
        f"{space.x + number * step:.1f},{space.y + space.height * (1 - 0.8 * height):.1f}"
        for number, height in enumerate(_PATTERN)
    )
    return f'<polyline points="{points}" fill="none" stroke="{_DARK}" stroke-width="2"/>'


def _bars(space: Space, *, stacked: bool) -> Iterator[str]:
    each = 1 / len(_PATTERN)
    for number, height in enumerate(_PATTERN):
        left, width = number * each, 0.8 * each
        if stacked:
            yield _rect(space.part(left, 1 - height, width, height), _MIDDLE)
            yield _rect(space.part(left, 1 - 0.25 * height, width, 0.25 * height), _DARK)
            continue
        for one, fill in enumerate((_LIGHT, _MIDDLE, _DARK)):
            tall = height * (1 - 0.12 * one)
            yield _rect(space.part(left + one * width / 3, 1 - tall, width / 3, tall), fill)


def _lying(space: Space) -> Iterator[str]:
    lengths = sorted(_PATTERN[:6], reverse=True)
    each = 1 / len(lengths)
    for number, length in enumerate(lengths):
        yield _rect(space.part(0.25, number * each, 0.7 * length, 0.7 * each), _MIDDLE)


def _ring(space: Space) -> str:
    radius = min(space.width, space.height) / 2 - 12
    x, y = space.x + space.width / 2, space.y + space.height / 2
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="none" stroke="{_MIDDLE}" stroke-width="20"/>'


def _cells(space: Space, across: int) -> Iterator[str]:
    down = 6
    for row in range(down):
        for column in range(across):
            fill = _SHADES[(row * 5 + column * 7) % len(_SHADES)]
            yield _rect(space.part(0.18 + 0.82 * column / across, row / down, 0.8 / across, 0.9 / down), fill)


def _grid(space: Space, names: list[str]) -> Iterator[str]:
    each = space.width / len(names)
    for number, name in enumerate(names):
        fits = max(int(each / 6.2), 2)
        yield _text(space.x + number * each, space.y + 10, name[:fits], 10)
    for row in range(max(int((space.height - 16) / 18), 0)):
        yield f'<path d="M{space.x:g} {space.y + 24 + 18 * row:g}h{space.width:g}" stroke="{_LIGHT}" stroke-width="6"/>'


def _words(space: Space, text: str) -> Iterator[str]:
    line, y = "", space.y + 10
    for word in text.split():
        if len(line) + len(word) > space.width / _LETTER_PX:
            yield _text(space.x, y, line)
            line, y = "", y + _LINE_PX
        line = f"{line} {word}".strip()
    yield _text(space.x, y, line)


def _tabs(space: Space, board: Board) -> Iterator[str]:
    x = space.x
    for name in ("Overview", "Failures", "Certificate lifecycle", "Security", "Shipper"):
        yield _text(x, space.y + 20, name, 13, "#0072B2" if name == board.link else MUTED)
        x += 8 * len(name) + 24
