"""Broken variants of the good build: one function each, with what Kibana makes of it; and the kind that finds it."""

from collections.abc import Callable
from typing import Any, TypeAlias

from tests.kibana.validate.conftest import Json, change_json, change_panel, item

Break: TypeAlias = Callable[[list[Json]], None]
BROKEN: list[tuple[str, Break]] = []

BOARD = "intune-connector-overview"


def broken(kind: str) -> Callable[[Break], Break]:
    def register(breaks: Break) -> Break:
        BROKEN.append((kind, breaks))
        return breaks

    return register


def board(objects: list[Json], name: str = "overview") -> Json:
    return item(objects, "dashboard", f"intune-connector-{name}")


def lens(panel: Json) -> Json:
    attributes: Json = panel["embeddableConfig"]["attributes"]
    return attributes


def layer(panel: Json) -> Json:
    found: Json = lens(panel)["state"]["datasourceStates"]["formBased"]["layers"]["layer"]
    return found


def text_layer(panel: Json) -> Json:
    found: Json = lens(panel)["state"]["datasourceStates"]["textBased"]["layers"]["layer"]
    return found


def drawn(panel: Json) -> Json:
    found: Json = lens(panel)["state"]["visualization"]
    return found


def without_reference(one: Json, part: str) -> None:
    kept = [reference for reference in one["references"] if part not in reference["name"]]
    assert len(kept) < len(one["references"])
    one["references"] = kept


# Outside.


@broken("json")
def _(objects: list[Json]) -> None:
    """panelsJSON is cut off."""
    board(objects)["attributes"]["panelsJSON"] = board(objects)["attributes"]["panelsJSON"][:-9]


@broken("id")
def _(objects: list[Json]) -> None:
    """An object stands there twice."""
    objects.append(objects[-1])


@broken("version")
def _(objects: list[Json]) -> None:
    """A dashboard has the version of a later release: refused."""
    board(objects)["typeMigrationVersion"] = "10.2.0"


@broken("version")
def _(objects: list[Json]) -> None:
    """A dashboard has no version: 500."""
    del board(objects)["typeMigrationVersion"]


@broken("version")
def _(objects: list[Json]) -> None:
    """Links have a version: refused."""
    item(objects, "links", "intune-connector-links")["typeMigrationVersion"] = "8.0.0"


@broken("version")
def _(objects: list[Json]) -> None:
    """The core version is another."""
    objects[0]["coreMigrationVersion"] = "8.12.0"


@broken("attribute")
def _(objects: list[Json]) -> None:
    """A dashboard has sections, which came later."""
    board(objects)["attributes"]["sections"] = []


@broken("attribute")
def _(objects: list[Json]) -> None:
    """A search has a density, which came later."""
    item(objects, "search", "intune-connector-search-failures")["attributes"]["density"] = "compact"


@broken("attribute")
def _(objects: list[Json]) -> None:
    """The controls have an apply button, which came later."""
    board(objects)["attributes"]["controlGroupInput"]["showApplySelections"] = True


@broken("attribute")
def _(objects: list[Json]) -> None:
    """A panel has a key of a later release."""
    change_panel(objects, "overview", "issued", lambda panel: panel.update(sectionId="one"))


@broken("attribute")
def _(objects: list[Json]) -> None:
    """A dashboard has no title."""
    del board(objects)["attributes"]["title"]


@broken("legacy")
def _(objects: list[Json]) -> None:
    """A visualisation of the old kind is among the objects."""
    objects.append({**objects[0], "type": "visualization", "id": "old"})


@broken("legacy")
def _(objects: list[Json]) -> None:
    """A panel is an old visualisation."""

    def old(panel: Json) -> None:
        panel["embeddableConfig"]["savedVis"]["type"] = "pie"

    change_panel(objects, "overview", "how-to-read", old)


@broken("tag")
def _(objects: list[Json]) -> None:
    """A dashboard has no tag."""
    without_reference(board(objects), "tag-ref-")


@broken("tag")
def _(objects: list[Json]) -> None:
    """The tag is not in the file."""
    del objects[0]


@broken("time")
def _(objects: list[Json]) -> None:
    """The dashboard opens on the reader's 15 minutes."""
    del board(objects)["attributes"]["timeRestore"]


@broken("time")
def _(objects: list[Json]) -> None:
    """timeRestore is a string."""
    board(objects)["attributes"]["timeRestore"] = "true"


@broken("time")
def _(objects: list[Json]) -> None:
    """There is no time range to restore."""
    del board(objects)["attributes"]["timeFrom"]


@broken("title")
def _(objects: list[Json]) -> None:
    """A panel has an empty title bar."""
    change_panel(objects, "overview", "causes", lambda panel: panel.update(title=""))


@broken("time")
def _(objects: list[Json]) -> None:
    """The time range begins at no moment that Kibana knows."""
    board(objects)["attributes"]["timeFrom"] = "last week"


@broken("time")
def _(objects: list[Json]) -> None:
    """The time range of a panel begins at no moment that Kibana knows."""
    span = {"from": "yesterday", "to": "now"}
    change_panel(objects, "overview", "issued", lambda panel: panel["embeddableConfig"].update(timeRange=span))


@broken("time")
def _(objects: list[Json]) -> None:
    """A data view has no time field: the time picker is ignored."""
    del item(objects, "index-pattern", "intune-connector-events")["attributes"]["timeFieldName"]


# References.


@broken("reference")
def _(objects: list[Json]) -> None:
    """The dashboard lacks the reference of a Lens panel: blank for ever."""
    without_reference(board(objects), "issued:indexpattern")


@broken("reference")
def _(objects: list[Json]) -> None:
    """A Lens panel lacks its own reference: blank for ever."""
    change_panel(objects, "overview", "issued", lambda panel: lens(panel).update(references=[]))


@broken("reference")
def _(objects: list[Json]) -> None:
    """Inside and outside of a Lens panel stand two data views."""

    def other(panel: Json) -> None:
        lens(panel)["references"][0]["id"] = "intune-connector-alerts"

    change_panel(objects, "overview", "issued", other)


@broken("reference")
def _(objects: list[Json]) -> None:
    """A data view is not in the file: missing_references."""
    objects.remove(item(objects, "index-pattern", "intune-connector-alerts"))


@broken("reference")
def _(objects: list[Json]) -> None:
    """A dashboard that a link names is not there: imported in silence."""
    objects.remove(board(objects, "security"))


@broken("reference")
def _(objects: list[Json]) -> None:
    """A control lacks its data view: An error occurred."""
    without_reference(board(objects), "controlGroup_control-host:")


@broken("reference")
def _(objects: list[Json]) -> None:
    """The filter of the dashboard lacks its data view."""
    without_reference(board(objects), "filter[0]")


@broken("reference")
def _(objects: list[Json]) -> None:
    """A click leads to a dashboard without reference."""
    without_reference(board(objects), ":drilldown:")


@broken("reference")
def _(objects: list[Json]) -> None:
    """A search lacks its data view."""
    without_reference(item(objects, "search", "intune-connector-search-failures"), "searchSourceJSON")


@broken("reference")
def _(objects: list[Json]) -> None:
    """A link lacks its dashboard."""
    without_reference(item(objects, "links", "intune-connector-links"), "link_")


@broken("reference")
def _(objects: list[Json]) -> None:
    """A reference is left over."""
    board(objects)["references"].append({"type": "search", "id": "intune-connector-search-events", "name": "x"})


@broken("panelRefName")
def _(objects: list[Json]) -> None:
    """One wrong panelRefName: the whole dashboard is an error."""
    change_panel(objects, "failures", "latest", lambda panel: panel.update(panelRefName="panel_0"))


@broken("click")
def _(objects: list[Json]) -> None:
    """A click is of a kind that needs a paid licence."""

    def paid(panel: Json) -> None:
        events = panel["embeddableConfig"]["enhancements"]["dynamicActions"]["events"]
        events[0]["action"]["factoryId"] = "URL_DRILLDOWN"

    change_panel(objects, "overview", "failed-by-cause", paid)


# Grid.


@broken("grid")
def _(objects: list[Json]) -> None:
    """Two panels lie on each other."""
    change_panel(objects, "overview", "issued", lambda panel: panel["gridData"].update(x=5))


@broken("grid")
def _(objects: list[Json]) -> None:
    """A panel is beyond the 48th column."""
    change_panel(objects, "overview", "how-to-read", lambda panel: panel["gridData"].update(w=17))


@broken("grid")
def _(objects: list[Json]) -> None:
    """The name in the grid is another."""
    change_panel(objects, "overview", "issued", lambda panel: panel["gridData"].update(i="other"))


@broken("grid")
def _(objects: list[Json]) -> None:
    """A panel has no place."""
    change_panel(objects, "overview", "issued", lambda panel: panel.update(gridData={}))


@broken("id")
def _(objects: list[Json]) -> None:
    """Two panels have one name."""

    def doubled(panels: list[Json]) -> None:
        panels[1]["panelIndex"] = panels[2]["panelIndex"]

    change_json(board(objects)["attributes"], "panelsJSON", doubled)


# Columns.


@broken("columnOrder")
def _(objects: list[Json]) -> None:
    """A column is missing from the order."""
    change_panel(objects, "overview", "connectors-table", lambda panel: layer(panel)["columnOrder"].pop())


@broken("columnOrder")
def _(objects: list[Json]) -> None:
    """The date stands before the series."""
    change_panel(objects, "overview", "outcome-over-time", lambda panel: layer(panel)["columnOrder"].reverse())


@broken("column")
def _(objects: list[Json]) -> None:
    """A column has no dataType."""
    change_panel(objects, "overview", "issued", lambda panel: layer(panel)["columns"]["m1"].pop("dataType"))


@broken("column")
def _(objects: list[Json]) -> None:
    """A count is called a group."""
    change_panel(objects, "overview", "issued", lambda panel: layer(panel)["columns"]["m1"].update(isBucketed=True))


@broken("operation")
def _(objects: list[Json]) -> None:
    """An operation that is compiled to top_metrics."""
    of = {"operationType": "last_value", "sourceField": "@timestamp"}
    change_panel(objects, "overview", "connectors-table", lambda panel: layer(panel)["columns"]["m5"].update(of))


@broken("field")
def _(objects: list[Json]) -> None:
    """A field that no mapping has: No results found."""
    of = {"sourceField": "host.nmae"}
    change_panel(objects, "overview", "connectors-table", lambda panel: layer(panel)["columns"]["g1"].update(of))


@broken("field")
def _(objects: list[Json]) -> None:
    """Terms of a text field: an error."""
    of = {"sourceField": "message"}
    change_panel(objects, "overview", "connectors-table", lambda panel: layer(panel)["columns"]["g1"].update(of))


@broken("field")
def _(objects: list[Json]) -> None:
    """Different values of a field without doc values: event.id."""
    of = {"sourceField": "event.id"}
    change_panel(objects, "overview", "devices-failed", lambda panel: layer(panel)["columns"]["m1"].update(of))


@broken("field")
def _(objects: list[Json]) -> None:
    """The maximum of a name."""
    of = {"sourceField": "agent.name"}
    change_panel(objects, "shipper", "lag", lambda panel: layer(panel)["columns"]["m1"].update(of))


@broken("field")
def _(objects: list[Json]) -> None:
    """A histogram over something that is no date."""
    of = {"sourceField": "host.name"}
    change_panel(objects, "overview", "outcome-over-time", lambda panel: layer(panel)["columns"]["g2"].update(of))


@broken("field")
def _(objects: list[Json]) -> None:
    """A saved search has a column that no mapping has."""
    item(objects, "search", "intune-connector-search-failures")["attributes"]["columns"].append("error.cod")


@broken("field")
def _(objects: list[Json]) -> None:
    """A data view gives a name to a field that no mapping has."""
    view = item(objects, "index-pattern", "intune-connector-events")
    change_json(view["attributes"], "fieldAttrs", lambda labels: labels.update({"host.nmae": {"customLabel": "Host"}}))


@broken("orderBy")
def _(objects: list[Json]) -> None:
    """Values are ordered by a column that is not there: a wrong order in silence."""

    def wrong(panel: Json) -> None:
        layer(panel)["columns"]["g1"]["params"]["orderBy"]["columnId"] = "m9"

    change_panel(objects, "overview", "connectors-table", wrong)


@broken("orderBy")
def _(objects: list[Json]) -> None:
    """Values are ordered by a formula, which Elasticsearch does not know."""

    def wrong(panel: Json) -> None:
        layer(panel)["columns"]["g1"]["params"]["orderBy"]["columnId"] = "m4"

    change_panel(objects, "overview", "connectors-table", wrong)


@broken("formula")
def _(objects: list[Json]) -> None:
    """A formula without its compiled parts: an empty box."""

    def bare(panel: Json) -> None:
        one = layer(panel)
        one["columns"] = {"m1": one["columns"]["m1"]}
        one["columnOrder"] = ["m1"]

    change_panel(objects, "overview", "share-failed", bare)


@broken("formula")
def _(objects: list[Json]) -> None:
    """The compiled formula calculates with another column."""

    def other(panel: Json) -> None:
        layer(panel)["columns"]["m1X2"]["params"]["tinymathAst"]["args"][0] = "m7"

    change_panel(objects, "overview", "share-failed", other)


@broken("formula")
def _(objects: list[Json]) -> None:
    """A formula that is called broken."""

    def flagged(panel: Json) -> None:
        layer(panel)["columns"]["m1"]["params"]["isFormulaBroken"] = True

    change_panel(objects, "overview", "share-failed", flagged)


@broken("column")
def _(objects: list[Json]) -> None:
    """Values of a field without a number how many."""

    def sizeless(panel: Json) -> None:
        layer(panel)["columns"]["g1"]["params"].pop("size")

    change_panel(objects, "overview", "failed-by-cause", sizeless)


@broken("column")
def _(objects: list[Json]) -> None:
    """Documents without the field are to be counted without the others: Lens leaves them out."""

    def alone(panel: Json) -> None:
        layer(panel)["columns"]["g1"]["params"]["otherBucket"] = False

    change_panel(objects, "overview", "failed-by-cause", alone)


@broken("column")
def _(objects: list[Json]) -> None:
    """Dates without their interval."""
    change_panel(objects, "overview", "outcome-over-time", lambda panel: layer(panel)["columns"]["g2"].pop("params"))


@broken("formula")
def _(objects: list[Json]) -> None:
    """The text of a formula breaks off."""

    def cut(panel: Json) -> None:
        layer(panel)["columns"]["m1"]["params"]["formula"] += " / "

    change_panel(objects, "overview", "share-failed", cut)


@broken("formula")
def _(objects: list[Json]) -> None:
    """A compiled part asks for something else than the formula."""
    change_panel(objects, "overview", "share-failed", lambda panel: layer(panel)["columns"]["m1X0"].pop("filter"))


@broken("formula")
def _(objects: list[Json]) -> None:
    """A formula refers to itself."""
    own = {"references": ["m1"]}
    change_panel(objects, "overview", "share-failed", lambda panel: layer(panel)["columns"]["m1"].update(own))


@broken("formula")
def _(objects: list[Json]) -> None:
    """A formula refers to itself over its parts."""

    def circle(panel: Json) -> None:
        part = layer(panel)["columns"]["m1X2"]
        part["references"] = ["m1"]
        part["params"]["tinymathAst"]["args"] = ["m1", "m1"]

    change_panel(objects, "overview", "share-failed", circle)


@broken("formula")
def _(objects: list[Json]) -> None:
    """A calculation that Kibana does not know."""

    def unknown(panel: Json) -> None:
        layer(panel)["columns"]["m1X2"]["params"]["tinymathAst"]["name"] = "dividee"

    change_panel(objects, "overview", "share-failed", unknown)


# Pictures.


@broken("picture")
def _(objects: list[Json]) -> None:
    """An XY without legend: reading 'layers'."""
    change_panel(objects, "overview", "by-operation", lambda panel: drawn(panel).pop("legend"))


@broken("picture")
def _(objects: list[Json]) -> None:
    """A minimal donut: opening it in the editor crashes."""

    def minimal(panel: Json) -> None:
        for key in ("numberDisplay", "categoryDisplay", "legendDisplay"):
            drawn(panel)["layers"][0].pop(key)

    change_panel(objects, "security", "nature", minimal)


@broken("picture")
def _(objects: list[Json]) -> None:
    """A state without adHocDataViews, which Kibana adds at the first saving."""
    change_panel(objects, "overview", "issued", lambda panel: lens(panel)["state"].pop("adHocDataViews"))


@broken("legacy")
def _(objects: list[Json]) -> None:
    """The metric of the old kind."""
    change_panel(objects, "overview", "issued", lambda panel: lens(panel).update(visualizationType="lnsLegacyMetric"))


@broken("accessor")
def _(objects: list[Json]) -> None:
    """The picture names a column that is not there."""
    change_panel(objects, "overview", "issued", lambda panel: drawn(panel).update(metricAccessor="m9"))


@broken("layer")
def _(objects: list[Json]) -> None:
    """The picture names a layer that is not there."""
    change_panel(objects, "overview", "issued", lambda panel: drawn(panel).update(layerId="other"))


@broken("palette")
def _(objects: list[Json]) -> None:
    """A palette without stops: wrong colours in silence."""
    change_panel(objects, "overview", "share-failed", lambda panel: drawn(panel)["palette"]["params"].pop("stops"))


@broken("palette")
def _(objects: list[Json]) -> None:
    """Colours of values in the shape of a later release: never finishes loading."""

    def later(panel: Json) -> None:
        one = drawn(panel)["layers"][0]["colorMapping"]["assignments"][0]
        one["rules"] = [{"type": "raw", "value": "success"}]
        del one["rule"]

    change_panel(objects, "overview", "outcome-over-time", later)


@broken("palette")
def _(objects: list[Json]) -> None:
    """Colours of values without a rule for the others."""

    def bare(panel: Json) -> None:
        drawn(panel)["layers"][0]["colorMapping"].pop("specialAssignments")

    change_panel(objects, "overview", "outcome-over-time", bare)


@broken("colour")
def _(objects: list[Json]) -> None:
    """A colour that is none."""
    change_panel(objects, "overview", "issued", lambda panel: drawn(panel).update(color="blue-ish"))


@broken("picture")
def _(objects: list[Json]) -> None:
    """Series of a type that is none."""

    def bars(panel: Json) -> None:
        drawn(panel)["layers"][0]["seriesType"] = "bars"

    change_panel(objects, "overview", "outcome-over-time", bars)


@broken("picture")
def _(objects: list[Json]) -> None:
    """A donut of a shape that is none."""
    change_panel(objects, "security", "nature", lambda panel: drawn(panel).update(shape="ring"))


@broken("picture")
def _(objects: list[Json]) -> None:
    """An empty legend."""
    change_panel(objects, "overview", "outcome-over-time", lambda panel: drawn(panel).update(legend={}))


@broken("picture")
def _(objects: list[Json]) -> None:
    """A donut whose legend is cut after five rows."""
    change_panel(objects, "security", "nature", lambda panel: drawn(panel)["layers"][0].pop("legendSize"))


# ES|QL.


def change_query(objects: list[Json], old: str, new: str) -> None:
    def change(panel: Json) -> None:
        query = lens(panel)["state"]["query"]
        assert old in query["esql"]
        query["esql"] = text_layer(panel)["query"]["esql"] = query["esql"].replace(old, new)

    change_panel(objects, "overview", "causes", change)


@broken("esql")
def _(objects: list[Json]) -> None:
    """A layer without timeField: the time picker is ignored."""
    change_panel(objects, "overview", "causes", lambda panel: text_layer(panel).pop("timeField"))


@broken("esql")
def _(objects: list[Json]) -> None:
    """A layer without allColumns: an error."""
    change_panel(objects, "overview", "causes", lambda panel: text_layer(panel).pop("allColumns"))


@broken("esql")
def _(objects: list[Json]) -> None:
    """A layer without allColumns, of a query that keeps whatever comes."""
    change_query(objects, " | keep failed, devices, cause, what_to_do, last_seen", "")
    change_panel(objects, "overview", "causes", lambda panel: text_layer(panel).pop("allColumns"))


@broken("esql")
def _(objects: list[Json]) -> None:
    """The query stands in one of the two places alone."""
    change_panel(objects, "overview", "causes", lambda panel: lens(panel)["state"].update(query={"esql": "from x"}))


@broken("esql")
def _(objects: list[Json]) -> None:
    """The data view of its own is missing."""
    change_panel(objects, "overview", "causes", lambda panel: lens(panel)["state"].update(adHocDataViews={}))


@broken("esql")
def _(objects: list[Json]) -> None:
    """References outside."""
    change_panel(objects, "overview", "causes", lambda panel: lens(panel).update(references=[{"name": "x", "id": "y"}]))


@broken("esql")
def _(objects: list[Json]) -> None:
    """Other indices than ours."""
    change_query(objects, "from logs-intune_connector.events-*", "from logs-*")


@broken("esql")
def _(objects: list[Json]) -> None:
    """A column that no mapping has: an error."""
    change_query(objects, "event.outcome", "event.outcom")


@broken("esql")
def _(objects: list[Json]) -> None:
    """A flattened field, which ES|QL does not read."""
    change_query(objects, "count_distinct(device.id)", "count_distinct(intune_connector.details)")


@broken("esql")
def _(objects: list[Json]) -> None:
    """A function that came after 8.12."""
    change_query(objects, "count_distinct(device.id)", "values(device.id)")


@broken("esql")
def _(objects: list[Json]) -> None:
    """A group with a name of its own, which came after 8.12."""
    change_query(objects, "by cause", "by cause = event.reason")


@broken("esql")
def _(objects: list[Json]) -> None:
    """A calculation within stats, which came after 8.12."""
    change_query(objects, "failed = count(*)", "failed = count(*) * 2")


@broken("esql")
def _(objects: list[Json]) -> None:
    """The table has other columns than the query keeps."""
    change_query(objects, "keep failed, devices", "keep devices, failed")


@broken("esql")
def _(objects: list[Json]) -> None:
    """A function that no page of 8.12 has: mv_first."""
    change_query(objects, "coalesce(event.reason,", "mv_first(event.reason,")


@broken("esql")
def _(objects: list[Json]) -> None:
    """A step that is none."""
    change_query(objects, "| sort", "| srt")


@broken("esql")
def _(objects: list[Json]) -> None:
    """A step that came after 8.12."""
    change_query(objects, "| sort", "| inlinestats n = count(*) | sort")


@broken("esql")
def _(objects: list[Json]) -> None:
    """The match operator, which came after 8.12."""
    change_query(objects, 'event.outcome == "failure"', 'event.outcome : "failure"')


@broken("esql")
def _(objects: list[Json]) -> None:
    """A cast, which came after 8.12."""
    change_query(objects, "cause = coalesce", "cause = event.code::keyword, other = coalesce")


@broken("esql")
def _(objects: list[Json]) -> None:
    """Sorted by a column that no step made."""
    change_query(objects, "sort failed desc", "sort faild desc")


@broken("esql")
def _(objects: list[Json]) -> None:
    """Groups by a column that no step made."""
    change_query(objects, "by cause,", "by reason,")


@broken("esql")
def _(objects: list[Json]) -> None:
    """A column is called by a word of the grammar."""
    change_query(objects, "devices = count_distinct", "last = count_distinct")


@broken("esql")
def _(objects: list[Json]) -> None:
    """A limit without a number."""
    change_query(objects, "limit 20", "limit all")


def own_view(panel: Json) -> Json:
    (view,) = lens(panel)["state"]["adHocDataViews"].values()
    found: Json = view
    return found


@broken("esql")
def _(objects: list[Json]) -> None:
    """The data view of its own has no time field: the time picker is ignored."""
    change_panel(objects, "overview", "causes", lambda panel: own_view(panel).pop("timeFieldName"))


@broken("esql")
def _(objects: list[Json]) -> None:
    """The data view of its own is of other indices."""
    change_panel(objects, "overview", "causes", lambda panel: own_view(panel).update(title="nosuch-*"))


# Controls.


def change_controls(objects: list[Json], change: Callable[[Any], object]) -> None:
    change_json(board(objects)["attributes"]["controlGroupInput"], "panelsJSON", change)


@broken("control")
def _(objects: list[Json]) -> None:
    """A control lists the values of a text."""
    change_controls(objects, lambda all_: all_["control-host"]["explicitInput"].update(fieldName="message"))


@broken("control")
def _(objects: list[Json]) -> None:
    """A control comes with a choice made."""
    change_controls(objects, lambda all_: all_["control-host"]["explicitInput"].update(selectedOptions=["one"]))


@broken("control")
def _(objects: list[Json]) -> None:
    """Two controls want one place."""
    change_controls(objects, lambda all_: all_["control-host"].update(order=1))


@broken("control")
def _(objects: list[Json]) -> None:
    """A control has another id inside."""
    change_controls(objects, lambda all_: all_["control-host"]["explicitInput"].update(id="other"))


# Queries.


@broken("kql")
def _(objects: list[Json]) -> None:
    """KQL that does not parse."""
    change_panel(objects, "overview", "issued", lambda panel: lens(panel)["state"]["query"].update(query="a : (b"))


@broken("kql")
def _(objects: list[Json]) -> None:
    """A query in Lucene's language."""
    change_panel(objects, "overview", "issued", lambda panel: lens(panel)["state"]["query"].update(language="lucene"))


@broken("field")
def _(objects: list[Json]) -> None:
    """KQL asks for a field that is in no mapping."""
    change_panel(objects, "overview", "issued", lambda panel: lens(panel)["state"]["query"].update(query="a.b : 1"))


@broken("kql")
def _(objects: list[Json]) -> None:
    """The filter of a column does not parse."""

    def wrong(panel: Json) -> None:
        layer(panel)["columns"]["m1"]["filter"]["query"] = "event.outcome : ("

    change_panel(objects, "overview", "issued", wrong)


@broken("dataset")
def _(objects: list[Json]) -> None:
    """A dashboard without the filter on the dataset."""
    change_json(
        board(objects)["attributes"]["kibanaSavedObjectMeta"], "searchSourceJSON", lambda it: it["filter"].pop()
    )


@broken("dataset")
def _(objects: list[Json]) -> None:
    """The filter says one dataset and asks for another."""

    def other(source: Json) -> None:
        source["filter"][0]["query"] = {"match_phrase": {"event.dataset": "intune_connector.alerts"}}

    change_json(board(objects)["attributes"]["kibanaSavedObjectMeta"], "searchSourceJSON", other)


@broken("dataset")
def _(objects: list[Json]) -> None:
    """The filter is turned off."""

    def off(source: Json) -> None:
        source["filter"][0]["meta"]["disabled"] = True

    change_json(board(objects, "security")["attributes"]["kibanaSavedObjectMeta"], "searchSourceJSON", off)


def change_source(objects: list[Json], change: Callable[[Any], object]) -> None:
    change_json(board(objects)["attributes"]["kibanaSavedObjectMeta"], "searchSourceJSON", change)


@broken("dataset")
def _(objects: list[Json]) -> None:
    """The filter keeps to a dataset of ours that no panel reads: all of them stay empty."""

    def other(source: Json) -> None:
        source["filter"][0]["query"] = {"match_phrase": {"event.dataset": "intune_connector.alerts"}}
        source["filter"][0]["meta"]["params"] = {"query": "intune_connector.alerts"}

    change_source(objects, other)


@broken("kql")
def _(objects: list[Json]) -> None:
    """The query of a dashboard does not parse."""
    change_source(objects, lambda source: source["query"].update(query="event.outcome : ("))


@broken("field")
def _(objects: list[Json]) -> None:
    """The query of a dashboard asks for a field that is in no mapping: all panels stay empty."""
    change_source(objects, lambda source: source["query"].update(query="event.outcom : *"))


@broken("field")
def _(objects: list[Json]) -> None:
    """A filter of a panel asks for a field that is in no mapping."""
    asked = {"bool": {"should": [{"match_phrase": {"event.outcom": "failure"}}]}}
    change_panel(
        objects, "overview", "issued", lambda panel: lens(panel)["state"].update(filters=[{"meta": {}, "query": asked}])
    )


@broken("field")
def _(objects: list[Json]) -> None:
    """A saved search is sorted by a column that no mapping has."""
    item(objects, "search", "intune-connector-search-failures")["attributes"]["sort"] = [["timestamp", "desc"]]


# Portable.


@broken("portable")
def _(objects: list[Json]) -> None:
    """A panel asks for one host."""
    query = 'host.name : "pki01.corp.example"'
    change_panel(objects, "overview", "issued", lambda panel: lens(panel)["state"]["query"].update(query=query))


@broken("portable")
def _(objects: list[Json]) -> None:
    """A data view is of one namespace."""
    item(objects, "index-pattern", "intune-connector-events")["attributes"]["title"] += "default"


@broken("portable")
def _(objects: list[Json]) -> None:
    """An id is a UUID."""
    item(objects, "search", "intune-connector-search-events")["id"] = "8c3b2b8e-7f5a-4a0e-9d3c-0a1b2c3d4e5f"


@broken("portable")
def _(objects: list[Json]) -> None:
    """A panel names a data view by a UUID."""
    description = "of data view 8c3b2b8e-7f5a-4a0e-9d3c-0a1b2c3d4e5f"
    change_panel(objects, "overview", "issued", lambda panel: lens(panel).update(description=description))


@broken("portable")
def _(objects: list[Json]) -> None:
    """A text leads to a Kibana of somebody."""
    board(objects)["attributes"]["description"] = "See https://kibana.corp.example/app/dashboards"


@broken("portable")
def _(objects: list[Json]) -> None:
    """A text names an address."""
    board(objects)["attributes"]["description"] = "The server is 10.1.2.3"


@broken("portable")
def _(objects: list[Json]) -> None:
    """A format remembers the Kibana it was made in."""

    def remembered(formats: Json) -> None:
        formats["device.id"]["params"]["parsedUrl"] = {"origin": "x"}

    change_json(item(objects, "index-pattern", "intune-connector-events")["attributes"], "fieldFormatMap", remembered)


@broken("link")
def _(objects: list[Json]) -> None:
    """Markdown leads to a dashboard that is not there."""

    def lost(panel: Json) -> None:
        params = panel["embeddableConfig"]["savedVis"]["params"]
        params["markdown"] = "[there](#/view/intune-connector-nowhere)"

    change_panel(objects, "overview", "how-to-read", lost)
