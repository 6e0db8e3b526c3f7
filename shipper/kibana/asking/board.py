"""The questions of a dashboard, one a panel."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

import msgspec

from shipper.kibana.asking.aggregation import Json, aggregation
from shipper.kibana.kql import parse, to_dsl

#: So many documents 8.12 draws of a saved search.
ROWS_OF_A_SEARCH = 500
_DATA_SOURCE = "indexpattern-datasource-layer-"


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What one panel asks.

    Attributes:
        board, panel: ids.
        kind: ``lens``, ``esql`` or ``search``.
        title: of the panel.
        picture: how it is drawn: the type of the visualisation, or ``search``.
        index: pattern; empty for ES|QL, whose text has it.
        body: of ``_search`` or ``_query``.
        layer: the Lens layer, for ``rows_of``; the columns of an ES|QL table as ``{"columns": [...]}``.
    """

    board: str
    panel: str
    kind: Literal["lens", "esql", "search"]
    title: str
    picture: str
    index: str
    body: Json
    layer: Json


def questions(objects: Iterable[Json]) -> Iterator[Question]:
    """Yield the question of each panel of each dashboard that asks anything, in their order."""
    by_id = {(one["type"], one["id"]): one for one in objects}
    indices = {name: one["attributes"]["title"] for (kind, name), one in by_id.items() if kind == "index-pattern"}
    for (kind, _), board in by_id.items():
        if kind == "dashboard":
            yield from _of_board(board, by_id, indices)


def _of_board(board: Json, by_id: Mapping[tuple[str, str], Json], indices: Mapping[str, str]) -> Iterator[Question]:
    for panel in msgspec.json.decode(board["attributes"]["panelsJSON"]):
        attributes = panel["embeddableConfig"].get("attributes", {})
        layers = attributes.get("state", {}).get("datasourceStates", {})
        if "formBased" in layers:
            yield _lens(board, panel, indices)
        elif "textBased" in layers:
            yield _esql(board, panel)
        elif panel["type"] == "search":
            pointed = {one["name"]: one["id"] for one in board["references"]}
            search = by_id["search", pointed[f"{panel['panelIndex']}:{panel['panelRefName']}"]]
            yield _search(board, panel, search, indices)


def _lens(board: Json, panel: Json, indices: Mapping[str, str]) -> Question:
    attributes = panel["embeddableConfig"]["attributes"]
    ((name, layer),) = attributes["state"]["datasourceStates"]["formBased"]["layers"].items()
    view = next(one["id"] for one in attributes["references"] if one["name"] == f"{_DATA_SOURCE}{name}")
    dates = [one["sourceField"] for one in layer["columns"].values() if one["operationType"] == "date_histogram"]
    kept = [*_kept(board, panel, dates), to_dsl(parse(attributes["state"]["query"]["query"]))]
    body = {"size": 0, "track_total_hits": True, "query": {"bool": {"filter": kept}}, "aggs": aggregation(layer)}
    return Question(
        **_names(board, panel),
        kind="lens",
        picture=attributes["visualizationType"],
        index=indices[view],
        body=body,
        layer=layer,
    )


def _esql(board: Json, panel: Json) -> Question:
    attributes = panel["embeddableConfig"]["attributes"]
    (layer,) = attributes["state"]["datasourceStates"]["textBased"]["layers"].values()
    body = {"query": layer["query"]["esql"], "filter": {"bool": {"filter": _kept(board, panel, [layer["timeField"]])}}}
    return Question(
        **_names(board, panel), kind="esql", picture=attributes["visualizationType"], index="", body=body, layer=layer
    )


def _search(board: Json, panel: Json, search: Json, indices: Mapping[str, str]) -> Question:
    source = msgspec.json.decode(search["attributes"]["kibanaSavedObjectMeta"]["searchSourceJSON"])
    view = next(one["id"] for one in search["references"] if one["name"] == source["indexRefName"])
    kept = [*_kept(board, panel, []), to_dsl(parse(source["query"]["query"]))]
    wanted = [{"field": field} for field in search["attributes"]["columns"]]
    order = [{field: direction} for field, direction in search["attributes"]["sort"]]
    shown = {"fields": wanted, "_source": False, "size": ROWS_OF_A_SEARCH, "sort": order}
    body = {"query": {"bool": {"filter": kept}}, **shown}
    return Question(**_names(board, panel), kind="search", picture="search", index=indices[view], body=body, layer={})


def _kept(board: Json, panel: Json, dates: list[str]) -> list[Json]:
    """Return the dashboard's filters and its time range, over the dates that are drawn, else ``@timestamp``."""
    source = msgspec.json.decode(board["attributes"]["kibanaSavedObjectMeta"]["searchSourceJSON"])
    whole = {"from": board["attributes"]["timeFrom"], "to": board["attributes"]["timeTo"]}
    span = panel["embeddableConfig"].get("timeRange", whole)
    ranges = [{"range": {date: {"gte": span["from"], "lte": span["to"]}}} for date in dates or ["@timestamp"]]
    return [one["query"] for one in source["filter"]] + ranges


def _names(board: Json, panel: Json) -> dict[str, str]:
    return {"board": board["id"], "panel": panel["panelIndex"], "title": panel["title"]}
