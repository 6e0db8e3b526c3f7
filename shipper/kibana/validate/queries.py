"""KQL that parses and names fields that are there; the filter on the dataset; columns of saved searches."""

from collections.abc import Iterator, Mapping
from typing import Any

from shipper.kibana.kql import KqlError, fields_of, parse
from shipper.kibana.validate.fault import Fault
from shipper.kibana.validate.fields import Field
from shipper.kibana.validate.package import Item, Json, Package, Panel

_DATASET = "event.dataset"


def check(package: Package) -> Iterator[Fault]:
    """Yield what is wrong with queries."""
    datasets = {pattern.partition("-")[2].removesuffix("-*") for pattern in package.fields}
    for board in package.of_kind("dashboard"):
        yield from _dataset(board, datasets)
        for panel in board.panels:
            yield from _panel(panel, package)
    for view in package.of_kind("index-pattern"):
        named = {**view.inside.get("fieldFormatMap", {}), **view.inside.get("fieldAttrs", {})}
        fields = package.view_fields(view.name)
        yield from (Fault(view.place, "field", f"{name} has a format or a label and is in no mapping")
                    for name in named if name not in fields)  # fmt: skip
    for search in package.of_kind("search"):
        view = search.pointed.get(search.source.get("indexRefName", ""), {}).get("id", "")
        fields = package.view_fields(view)
        yield from _kql(search.place, search.source.get("query", {}), fields)
        yield from (Fault(search.place, "field", f"the column {name} is in no mapping")
                    for name in search.attributes.get("columns", []) if name not in fields)  # fmt: skip


def _panel(panel: Panel, package: Package) -> Iterator[Fault]:
    views = {one["name"]: one["id"] for one in (panel.lens or {}).get("references", [])}
    for name, layer in panel.layers("formBased").items():
        fields = package.view_fields(views.get(f"indexpattern-datasource-layer-{name}", ""))
        for query in [*_of_layer(layer), (panel.lens or {}).get("state", {}).get("query", {})]:
            yield from _kql(panel.place, query, fields)


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


def _dataset(board: Item, known: set[str]) -> Iterator[Fault]:
    ours = [one for one in board.source.get("filter", []) if one.get("meta", {}).get("key") == _DATASET]
    if not ours:
        yield Fault(board.place, "dataset", f"has no filter on {_DATASET}")
    for one in ours:
        said = set(_values(one["meta"].get("params")))
        asked = {value for phrase in _phrases(one.get("query", {})) for value in phrase.values()}
        if not said or said != asked or not said <= known or one["meta"].get("disabled") or one["meta"].get("negate"):
            yield Fault(board.place, "dataset", "the filter asks for something else than it says, or than is ours")


def _values(params: Any) -> list[str]:
    return [params.get("query", "")] if isinstance(params, dict) else list(params or [])


def _phrases(query: Json) -> Iterator[dict[str, str]]:
    for one in query.get("bool", {}).get("should", [query]):
        if set(one.get("match_phrase", {})) == {_DATASET}:
            yield one["match_phrase"]
