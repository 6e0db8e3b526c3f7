"""What stands around: ids, versions, attributes that 8.12 knows, types, time ranges, tags."""

import re
from collections import Counter
from collections.abc import Iterator

from shipper.kibana.validate.fault import Fault
from shipper.kibana.validate.package import Item, Package

#: The versions that 8.12.2 takes, tried one by one: a newer number is refused with the whole file, and a dashboard
#: without one is migrated as a very old one, which breaks it. They stand here again, apart from those of the builder.
_CORE_VERSION = "8.8.0"
_TYPE_VERSIONS = {"dashboard": "8.9.0", "index-pattern": "8.0.0", "links": None, "search": "8.0.0", "tag": "8.0.0"}
_TOP = frozenset({"type", "id", "attributes", "references", "coreMigrationVersion", "typeMigrationVersion"})
#: What an export adds.
_EXPORTED = frozenset({"created_at", "updated_at", "version", "managed"})
#: The attributes that 8.12.2 takes; of dashboards and searches it refuses any other.
ATTRIBUTES: dict[str, frozenset[str]] = {
    "dashboard": frozenset(
        {
            *(
                "title",
                "description",
                "version",
                "panelsJSON",
                "optionsJSON",
                "controlGroupInput",
                "kibanaSavedObjectMeta",
            ),
            *("timeRestore", "timeFrom", "timeTo", "refreshInterval"),
        }
    ),
    "search": frozenset(
        {
            *("title", "description", "columns", "sort", "grid", "rowHeight", "rowsPerPage", "kibanaSavedObjectMeta"),
            *("hideChart", "isTextBasedQuery", "usesAdHocDataView", "timeRestore", "timeRange", "refreshInterval"),
            "breakdownField",
        }
    ),
    "index-pattern": frozenset(
        {
            *("title", "name", "timeFieldName", "sourceFilters", "fieldFormatMap", "runtimeFieldMap", "fieldAttrs"),
            *("fields", "allowNoIndex"),
        }
    ),
    "links": frozenset({"title", "description", "layout", "links"}),
    "tag": frozenset({"name", "description", "color"}),
}
_CONTROL_GROUP = frozenset({"chainingSystem", "controlStyle", "ignoreParentSettingsJSON", "panelsJSON"})
#: A moment as Kibana's time picker writes it.
_MOMENT = re.compile(r"now(?:[+-]\d+[smhdwMy])?(?:/[smhdwMy])?|\d{4}-\d\d-\d\d(?:T[\d:.]+Z?)?")
_PANEL = frozenset({"type", "gridData", "panelIndex", "embeddableConfig", "title", "panelRefName", "version"})
_CONFIG = frozenset({"attributes", "savedVis", "enhancements", "hidePanelTitles", "timeRange"})


def check(package: Package) -> Iterator[Fault]:
    """Yield what is wrong outside."""
    counted = Counter(item.place for item in package.items)
    yield from (Fault(place, "id", "stands there twice") for place, times in counted.items() if times > 1)
    for item in package.items:
        if item.kind not in ATTRIBUTES:
            yield Fault(item.place, "legacy", "is of a type that ours are not made of: Lens by value takes its place")
            continue
        yield from _versions(item)
        yield from _attributes(item)
        if item.kind in ("dashboard", "search"):
            yield from _tags(item, package)
    for board in package.of_kind("dashboard"):
        yield from _times(board)
        yield from _panels(board)


def _versions(item: Item) -> Iterator[Fault]:
    wanted, has = _TYPE_VERSIONS[item.kind], item.body.get("typeMigrationVersion")
    if has != wanted:
        yield Fault(item.place, "version", f"typeMigrationVersion is {has}, 8.12 takes {wanted or 'none'}")
    if item.body.get("coreMigrationVersion") != _CORE_VERSION:
        yield Fault(item.place, "version", f"coreMigrationVersion has to be {_CORE_VERSION}")


def _attributes(item: Item) -> Iterator[Fault]:
    known = ATTRIBUTES[item.kind]
    unknown = {f"attributes.{name}" for name in item.attributes if name not in known}
    unknown |= {name for name in item.body if name not in _TOP | _EXPORTED}
    group = item.attributes.get("controlGroupInput", {})
    unknown |= {f"controlGroupInput.{name}" for name in group if name not in _CONTROL_GROUP}
    yield from (Fault(item.place, "attribute", f"8.12 knows no {name}") for name in sorted(unknown))
    if "name" not in item.attributes and not item.attributes.get("title"):
        yield Fault(item.place, "attribute", "has no title")


def _tags(item: Item, package: Package) -> Iterator[Fault]:
    tags = {tag.name for tag in package.of_kind("tag")}
    has = [one for one in item.references if one["type"] == "tag"]
    if not has:
        yield Fault(item.place, "tag", "has no tag")
    for one in has:
        if one["id"] not in tags or one["name"] != f"tag-ref-{one['id']}":
            yield Fault(item.place, "tag", f"{one['name']} is no reference to a tag that is there")


def _times(board: Item) -> Iterator[Fault]:
    if board.attributes.get("timeRestore") is not True:
        yield Fault(board.place, "time", "timeRestore is not true: it opens on the reader's 15 minutes and looks empty")
    yield from (Fault(board.place, "time", f"{name} is no moment") for name in ("timeFrom", "timeTo")
                if not _MOMENT.fullmatch(str(board.attributes.get(name))))  # fmt: skip


def _panels(board: Item) -> Iterator[Fault]:
    for panel in board.panels:
        unknown = [*(set(panel.body) - _PANEL), *(set(panel.config) - _CONFIG)]
        yield from (Fault(panel.place, "attribute", f"8.12 knows no {name} of a panel") for name in sorted(unknown))
        span = panel.config.get("timeRange", {"from": "now", "to": "now"})
        if not all(_MOMENT.fullmatch(str(span.get(end))) for end in ("from", "to")):
            yield Fault(panel.place, "time", "its own range does not begin and end with a moment")
        markdown = panel.config.get("savedVis", {}).get("type") == "markdown"
        if panel.body.get("type") not in ("lens", "links", "search") and not markdown:
            yield Fault(panel.place, "legacy", "is neither Lens, links, saved search nor markdown")
        if not panel.body.get("title") and not panel.config.get("hidePanelTitles"):
            yield Fault(panel.place, "title", "has an empty title bar; hidePanelTitles is missing")
