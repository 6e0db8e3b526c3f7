"""The axis of time that all charts share: days written in the language of the page."""

from typing import Any

from shipper.report.findings import Findings
from shipper.report.questions.scope import DAY_MS
from shipper.report.words import Words

_MOST_LABELS = 12
#: Pixels of the drawing for what stands left of it.
_LABELS = 176


def time_scale(findings: Findings) -> Any:
    """Return the scale: all charts begin and end alike."""
    import altair as alt

    columns, width_ms = findings.scope.columns, findings.scope.width_ms
    return alt.Scale(domain=[columns[0], columns[-1] + width_ms], nice=False)


def label_axis(**more: Any) -> Any:
    """Return the axis on the left: as wide in every chart, so that the times below each other align."""
    import altair as alt

    return alt.Axis(title=None, ticks=False, domain=False, minExtent=_LABELS, maxExtent=_LABELS, **more)


def time_axis(findings: Findings, words: Words) -> Any:
    """Return the axis: a label a day, or every so many days; hours where it is less than two days."""
    import altair as alt

    columns = findings.scope.columns
    span_ms = columns[-1] + findings.scope.width_ms - columns[0]
    step_ms = next(step for step in _steps() if span_ms / step <= _MOST_LABELS)
    ticks = list(range(-(-columns[0] // step_ms) * step_ms, columns[-1] + 1, step_ms))
    spelled = {tick: _label(tick, step_ms, words) for tick in ticks}
    expression = " : ".join(f"datum.value == {tick} ? '{label}'" for tick, label in spelled.items())
    return alt.Axis(values=ticks, labelExpr=f"{expression} : ''" if expression else "''", title=None, grid=False)


def _steps() -> list[int]:
    hours = [DAY_MS // 24 * number for number in (1, 2, 3, 6, 12)]
    return [*hours, *(DAY_MS * number for number in (1, 2, 7, 14, 30, 90, 365, 3650, 36500, 365000))]


def _label(tick: int, step_ms: int, words: Words) -> str:
    if step_ms < DAY_MS and tick % DAY_MS:
        return words.time(tick).rpartition(", ")[2]
    return words.day(tick, int(words.day(tick).rpartition(" ")[2]))
