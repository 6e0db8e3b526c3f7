"""ES|QL tables: the shape that draws, words that 8.12 has, fields that are there."""

import re
from collections.abc import Iterator, Mapping

from shipper.kibana.validate.fault import Fault
from shipper.kibana.validate.fields import Field
from shipper.kibana.validate.package import Json, Package, Panel

_FROM = re.compile(r"from (?P<index>\S+) \| (?P<rest>.+)", re.DOTALL)
_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')
#: A field of ours: dotted, or one of the few at the root.
_FIELD = re.compile(r"(?<![\w.@])(?:@timestamp|tags|message|[a-z_]\w*(?:\.[a-z_]\w*)+)(?![\w(])")
_KEPT = re.compile(r"\| keep (?P<names>[^|]+)$")
#: What came after 8.12 (https://www.elastic.co/guide/en/elasticsearch/reference/8.12/esql-functions.html lists what
#: there was), and what cannot be said without it: a group with a name of its own, a calculation within an aggregation.
_LATER = re.compile(
    r"\b(?:values|top|date_diff|bucket|mv_sort|mv_zip|mv_slice|mv_append|to_lower|to_upper|to_base64|st_\w+|match|kql|"
    r"qstr|categorize|weighted_avg|sample|count_if|repeat|space|reverse|hypot|cbrt|exp|byte_length|locate)\s*\(|"
    r"::|\binlinestats\b|\blookup\b|\bfork\b|\bby\s+\w+\s*=(?!=)",
    re.IGNORECASE,
)
#: All that 8.12 takes in ``stats``: one function of one field; what is calculated is calculated before, in ``eval``.
_AGGREGATE = re.compile(r"\w+ = (?:count|count_distinct|max|median|min|percentile|sum)\((?:\*|[\w.@]+)(?:, \d+)?\)")


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
    yield from _own_view(layer, lens.get("state", {}))
    found = _FROM.fullmatch(query)
    if found is None or found["index"] not in package.fields:
        yield "does not begin with 'from' and one index pattern of ours"
        return
    yield from _text(found["rest"], package.fields[found["index"]])
    yield from _columns(layer, found["rest"])
    if layer.get("timeField") not in package.fields[found["index"]]:
        yield "has no timeField that is there: the time picker is ignored"


def _own_view(layer: Json, state: Json) -> Iterator[str]:
    name = layer.get("index")
    inside = {one.get("id") for one in state.get("internalReferences", [])}
    if name not in state.get("adHocDataViews", {}) or name not in inside:
        yield "its data view is missing from adHocDataViews or internalReferences"


def _text(text: str, fields: Mapping[str, Field]) -> Iterator[str]:
    plain = _TEXT.sub('""', text)
    later = _LATER.search(plain)
    if later is not None:
        yield f"8.12 does not know {later[0].strip()}"
    for step in plain.split(" | "):
        said = step.removeprefix("stats ").partition(" by ")[0]
        if step.startswith("stats ") and not all(map(_AGGREGATE.fullmatch, re.split(r", (?=\w+ = )", said))):
            yield f"8.12 may not calculate within stats: {said}"
    for name in dict.fromkeys(_FIELD.findall(plain)):
        if name not in fields:
            yield f"{name} is in no mapping"
        elif fields[name].type == "flattened":
            yield f"{name} is flattened, which ES|QL does not read"


def _columns(layer: Json, text: str) -> Iterator[str]:
    kept = _KEPT.search(text)
    names = [one.get("fieldName") for one in layer.get("allColumns", [])]
    if kept is not None and [name.strip() for name in kept["names"].split(",")] != names:
        yield "the columns are not those that the query keeps"
