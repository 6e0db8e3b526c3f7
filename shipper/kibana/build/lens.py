"""Lens panels by value: of a data view, or of an ES|QL query."""

from shipper.kibana.build.layer import LAYER, form_based, layer
from shipper.kibana.build.pictures import draw, table_look
from shipper.kibana.build.saved_object import Json, kuery, reference
from shipper.kibana.spec.model import DataView, Shared
from shipper.kibana.spec.panels import Asking, Column, Query

_DATA_SOURCE = f"indexpattern-datasource-layer-{LAYER}"


def picture(panel: Asking, shared: Shared) -> Json:
    """Return the attributes of a picture. Its references stand inside; the dashboard repeats them."""
    one = layer(panel)
    kind, state = draw(panel, one, shared)
    return {
        "title": "",
        "description": "",
        "visualizationType": kind,
        "type": "lens",
        "references": [reference("index-pattern", shared.data[panel.data].id, _DATA_SOURCE)],
        "state": {
            "visualization": state,
            "query": kuery(panel.where),
            "filters": [],
            "datasourceStates": form_based(one),
            "internalReferences": [],
            "adHocDataViews": {},
        },
    }


def esql_text(panel: Query, shared: Shared) -> str:
    """Return the whole query."""
    return f"from {shared.data[panel.data].indices} | {panel.query}"


def answered(panel: Query, shared: Shared, name: str) -> Json:
    """Return the attributes of an ES|QL table.

    Args:
        panel: the query and its columns.
        shared: has the data view.
        name: id of the query's own data view, which lives in the panel alone.
    """
    view, query = shared.data[panel.data], {"esql": esql_text(panel, shared)}
    columns = [_column(column) for column in panel.columns]
    inside = {"index": name, "query": query, "columns": columns, "allColumns": columns, "timeField": "@timestamp"}
    own = reference("index-pattern", name, f"textBasedLanguages-datasource-layer-{LAYER}")
    shown = [{"columnId": one.name, **({"width": one.width} if one.width else {})} for one in panel.columns]
    return {
        "title": "",
        "description": "",
        "visualizationType": "lnsDatatable",
        "type": "lens",
        "references": [],
        "state": {
            "visualization": {
                "layerId": LAYER,
                "layerType": "data",
                "columns": shown,
                **table_look(panel.rows, whole=panel.whole),
            },
            "query": query,
            "filters": [],
            "datasourceStates": {"textBased": {"layers": {LAYER: inside}}},
            "internalReferences": [own],
            "adHocDataViews": {name: _own_view(name, view)},
        },
    }


def _column(column: Column) -> Json:
    return {"columnId": column.name, "fieldName": column.name, "meta": {"type": column.type}}


def _own_view(name: str, view: DataView) -> Json:
    return {
        "id": name,
        "title": view.indices,
        "timeFieldName": "@timestamp",
        "sourceFilters": [],
        "type": "esql",
        "fieldFormats": {},
        "runtimeFieldMap": {},
        "allowNoIndex": False,
        "name": view.indices,
        "allowHidden": False,
    }
