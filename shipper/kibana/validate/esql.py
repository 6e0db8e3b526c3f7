"""ES|QL tables: the shape that draws, words that 8.12 has, fields that are there."""

import re
from collections.abc import Iterator

from shipper.kibana.validate.esql_steps import step_faults
from shipper.kibana.validate.fault import Fault
from shipper.kibana.validate.package import Json, Package, Panel

_FROM = re.compile(r"from (?P<index>\S+) \| (?P<rest>.+)", re.DOTALL)
_KEPT = re.compile(r"\| keep (?P<names>[^|]+)$")


def check(package: Package) -> Iterator[Fault]:
    """Yield what is wrong with ES|QL tables."""
    for board in package.of_kind("dashboard"):
        for panel in board.panels:
            for layer in panel.layers("textBased").values():
                yield from (Fault(panel.place, "esql", wrong) for wrong in _layer(panel, layer, package))


def _layer(panel: Panel, layer: Json, package: Package) -> Iterator[str]:
    lens = panel.lens or {}
    query = str(layer.get("query", {}).get("esql"))
    if lens.get("state", {}).get("query", {}).get("esql") != query:
        yield "the query does not stand both in state.query and in the layer"
    if not layer.get("columns") or not layer.get("allColumns"):
        yield "columns and allColumns have to be there: an error else"
    if lens.get("references"):
        yield "has references outside; its data view lives inside"
    yield from _own_view(layer, lens.get("state", {}), package)
    found = _FROM.fullmatch(query)
    if found is None or found["index"] not in package.fields:
        yield "does not begin with 'from' and one index pattern of ours"
        return
    yield from step_faults(found["rest"], package.fields[found["index"]])
    yield from _columns(layer, found["rest"])
    if layer.get("timeField") not in package.fields[found["index"]]:
        yield "has no timeField that is there: the time picker is ignored"


def _own_view(layer: Json, state: Json, package: Package) -> Iterator[str]:
    name = layer.get("index")
    inside = {one.get("id") for one in state.get("internalReferences", [])}
    view = state.get("adHocDataViews", {}).get(name)
    if view is None or name not in inside:
        yield "its data view is missing from adHocDataViews or internalReferences"
        return
    if f"from {view.get('title')} " not in str(layer.get("query", {}).get("esql")):
        yield f"its data view is of {view.get('title')}, which the query does not read"
    if view.get("timeFieldName") not in package.fields.get(str(view.get("title")), {}):
        yield "its data view has no timeFieldName that is there: the time picker is ignored"


def _columns(layer: Json, text: str) -> Iterator[str]:
    kept = _KEPT.search(text)
    names = [one.get("fieldName") for one in layer.get("allColumns", [])]
    if kept is not None and [name.strip() for name in kept["names"].split(",")] != names:
        yield "the columns are not those that the query keeps"
