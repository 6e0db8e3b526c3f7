"""Requests over time, failures at the bottom where they can be compared."""

from collections.abc import Iterator, Sequence

from shipper.report.charts.axis import label_axis, time_axis, time_scale
from shipper.report.charts.drawing import WIDTH, draw, values
from shipper.report.charts.palette import OUTCOMES
from shipper.report.findings import Findings
from shipper.report.questions.timeline import Column
from shipper.report.words import Words

_HEIGHT = 200
_ORDER = {"failure": 0, "unknown": 1, "success": 2}


def _stacked(columns: Sequence[Column]) -> Iterator[tuple[Column, int]]:
    """Yield each column with the number of requests that it stands upon."""
    at_ms, floor = -1, 0
    for column in sorted(columns, key=lambda one: (one.at_ms, _ORDER[one.outcome])):
        if column.at_ms != at_ms:
            at_ms, floor = column.at_ms, 0
        yield column, floor
        floor += column.requests


def draw_timeline(findings: Findings, words: Words) -> str:
    """Return the drawing as SVG."""
    import altair as alt

    width_ms, year = findings.scope.width_ms, findings.made_at.year
    gap_ms = width_ms * 0.08
    rows = [
        {
            "from": column.at_ms + gap_ms,
            "to": column.at_ms + width_ms - gap_ms,
            "outcome": column.outcome,
            "floor": floor,
            "top": floor + column.requests,
            "told": f"{words.time(column.at_ms, year)}: "
            f"{words.count('requests', column.requests)}, {words[f'outcome_{column.outcome}']}",
        }
        for column, floor in _stacked(findings.timeline)
    ]
    colours = alt.Scale(domain=list(OUTCOMES), range=list(OUTCOMES.values()))
    chart = (
        alt.Chart(values(rows), width=WIDTH, height=_HEIGHT)
        .mark_rect()
        .encode(
            x=alt.X("from:Q", scale=time_scale(findings), axis=time_axis(findings, words)),
            x2="to:Q",
            y=alt.Y("floor:Q", axis=label_axis(tickCount=4, grid=True)),
            y2="top:Q",
            color=alt.Color("outcome:N", scale=colours, legend=None),
            description="told:N",
        )
    )
    return draw(chart)
