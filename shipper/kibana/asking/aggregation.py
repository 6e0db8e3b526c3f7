"""A Lens layer as an aggregation.

Source: https://www.elastic.co/guide/en/elasticsearch/reference/8.19/search-aggregations.html
"""

from typing import Any, TypeAlias

from shipper.kibana.kql import parse, to_dsl

Json: TypeAlias = dict[str, Any]
#: What Lens takes of a week for ``auto``.
AUTO_SPAN = "3h"
_FUNCTIONS = {"unique_count": "cardinality", "max": "max", "min": "min", "sum": "sum"}
_COUNT = "count"
#: What Kibana asks for in place of a field that is absent, and draws as "(missing value)".
MISSING = "__missing__"


def aggregation(layer: Json) -> Json:
    """Return the aggregations of a layer, one named as each column; groups stand within each other in their order.

    A ``count`` without a filter has none: it is the ``doc_count`` of its bucket. Neither have a formula and its
    ``math``: they are calculated from the others.

    Raises:
        ValueError: an operation that no panel of ours has.
    """
    columns: Json = layer["columns"]
    measures = {name: body for name in layer["columnOrder"] if (body := _measure(columns[name])) is not None}
    inside = measures
    for name in reversed(groups(layer)):
        column = columns[name]
        body = _date_histogram(column) if column["operationType"] == "date_histogram" else _terms(column, columns)
        within = {**_ordering(column, measures), **inside}
        inside = {name: {**body, **({"aggs": within} if within else {})}}
    return inside


def _ordering(column: Json, measures: Json) -> Json:
    """Return the measure by which a group is ordered: it is asked for at the group's own level, as Kibana does."""
    by = column["params"].get("orderBy", {}).get("columnId")
    return {by: measures[by]} if by in measures else {}


def groups(layer: Json) -> list[str]:
    """Return the columns that are groups, outermost first."""
    return [name for name in layer["columnOrder"] if layer["columns"][name]["isBucketed"]]


def _measure(column: Json) -> Json | None:
    operation = column["operationType"]
    if column["isBucketed"] or operation in ("math", "formula"):
        return None
    if operation != _COUNT and operation not in _FUNCTIONS:
        raise ValueError(f"no panel of ours has the operation {operation}")
    value = None if operation == _COUNT else {_FUNCTIONS[operation]: {"field": column["sourceField"]}}
    if "filter" not in column:
        return value
    kept = {"filter": to_dsl(parse(column["filter"]["query"]))}
    return kept if value is None else {**kept, "aggs": {"value": value}}


def _terms(column: Json, columns: Json) -> Json:
    order, direction = column["params"]["orderBy"], column["params"]["orderDirection"]
    by = "_key" if order["type"] == "alphabetical" else _path(order["columnId"], columns[order["columnId"]])
    asked = {"field": column["sourceField"], "size": column["params"]["size"], "order": {by: direction}}
    counts_missing = column["params"].get("otherBucket") and column["params"].get("missingBucket")
    return {"terms": {**asked, **({"missing": MISSING} if counts_missing else {})}}


def _path(name: str, column: Json) -> str:
    counts = column["operationType"] == _COUNT
    if "filter" not in column:
        return "_count" if counts else name
    return name if counts else f"{name}>value"


def _date_histogram(column: Json) -> Json:
    said = column["params"]["interval"]
    span = AUTO_SPAN if said == "auto" else said
    return {"date_histogram": {"field": column["sourceField"], "fixed_interval": span, "min_doc_count": 1}}
