"""The filter of a dashboard on its datasets: it says what it asks for, and lets through what its panels read."""

import re
from collections.abc import Iterator
from typing import Any

from shipper.kibana.validate.fault import Fault
from shipper.kibana.validate.package import Item, Json, Package, Panel

_DATASET = "event.dataset"
_FROM = re.compile(r"from (\S+) ")
_LAYER = "indexpattern-datasource-layer-"


def dataset_faults(board: Item, package: Package) -> Iterator[Fault]:
    """Yield what is wrong with the filter on the dataset."""
    known, read = set(map(_dataset_of, package.fields)), set(map(_dataset_of, indices_asked(board, package)))
    ours = [one for one in board.source.get("filter", []) if one.get("meta", {}).get("key") == _DATASET]
    if not ours:
        yield Fault(board.place, "dataset", f"has no filter on {_DATASET}")
    for one in ours:
        said = set(_values(one["meta"].get("params")))
        asked = {value for phrase in _phrases(one.get("query", {})) for value in phrase.values()}
        if not said or said != asked or not said <= known or one["meta"].get("disabled") or one["meta"].get("negate"):
            yield Fault(board.place, "dataset", "the filter asks for something else than it says, or than is ours")
        elif said != read:
            yield Fault(board.place, "dataset", f"the filter is on {sorted(said)}, its panels read {sorted(read)}")


def indices_asked(board: Item, package: Package) -> set[str]:
    """Return the index patterns of ours that the panels of a dashboard read."""
    return {one for panel in board.panels for one in _indices(panel, board, package) if one in package.fields}


def _indices(panel: Panel, board: Item, package: Package) -> Iterator[str]:
    for one in (panel.lens or {}).get("references", []):
        if one["name"].startswith(_LAYER):
            yield package.indices_of(one["id"])
    for layer in panel.layers("textBased").values():
        yield from _FROM.findall(str(layer.get("query", {}).get("esql")))
    if panel.body.get("type") == "search":
        shown = board.pointed.get(f"{panel.name}:panel_{panel.name}", {}).get("id")
        for search in package.of_kind("search"):
            if search.name == shown:
                yield from (package.indices_of(one["id"]) for one in search.references if one["type"] != "tag")


def _dataset_of(indices: str) -> str:
    return indices.partition("-")[2].removesuffix("-*")


def _values(params: Any) -> list[str]:
    return [params.get("query", "")] if isinstance(params, dict) else list(params or [])


def _phrases(query: Json) -> Iterator[dict[str, str]]:
    for one in query.get("bool", {}).get("should", [query]):
        if set(one.get("match_phrase", {})) == {_DATASET}:
            yield one["match_phrase"]
