"""References closed both ways: what is named is there, what is there is named, twice where Kibana wants it twice."""

from collections.abc import Iterator

from shipper.kibana.validate.fault import Fault
from shipper.kibana.validate.package import Item, Json, Package, Panel

_TO_DASHBOARD, _TO_DISCOVER = "DASHBOARD_TO_DASHBOARD_DRILLDOWN", "OPEN_IN_DISCOVER_DRILLDOWN"
#: Name of a reference, and which type it has to have.
Needed = tuple[str, str]


def check(package: Package) -> Iterator[Fault]:
    """Yield what is wrong with references."""
    there = {(item.kind, item.name) for item in package.items}
    for item in package.items:
        needed = dict(_needed(item))
        for name, kind in needed.items():
            if name not in item.pointed or item.pointed[name]["type"] != kind:
                yield Fault(item.place, "reference", f"has no reference {name} to a {kind}")
        for one in item.references:
            if (one["type"], one["id"]) not in there:
                yield Fault(item.place, "reference", f"{one['name']}: {one['type']}/{one['id']} is not in the file")
            if one["type"] != "tag" and one["name"] not in needed:
                yield Fault(item.place, "reference", f"nothing needs the reference {one['name']}")
    for board in package.of_kind("dashboard"):
        for panel in board.panels:
            yield from _panel(panel, board)


def _needed(item: Item) -> Iterator[Needed]:
    for number, one in enumerate(item.source.get("filter", [])):
        default = f"kibanaSavedObjectMeta.searchSourceJSON.filter[{number}].meta.index"
        yield one.get("meta", {}).get("indexRefName", default), "index-pattern"
    if item.kind == "search":
        yield item.source.get("indexRefName", "kibanaSavedObjectMeta.searchSourceJSON.index"), "index-pattern"
    for link in item.attributes.get("links", []):
        if link.get("type") == "dashboardLink":
            yield link.get("destinationRefName", f"link_{link.get('id')}_dashboard"), "dashboard"
    for name in item.inside.get("controlGroupInput.panelsJSON", {}):
        yield f"controlGroup_{name}:optionsListDataView", "index-pattern"
    for panel in item.panels:
        yield from _needed_by(panel)


def _needed_by(panel: Panel) -> Iterator[Needed]:
    if panel.body.get("type") in ("search", "links"):
        yield f"{panel.name}:panel_{panel.name}", str(panel.body["type"])
    for name in panel.layers("formBased"):
        yield f"{panel.name}:indexpattern-datasource-layer-{name}", "index-pattern"
    for event in _clicks(panel):
        if event.get("action", {}).get("factoryId") == _TO_DASHBOARD:
            yield f"{panel.name}:drilldown:{_TO_DASHBOARD}:{event.get('eventId')}:dashboardId", "dashboard"


def _clicks(panel: Panel) -> list[Json]:
    enhancements = panel.config.get("enhancements", {})
    events: list[Json] = enhancements.get("dynamicActions", {}).get("events", [])
    return events


def _panel(panel: Panel, board: Item) -> Iterator[Fault]:
    if panel.body.get("type") in ("search", "links") and panel.body.get("panelRefName") != f"panel_{panel.name}":
        yield Fault(panel.place, "panelRefName", "one wrong name puts an error in place of the whole dashboard")
    inside = {one["name"]: one["id"] for one in (panel.lens or {}).get("references", [])}
    for layer in panel.layers("formBased"):
        name = f"indexpattern-datasource-layer-{layer}"
        outer = board.pointed.get(f"{panel.name}:{name}", {}).get("id")
        if name not in inside or inside[name] != outer:
            yield Fault(
                panel.place, "reference", f"{name} has to stand in the panel and in the dashboard: blank for ever"
            )
    for event in _clicks(panel):
        action = event.get("action", {})
        if action.get("factoryId") not in (_TO_DASHBOARD, _TO_DISCOVER) or event.get("triggers") != ["FILTER_TRIGGER"]:
            yield Fault(panel.place, "click", "is a kind of action that no panel of ours has")
