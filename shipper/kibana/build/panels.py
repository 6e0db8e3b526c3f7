"""A panel as it stands in a dashboard, and the references that the dashboard has for it."""

import msgspec

from shipper.kibana.build.clicks import click_references, enhancements
from shipper.kibana.build.lens import answered, picture
from shipper.kibana.build.links import links_id
from shipper.kibana.build.saved_object import Json, kuery, reference
from shipper.kibana.spec.model import Board, Shared
from shipper.kibana.spec.panels import Asking, Metric, Navigation, Panel, Query, Search, Words


class Built(msgspec.Struct, frozen=True):
    """A panel without its place, and its references by their full names."""

    body: Json
    references: list[Json]


def build_panel(panel: Panel, board: Board, shared: Shared) -> Built:
    """Return a panel in Kibana's format."""
    match panel:
        case Asking():
            return _lens(panel, picture(panel, shared), _own(panel), click_references(panel.id, panel.opens))
        case Query():
            return _lens(panel, answered(panel, shared, f"{board.id}-{panel.id}"), {"enhancements": {}}, [])
        case Words():
            return Built(_body(panel, "visualization", {"savedVis": _markdown(panel.text), "enhancements": {}}), [])
        case Navigation():
            return _by_reference(panel, "links", links_id(board, shared))
        case Search():
            return _by_reference(panel, "search", shared.searches[panel.search].id)


def _body(panel: Panel, kind: str, config: Json) -> Json:
    titled = isinstance(panel, Metric) and panel.by is None  # a single number has its title inside
    hidden = {"hidePanelTitles": True} if titled or not panel.title else {}
    return {"type": kind, "panelIndex": panel.id, "embeddableConfig": {**config, **hidden}, "title": panel.title}


def _own(panel: Asking) -> Json:
    own = {"timeRange": {"from": panel.range.begin, "to": panel.range.end}} if panel.range is not None else {}
    return {**own, "enhancements": enhancements(panel.opens)}


def _lens(panel: Panel, attributes: Json, own: Json, opened: list[Json]) -> Built:
    inside = [{**one, "name": f"{panel.id}:{one['name']}"} for one in attributes["references"]]
    return Built(_body(panel, "lens", {"attributes": attributes, **own}), inside + opened)


def _by_reference(panel: Panel, kind: str, name: str) -> Built:
    by = f"panel_{panel.id}"
    body = {**_body(panel, kind, {"enhancements": {}}), "panelRefName": by}
    return Built(body, [reference(kind, name, f"{panel.id}:{by}")])


def _markdown(text: str) -> Json:
    return {
        "id": "",
        "title": "",
        "description": "",
        "type": "markdown",
        "params": {"fontSize": 12, "openLinksInNewTab": False, "markdown": text.strip()},
        "uiState": {},
        "data": {"aggs": [], "searchSource": {"query": kuery(), "filter": []}},
    }
