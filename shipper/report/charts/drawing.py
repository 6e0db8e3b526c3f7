"""From a chart to the SVG that stands in the page."""

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from typing import Any

from shipper.errors import UsageError
from shipper.report.charts.palette import LINE, TEXT
from shipper.report.charts.tidy import tidied

#: Of the drawing; the page scales it to the width there is.
WIDTH = 800


def require_drawing() -> None:
    """See that the packages that draw are installed.

    Raises:
        UsageError: they are not.
    """
    for package in ("altair", "vl_convert"):
        if find_spec(package) is None:
            hint = "pip install 'intune-connector-shipper[report]'"
            raise UsageError(f"the report's charts need a package that is not installed: {package}", hint=hint)


def values(rows: Sequence[Mapping[str, object]]) -> Any:
    """Return rows as what a chart draws; they stand in the specification, nothing is read from elsewhere."""
    import altair as alt

    return alt.Data(values=rows)  # type: ignore[no-untyped-call]


def draw(chart: Any) -> str:
    """Return a chart of Altair as SVG: text as text, colours as variables, nothing that is loaded or runs."""
    import vl_convert

    configured = (
        chart.configure(font="Helvetica", background="transparent", aria=True)
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=TEXT,
            titleColor=TEXT,
            gridColor=LINE,
            domainColor=LINE,
            tickColor=LINE,
            labelFontSize=11,
            labelLimit=168,
        )
    )
    return tidied(vl_convert.vegalite_to_svg(configured.to_dict(), allowed_base_urls=[]))
