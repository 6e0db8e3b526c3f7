"""How a layer is drawn: the state of each kind of visualisation."""

from shipper.kibana.build.colours import code, mapping, palette
from shipper.kibana.build.layer import LAYER, Layer
from shipper.kibana.build.saved_object import Json
from shipper.kibana.spec.measures import Measure, Terms
from shipper.kibana.spec.model import Shared
from shipper.kibana.spec.panels import Asking, Chart, Donut, HeatMap, Metric, Table

_TILES_ACROSS = 6
_ON_LAYER = {"layerId": LAYER, "layerType": "data"}


def draw(panel: Asking, layer: Layer, shared: Shared) -> tuple[str, Json]:
    """Return the type of the visualisation and its state."""
    match panel:
        case Metric():
            return "lnsMetric", _metric(panel, layer, shared)
        case Chart():
            return "lnsXY", _chart(panel, layer, shared)
        case Donut():
            return "lnsPie", _donut(panel, layer, shared)
        case Table():
            return "lnsDatatable", _table(panel, layer, shared)
        case HeatMap():
            return "lnsHeatmap", _heatmap(panel, layer, shared)
    raise TypeError(panel)


def _metric(panel: Metric, layer: Layer, shared: Shared) -> Json:
    state: Json = {**_ON_LAYER, "metricAccessor": layer.measures[0]}
    if panel.value.bands:
        state["palette"] = palette(shared, panel.value.bands)
    elif panel.value.colour:
        state["color"] = code(shared, panel.value.colour)
    if panel.beside is not None:
        state |= {"secondaryMetricAccessor": layer.measures[1], "secondaryPrefix": panel.beside.label}
    if panel.by is not None:
        state |= {"breakdownByAccessor": layer.groups[0], "maxCols": _TILES_ACROSS}
    return state | ({"subtitle": panel.subtitle} if panel.subtitle else {})


def _chart(panel: Chart, layer: Layer, shared: Shared) -> Json:
    return {
        # Without a legend the whole picture fails.
        "legend": {"isVisible": bool(panel.legend), "position": panel.legend or "right", "showSingleSeries": False},
        "valueLabels": "show" if panel.shape.startswith("bar_horizontal") else "hide",
        "fittingFunction": "Linear" if panel.shape == "line" else "None",
        "preferredSeriesType": panel.shape,
        "axisTitlesVisibilitySettings": {"x": False, "yLeft": False, "yRight": False},
        "tickLabelsVisibilitySettings": {"x": True, "yLeft": True, "yRight": True},
        "gridlinesVisibilitySettings": {"x": False, "yLeft": True, "yRight": True},
        "labelsOrientation": {"x": 0, "yLeft": 0, "yRight": 0},
        "layers": [_series(panel, layer, shared)],
    }


def _series(panel: Chart, layer: Layer, shared: Shared) -> Json:
    state = {
        **_ON_LAYER,
        "seriesType": panel.shape,
        "xAccessor": layer.groups[-1],
        "accessors": layer.measures,
        "position": "top",
        "showGridlines": False,
    }
    if panel.split is not None:
        return state | {"splitAccessor": layer.groups[0], **_coloured(panel.split, shared)}
    coloured = zip(layer.measures, panel.values, strict=True)
    colours = [{"forAccessor": name, "color": code(shared, one.colour)} for name, one in coloured if one.colour]
    return state | ({"yConfig": colours} if colours else {})


def _coloured(terms: Terms, shared: Shared) -> Json:
    return {"colorMapping": mapping(shared, terms.coloured)} if terms.coloured else {}


def _donut(panel: Donut, layer: Layer, shared: Shared) -> Json:
    inside = {
        **_ON_LAYER,
        "primaryGroups": layer.groups,
        "metrics": layer.measures,
        "numberDisplay": "percent",
        "categoryDisplay": "hide",
        "legendDisplay": "show",
        "legendPosition": "bottom",
        # Smaller ones are cut after five rows.
        "legendSize": "xlarge",
        "nestedLegend": False,
        "emptySizeRatio": 0.54,
        **_coloured(panel.by, shared),
    }
    return {"shape": "donut", "layers": [inside]}


def _table(panel: Table, layer: Layer, shared: Shared) -> Json:
    groups = [{"columnId": name, "isTransposed": False, **_width(group.width)}
              for name, group in zip(layer.groups, panel.by, strict=True)]  # fmt: skip
    numbers = [_number(name, measure, shared) for name, measure in zip(layer.measures, panel.values, strict=True)]
    sorting = {"sorting": {"columnId": layer.measures[panel.sort], "direction": "desc"}} if panel.sort >= 0 else {}
    return {**_ON_LAYER, "columns": groups + numbers, **sorting, **table_look(panel.rows, whole=panel.whole)}


def _number(name: str, measure: Measure, shared: Shared) -> Json:
    column = {"columnId": name, "alignment": "left" if measure.shown == "time" else "right", **_width(measure.width)}
    if measure.bands:
        column |= {"colorMode": "text", "palette": palette(shared, measure.bands)}
    return column


def _width(pixels: int) -> Json:
    return {"width": pixels} if pixels else {}


def table_look(rows: int, *, whole: bool) -> Json:
    """Return what all tables have in common.

    Args:
        rows: a page.
        whole: cells show all of their text.
    """
    heights = {
        "rowHeight": "auto" if whole else "single",
        "rowHeightLines": 1,
        "headerRowHeight": "single",
        "headerRowHeightLines": 1,
    }
    return {"paging": {"size": rows, "enabled": True}, **heights}


def _heatmap(panel: HeatMap, layer: Layer, shared: Shared) -> Json:
    across, down = layer.groups
    return {
        "shape": "heatmap",
        **_ON_LAYER,
        "legend": {"isVisible": True, "position": "right", "type": "heatmap_legend"},
        "gridConfig": {
            "type": "heatmap_grid",
            "isCellLabelVisible": panel.numbers,
            "isYAxisLabelVisible": True,
            "isXAxisLabelVisible": True,
            "isYAxisTitleVisible": False,
            "isXAxisTitleVisible": False,
        },
        "valueAccessor": layer.measures[0],
        "xAccessor": across,
        "yAccessor": down,
        "palette": {**palette(shared, panel.value.bands), "accessor": layer.measures[0]},
    }
