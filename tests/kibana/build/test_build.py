import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from shipper.kibana.build import build, encode
from shipper.kibana.build.columns import measure_columns
from shipper.kibana.spec import load
from shipper.kibana.spec.measures import Measure

Json = dict[str, Any]


@pytest.fixture(scope="module")
def objects() -> dict[tuple[str, str], Json]:
    return {(one["type"], one["id"]): one for one in build(load())}


def panels(objects: dict[tuple[str, str], Json], board: str) -> dict[str, Json]:
    text = objects["dashboard", f"intune-connector-{board}"]["attributes"]["panelsJSON"]
    return {panel["panelIndex"]: panel for panel in msgspec.json.decode(text)}


def links(objects: dict[tuple[str, str], Json], name: str) -> dict[str, Json]:
    return {link["label"]: link["options"] for link in objects["links", name]["attributes"]["links"]}


def test_another_process_builds_the_same_bytes(tmp_path: Path) -> None:
    path = tmp_path / "objects.ndjson"
    command = [sys.executable, "-m", "shipper.kibana.build", str(path)]
    subprocess.run(command, check=True, env={**os.environ, "PYTHONHASHSEED": "12345"})  # noqa: S603 (our own words)

    assert path.read_bytes() == encode(build(load()))


def test_what_others_point_to_is_there(objects: dict[tuple[str, str], Json]) -> None:
    assert {("index-pattern", f"intune-connector-{name}") for name in ("events", "alerts", "shipper")} <= set(objects)
    assert ("tag", "intune-connector") in objects
    assert {("search", f"intune-connector-search-{name}") for name in ("events", "failures", "alerts")} <= set(objects)


def test_a_share_has_the_compiled_parts_of_its_formula() -> None:
    share = Measure(label="Share", calculates="share", where="a : 1", among="b : 2", shown="percent")

    columns = measure_columns("m1", share)

    assert list(columns) == ["m1X0", "m1X1", "m1X2", "m1"]
    assert columns["m1"]["params"]["formula"] == "count(kql='a : 1') / count(kql='b : 2')"
    assert columns["m1X2"]["params"]["tinymathAst"]["args"] == ["m1X0", "m1X1"]
    assert columns["m1"]["references"] == ["m1X2"]
    assert columns["m1X0"]["filter"] == {"query": "a : 1", "language": "kuery"}


def test_panels_fill_their_rows_from_the_left(objects: dict[tuple[str, str], Json]) -> None:
    places = {name: panel["gridData"] for name, panel in panels(objects, "overview").items()}

    assert places["navigation"] == {"x": 0, "y": 0, "w": 48, "h": 3, "i": "navigation"}
    assert places["issued"] == {"x": 8, "y": 3, "w": 8, "h": 8, "i": "issued"}


def test_outcomes_have_the_same_colours_on_every_dashboard(objects: dict[tuple[str, str], Json]) -> None:
    colours = load().shared.colours
    found = [
        {one["rule"]["values"][0]: one["color"]["colorCode"] for one in layer["colorMapping"]["assignments"]}
        for board in ("overview", "failures", "lifecycle", "security")
        for panel in panels(objects, board).values()
        for layer in drawn(panel).get("layers", [])
        if "event.outcome" in msgspec.json.encode(panel).decode() and "colorMapping" in layer
    ]

    assert len(found) >= 4
    assert all(one == {name: colours[name] for name in ("success", "failure", "unknown")} for one in found)


def drawn(panel: Json) -> Json:
    state: Json = panel["embeddableConfig"].get("attributes", {}).get("state", {}).get("visualization", {})
    return state


def test_filters_stay_between_the_dashboards_of_events_and_are_not_carried_elsewhere(
    objects: dict[tuple[str, str], Json],
) -> None:
    kept = links(objects, "intune-connector-links")
    plain = links(objects, "intune-connector-links-plain")

    assert [name for name, options in kept.items() if options["useCurrentFilters"]] == [
        "Overview", "Failures",
    ]  # fmt: skip
    assert not any(options["useCurrentFilters"] for options in plain.values())


def test_no_filter_on_the_outcome_reaches_the_lifecycle(objects: dict[tuple[str, str], Json]) -> None:
    lifecycle = objects["dashboard", "intune-connector-lifecycle"]
    opened = [one["name"] for (kind, _), board in objects.items() if kind == "dashboard"
              for one in board["references"]
              if ":drilldown:" in one["name"] and one["id"] == "intune-connector-lifecycle"]  # fmt: skip

    assert "outcome" not in lifecycle["attributes"]["controlGroupInput"]["panelsJSON"]
    assert opened == []


def test_wherever_causes_are_told_apart_those_without_a_name_are_counted(
    objects: dict[tuple[str, str], Json],
) -> None:
    columns = [
        column["params"]
        for board in load().shared.order
        for panel in panels(objects, board).values()
        for column in formed(panel).get("columns", {}).values()
        if column["operationType"] == "terms" and column["sourceField"] == "event.reason"
    ]

    assert len(columns) == 4
    assert all(one["otherBucket"] and one["missingBucket"] for one in columns)


def formed(panel: Json) -> Json:
    state: Json = panel["embeddableConfig"].get("attributes", {}).get("state", {})
    layer: Json = state.get("datasourceStates", {}).get("formBased", {}).get("layers", {}).get("layer", {})
    return layer


def test_a_dashboard_keeps_to_its_datasets(objects: dict[tuple[str, str], Json]) -> None:
    source = msgspec.json.decode(
        objects["dashboard", "intune-connector-security"]["attributes"]["kibanaSavedObjectMeta"]["searchSourceJSON"]
    )

    (one,) = source["filter"]

    assert one["meta"]["params"] == ["intune_connector.alerts", "intune_connector.events"]
    assert one["query"]["bool"]["minimum_should_match"] == 1


def test_a_device_leads_to_its_page_in_intune(objects: dict[tuple[str, str], Json]) -> None:
    formats = objects["index-pattern", "intune-connector-events"]["attributes"]["fieldFormatMap"]

    device, page = (
        msgspec.json.decode(formats)[name] for name in ("device.id", "intune_connector.diagnostic.reference")
    )

    assert device["id"] == page["id"] == "url"
    assert device["params"]["urlTemplate"].endswith("/mdmDeviceId/{{value}}")
    assert page["params"]["urlTemplate"] == "{{rawValue}}", "a whole address is not escaped"
