"""KQL that parses and names fields that are there; filters, columns and sorting that do."""

from collections.abc import Iterator, Mapping
from typing import Any

from shipper.kibana.kql import KqlError, fields_of, parse
from shipper.kibana.validate.datasets import dataset_faults, indices_asked
from shipper.kibana.validate.fault import Fault
from shipper.kibana.validate.fields import Field
from shipper.kibana.validate.package import Item, Json, Package, Panel

#: Queries that name a field as their key; ``exists`` has it as a value.
_ASKING = frozenset({"exists", "match", "match_phrase", "prefix", "range", "term", "terms", "wildcard"})


def check(package: Package) -> Iterator[Fault]:
    """Yield what is wrong with queries."""
    for board in package.of_kind("dashboard"):
        yield from _board(board, package)
    for view in package.of_kind("index-pattern"):
        yield from _view(view, package.view_fields(view.name))
    for search in package.of_kind("search"):
        yield from _search(search, package)


def _board(board: Item, package: Package) -> Iterator[Fault]:
    yield from dataset_faults(board, package)
    fields = {name: field for one in indices_asked(board, package) for name, field in package.fields[one].items()}
    yield from _kql(board.place, board.source.get("query", {}), fields)
    for panel in board.panels:
        yield from _panel(panel, package)


def _view(view: Item, fields: Mapping[str, Field]) -> Iterator[Fault]:
    if view.attributes.get("timeFieldName") not in fields:
        yield Fault(view.place, "time", "has no timeFieldName that is there: the time picker is ignored")
    named = {**view.inside.get("fieldFormatMap", {}), **view.inside.get("fieldAttrs", {})}
    yield from (Fault(view.place, "field", f"{name} has a format or a label and is in no mapping")
                for name in named if name not in fields)  # fmt: skip


def _search(search: Item, package: Package) -> Iterator[Fault]:
    view = search.pointed.get(search.source.get("indexRefName", ""), {}).get("id", "")
    fields = package.view_fields(view)
    yield from _kql(search.place, search.source.get("query", {}), fields)
    named = [*search.attributes.get("columns", []), *(one[0] for one in search.attributes.get("sort", []))]
    yield from (Fault(search.place, "field", f"the column {name} is in no mapping")
                for name in named if name not in fields)  # fmt: skip


def _panel(panel: Panel, package: Package) -> Iterator[Fault]:
    views = {one["name"]: one["id"] for one in (panel.lens or {}).get("references", [])}
    for name, layer in panel.layers("formBased").items():
        fields = package.view_fields(views.get(f"indexpattern-datasource-layer-{name}", ""))
        for query in [*_of_layer(layer), (panel.lens or {}).get("state", {}).get("query", {})]:
            yield from _kql(panel.place, query, fields)
        named = _asked((panel.lens or {}).get("state", {}).get("filters", []))
        yield from (Fault(panel.place, "field", f"{one} in a filter of the panel is in no mapping")
                    for one in dict.fromkeys(named) if one not in fields)  # fmt: skip


def _asked(query: Any) -> Iterator[str]:
    """Yield the fields that a query in Elasticsearch's own language asks for."""
    if isinstance(query, list):
        yield from (name for one in query for name in _asked(one))
    elif isinstance(query, dict):
        for key, value in query.items():
            if key in _ASKING and isinstance(value, dict):
                yield from [str(value.get("field"))] if key == "exists" else value
            elif key != "meta":
                yield from _asked(value)


def _of_layer(layer: Json) -> Iterator[Json]:
    return (column["filter"] for column in layer.get("columns", {}).values() if "filter" in column)


def _kql(place: str, query: Json, fields: Mapping[str, Field]) -> Iterator[Fault]:
    if query.get("language") != "kuery":
        yield Fault(place, "kql", "is not in KQL")
        return
    try:
        named = fields_of(parse(query["query"]))
    except KqlError as error:
        yield Fault(place, "kql", f"does not parse: {error}")
        return
    for name in sorted(named):
        if name not in fields or not fields[name].searched:
            yield Fault(place, "field", f"{name} in a query is in no mapping, or cannot be searched")
