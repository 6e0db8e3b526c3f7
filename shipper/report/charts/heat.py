"""Failures by row and time: the more, the deeper."""

from math import log1p

from shipper.report.charts.axis import label_axis, time_axis, time_scale
from shipper.report.charts.drawing import WIDTH, draw, values
from shipper.report.charts.palette import FACE, FAILURE
from shipper.report.findings import Findings
from shipper.report.questions.timeline import Heat
from shipper.report.words import Words

_ROW_HEIGHT = 26
_PALEST = 0.22


def draw_heat(findings: Findings, heat: Heat, labels: dict[str, str], words: Words) -> str:
    """Return the drawing as SVG.

    Args:
        findings: for the time that all charts share.
        heat: rows and cells.
        labels: what each row is called; two rows of one label stay two.
        words: of the language.
    """
    import altair as alt

    names = _unique([labels[row] for row in heat.rows])
    called = dict(zip(heat.rows, names, strict=True))
    columns, width_ms = findings.scope.columns, findings.scope.width_ms
    most = max(cell.failures for cell in heat.cells)
    rows = [
        {
            "from": cell.at_ms,
            "to": cell.at_ms + width_ms,
            "row": called[cell.row],
            "depth": _PALEST + (1 - _PALEST) * log1p(cell.failures) / log1p(most),
            "told": f"{called[cell.row]}, {words.time(cell.at_ms, findings.made_at.year)}: "
            f"{words.count('failures', cell.failures)}",
        }
        for cell in heat.cells
    ]
    lanes = [{"row": name, "from": columns[0], "to": columns[-1] + width_ms} for name in names]
    x = alt.X("from:Q", scale=time_scale(findings), axis=time_axis(findings, words))
    y = alt.Y("row:N", sort=names, scale=alt.Scale(domain=names, paddingInner=0.18), axis=label_axis())
    lane = alt.Chart(values(lanes)).mark_rect(color=FACE, aria=False).encode(x=x, x2="to:Q", y=y)
    cells = (
        alt.Chart(values(rows))
        .mark_rect(color=FAILURE)
        .encode(x=x, x2="to:Q", y=y, fillOpacity=alt.FillOpacity("depth:Q", scale=None), description="told:N")
    )
    return draw(alt.layer(lane, cells).properties(width=WIDTH, height=_ROW_HEIGHT * len(names)))


def _unique(labels: list[str]) -> list[str]:
    """Tell labels apart that are alike: two hosts of different domains may have the same first label."""
    seen: dict[str, int] = {}
    unique = []
    for label in labels:
        seen[label] = seen.get(label, 0) + 1
        unique.append(label if seen[label] == 1 else f"{label} ({seen[label]})")
    return unique
