from pathlib import Path
from typing import Any

import pytest

from shipper import assets
from shipper.assets import Asset
from shipper.ecs.fields import field_kinds
from shipper.errors import ShipperError

ALL = assets.mappings(lifecycle=True)
#: Types that every distribution has; others are modules that some leave out.
CORE_TYPES = {"keyword", "text", "date", "long", "double", "boolean", "flattened", "object"}


def named(asset: Asset) -> str:
    return asset.name


def fields(mappings: dict[str, Any], above: str = "") -> dict[str, dict[str, Any]]:
    """Return every field of a mapping by its dotted name."""
    found: dict[str, dict[str, Any]] = {}
    for name, field in mappings.get("properties", {}).items():
        if "type" in field:
            found[above + name] = field
        found.update(fields(field, f"{above}{name}."))
    return found


def component(name: str) -> dict[str, Any]:
    return next(asset.body["template"] for asset in ALL if asset.name == name)


COMPONENTS = [asset for asset in ALL if asset.kind == "component_template"]
MAPPED = [asset for asset in COMPONENTS if "mappings" in asset.body["template"]]
TEMPLATES = [asset for asset in ALL if asset.kind == "index_template"]


def test_components_come_before_the_templates_made_of_them() -> None:
    kinds = [asset.kind for asset in ALL]
    assert kinds == sorted(kinds)
    there = {asset.name for asset in COMPONENTS}
    for template in TEMPLATES:
        assert set(template.body["composed_of"]) - set(template.body["ignore_missing_component_templates"]) <= there


def test_the_lifecycle_is_only_there_when_asked_for() -> None:
    assert {asset.name for asset in ALL} - {asset.name for asset in assets.mappings()} == {"intune_connector@lifecycle"}


def test_a_folder_that_is_not_shipped_is_an_error() -> None:
    with pytest.raises(ShipperError, match="is missing from this installation"):
        assets.folder("no-such-folder")


def test_every_file_of_the_checkout_is_found() -> None:
    files = [path.stem for path in (Path(__file__).parent.parent / "mappings").glob("*/*.json")]
    assert sorted(files) == sorted(asset.name for asset in ALL)


@pytest.mark.parametrize("template", TEMPLATES, ids=named)
def test_a_template_goes_before_the_built_in_ones_and_after_nothing_of_its_own(template: Asset) -> None:
    assert template.body["priority"] == 200
    assert template.body["index_patterns"] == [f"{template.name}-*"]
    assert template.body["data_stream"] == {}
    assert template.body["composed_of"][-1] == f"{template.name}@custom"


@pytest.mark.parametrize("asset", ALL, ids=named)
def test_every_object_says_whose_it_is_and_which_version(asset: Asset) -> None:
    meta = asset.body["_meta"]
    assert meta["managed_by"] == "intune-connector-shipper"
    assert meta["version"] == asset.body["version"]
    assert meta["description"].endswith(".")


@pytest.mark.parametrize("asset", MAPPED, ids=named)
def test_every_mapping_says_whose_it_is_and_takes_no_unknown_field(asset: Asset) -> None:
    mappings = asset.body["template"]["mappings"]
    assert mappings["_meta"]["managed_by"] == "intune-connector-shipper"
    assert mappings["dynamic"] is False


@pytest.mark.parametrize("asset", MAPPED, ids=named)
def test_only_core_field_types_are_used(asset: Asset) -> None:
    assert {field["type"] for field in fields(asset.body["template"]["mappings"]).values()} <= CORE_TYPES


@pytest.mark.parametrize("asset", MAPPED, ids=named)
def test_no_long_value_can_fail_a_document(asset: Asset) -> None:
    for name, field in fields(asset.body["template"]["mappings"]).items():
        if field["type"] in ("keyword", "flattened"):
            indexed = field.get("index", True) or field.get("doc_values", True)
            assert field["ignore_above"] <= (8191 if indexed else 2**31 - 1), name


def test_the_mode_of_the_index_and_its_refresh_are_stated() -> None:
    assert component("intune_connector@base")["settings"]["index"] == {"mode": "standard", "refresh_interval": "1s"}


def test_every_field_of_a_document_is_mapped_as_its_kind_says() -> None:
    mapped = fields(component("intune_connector@base")["mappings"])
    mapped |= fields(component("logs-intune_connector.events@package")["mappings"])
    kinds = {name: kind for name, kind in field_kinds().items() if name != "labels.*"}
    assert {name: mapped[name]["type"] if name in mapped else None for name in kinds} == kinds


def test_the_events_have_no_mapping_for_a_field_that_no_document_has() -> None:
    mapped = fields(component("logs-intune_connector.events@package")["mappings"])
    assert set(mapped) <= set(field_kinds())


def test_labels_are_keywords_whatever_they_are_called() -> None:
    (template,) = component("intune_connector@base")["mappings"]["dynamic_templates"]
    assert template["labels"]["path_match"] == "labels.*"
    assert template["labels"]["mapping"] == {"type": "keyword", "ignore_above": 1024}
