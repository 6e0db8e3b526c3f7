"""How layers are drawn: what fails, crashes the editor, or gives a wrong picture without a word."""

import re
from collections.abc import Iterator
from typing import Any

from shipper.kibana.validate.fault import Fault
from shipper.kibana.validate.package import Json, Package, Panel

#: What each picture has to have, of what we draw.
_HAS: dict[str, tuple[str, ...]] = {
    "lnsMetric": ("layerId", "layerType", "metricAccessor"),
    "lnsXY": ("legend", "layers", "preferredSeriesType", "valueLabels"),
    "lnsPie": ("shape", "layers"),
    "lnsDatatable": ("layerId", "layerType", "columns"),
    "lnsHeatmap": ("shape", "layerId", "layerType", "legend", "gridConfig", "valueAccessor", "palette"),
}
_OF_LAYER: dict[str, tuple[str, ...]] = {
    "lnsXY": ("layerId", "layerType", "seriesType", "accessors"),
    "lnsPie": (
        *("layerId", "layerType", "primaryGroups", "metrics"),
        *("numberDisplay", "categoryDisplay", "legendDisplay", "nestedLegend"),
        # Without it, the legend of a donut is cut after five rows.
        "legendSize",
    ),
}
_SERIES = frozenset({"area", "area_stacked", "bar", "bar_stacked", "bar_horizontal", "bar_horizontal_stacked", "line"})
_SHAPES = {"lnsPie": frozenset({"donut", "pie"}), "lnsHeatmap": frozenset({"heatmap"})}
#: Keys of a state whose value is a column, or a list of columns.
_COLUMNS = frozenset(
    {
        *("metricAccessor", "secondaryMetricAccessor", "xAccessor", "yAccessor", "valueAccessor", "splitAccessor"),
        "breakdownByAccessor",
        *("accessor", "accessors", "forAccessor", "primaryGroups", "metrics", "columnId"),
    }
)
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")


def check(package: Package) -> Iterator[Fault]:
    """Yield what is wrong with pictures."""
    for board in package.of_kind("dashboard"):
        for panel in board.panels:
            if panel.lens is not None:
                yield from (Fault(panel.place, kind, wrong) for kind, wrong in _picture(panel, panel.lens))


def _picture(panel: Panel, lens: Json) -> Iterator[tuple[str, str]]:
    kind, state = str(lens.get("visualizationType")), lens.get("state", {})
    drawn = state.get("visualization", {})
    if kind not in _HAS:
        yield "legacy", f"{kind} is no picture of ours"
        return
    for key in ("internalReferences", "adHocDataViews", "query", "filters"):
        if key not in state:
            yield "picture", f"state.{key} is missing"
    yield from (("picture", f"{kind} without {key}") for key in _HAS[kind] if key not in drawn)
    if "legend" in _HAS[kind] and not {"isVisible", "position"} <= set(drawn.get("legend", {})):
        yield "picture", "its legend does not say whether it is shown, and where"
    if drawn.get("shape") not in _SHAPES.get(kind, {drawn.get("shape")}):
        yield "picture", f"{kind} has no shape {drawn.get('shape')}"
    for layer in drawn.get("layers", []):
        yield from (("picture", f"a layer of {kind} without {key}") for key in _OF_LAYER[kind] if key not in layer)
        if layer.get("seriesType", "line") not in _SERIES:
            yield "picture", f"there are no series of the type {layer['seriesType']}"
        yield from _series_order(panel, layer)
    yield from _names(panel, drawn)
    yield from _colours(drawn)


def _names(panel: Panel, drawn: Json) -> Iterator[tuple[str, str]]:
    layers = {**panel.layers("formBased"), **panel.layers("textBased")}
    columns = {name for layer in panel.layers("formBased").values() for name in layer.get("columns", {})}
    columns |= {one.get("columnId") for layer in panel.layers("textBased").values() for one in layer.get("columns", [])}
    for key, value in _walk(drawn):
        if key == "layerId" and value not in layers:
            yield "layer", f"{value} is no layer of the panel"
        named = value if isinstance(value, list) else [value]
        if key in _COLUMNS:
            yield from (("accessor", f"{key}: {one} is no column") for one in named if one not in columns)


def _series_order(panel: Panel, layer: Json) -> Iterator[tuple[str, str]]:
    """Yield where the date stands before the split: then the top values are taken for each bar anew."""
    split, x = layer.get("splitAccessor"), layer.get("xAccessor")
    for one in panel.layers("formBased").values():
        order, columns = one.get("columnOrder", []), one.get("columns", {})
        is_date = columns.get(x, {}).get("operationType") == "date_histogram"
        if is_date and split in order and x in order and order.index(split) > order.index(x):
            yield "columnOrder", "the date stands before the series, so that their values are taken for each bar"


def _colours(drawn: Json) -> Iterator[tuple[str, str]]:
    for key, value in _walk(drawn):
        if key == "palette" and value.get("name") == "custom":
            yield from _palette(value.get("params", {}))
        elif key in ("color", "colorCode") and isinstance(value, str) and not _COLOUR.fullmatch(value):
            yield "colour", f"{value} is no colour"
        elif key == "colorMapping":
            yield from _mapping(value)


def _palette(params: Json) -> Iterator[tuple[str, str]]:
    begins, ends = ([one.get("stop", float("nan")) for one in params.get(name, [])] for name in ("colorStops", "stops"))
    if not begins or len(begins) != len(ends) or begins != sorted(begins) or ends != sorted(ends):
        yield "palette", "colorStops and stops have to be there, as many of each, rising: else the colours are wrong"


def _mapping(mapping: Json) -> Iterator[tuple[str, str]]:
    for one in mapping.get("assignments", []):
        if "rules" in one or one.get("rule", {}).get("type") != "matchExactly":
            yield "palette", "8.12 takes colours of values as rule matchExactly alone: another never finishes loading"
    if "specialAssignments" not in mapping or "paletteId" not in mapping:
        yield "palette", "the colours of values lack specialAssignments or paletteId"


def _walk(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key, inner
            yield from _walk(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _walk(inner)
