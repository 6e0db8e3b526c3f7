"""Columns of Lens layers: complete, of fields that are there and can be asked what is asked of them."""

import re
from collections.abc import Iterator, Mapping

from shipper.kibana.validate.fault import Fault
from shipper.kibana.validate.fields import Field
from shipper.kibana.validate.formulas import FORMULA, MATH, formula_faults
from shipper.kibana.validate.package import Json, Package, Panel

#: What Lens calls the field of a count.
_RECORDS = "___records___"
_BELONG = ("dataType", "isBucketed", "label", "operationType", "scale")
_GROUPS = frozenset({"terms", "date_histogram"})
_INTERVAL = re.compile(r"auto|\d+[smhdwMqy]")
_NUMBERS = frozenset({"count", "unique_count", "max", "min", "sum", "average", "median", MATH, FORMULA})


def check(package: Package) -> Iterator[Fault]:
    """Yield what is wrong with columns."""
    for board in package.of_kind("dashboard"):
        for panel in board.panels:
            views = {one["name"]: one["id"] for one in (panel.lens or {}).get("references", [])}
            for name, layer in panel.layers("formBased").items():
                fields = package.view_fields(views.get(f"indexpattern-datasource-layer-{name}", ""))
                yield from _layer(panel, layer, fields)


def _layer(panel: Panel, layer: Json, fields: Mapping[str, Field]) -> Iterator[Fault]:
    columns: dict[str, Json] = layer.get("columns", {})
    order = layer.get("columnOrder", [])
    if sorted(order) != sorted(columns):
        yield Fault(panel.place, "columnOrder", "does not list every column, each once")
    for name, column in columns.items():
        missing = [key for key in _BELONG if key not in column]
        if missing:
            yield Fault(panel.place, "column", f"{name} lacks {', '.join(missing)}")
            continue
        yield from _operation(panel, name, column, fields)
        yield from (Fault(panel.place, "column", f"{name} {wrong}") for wrong in _params(column))
        yield from _order(panel, name, column, columns)
    yield from formula_faults(panel, columns)


def _operation(panel: Panel, name: str, column: Json, fields: Mapping[str, Field]) -> Iterator[Fault]:
    operation, source = column["operationType"], column.get("sourceField")
    if operation not in _GROUPS | _NUMBERS:
        yield Fault(panel.place, "operation", f"{name}: no panel of ours has {operation}")
    elif bool(column["isBucketed"]) != (operation in _GROUPS):
        yield Fault(panel.place, "column", f"{name}: isBucketed does not fit {operation}")
    elif operation not in (MATH, FORMULA, "count") or source not in (None, _RECORDS):
        yield from _field(panel, name, operation, fields.get(str(source)), str(source))


def _field(panel: Panel, name: str, operation: str, field: Field | None, source: str) -> Iterator[Fault]:
    if field is None:
        yield Fault(panel.place, "field", f"{name}: {source} is in no mapping: No results found")
    elif not field.aggregated:
        yield Fault(panel.place, "field", f"{name}: {source} ({field.type}) has no doc values to aggregate")
    elif operation == "date_histogram" and field.type != "date":
        yield Fault(panel.place, "field", f"{name}: {source} is no date")
    elif operation not in _GROUPS | {"unique_count", "count"} and not (field.is_number or field.type == "date"):
        yield Fault(panel.place, "field", f"{name}: {source} ({field.type}) cannot be calculated with")


def _params(column: Json) -> Iterator[str]:
    said = column.get("params", {})
    if column["operationType"] == "date_histogram" and not _INTERVAL.fullmatch(str(said.get("interval"))):
        yield "has no interval that Kibana knows"
    if column["operationType"] != "terms":
        return
    size = said.get("size")
    if not isinstance(size, int) or size < 1 or said.get("orderDirection") not in ("asc", "desc"):
        yield "says not how many values, or in which direction"
    if said.get("missingBucket") and not said.get("otherBucket"):
        yield "counts documents without the field, which Lens does only where it counts the others, too"


def _order(panel: Panel, name: str, column: Json, columns: Mapping[str, Json]) -> Iterator[Fault]:
    by = column.get("params", {}).get("orderBy")
    if column["operationType"] != "terms" or (by or {}).get("type") == "alphabetical":
        return
    target = columns.get(str((by or {}).get("columnId")), {})
    if target.get("operationType") not in _NUMBERS - {MATH, FORMULA}:
        yield Fault(panel.place, "orderBy", f"{name} is ordered by no column that Elasticsearch calculates")
