"""The list of fields: the mappings hold every one of them, and the documentation tells of every one."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from shipper.ecs.fields import field_kinds

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/reference/document.md").read_text(encoding="utf-8")
STREAM = "logs-intune_connector.events"
#: What a kind may be mapped as.
ALLOWED = {
    "keyword": {"keyword"},
    "text": {"text", "match_only_text"},
    "date": {"date"},
    "long": {"long"},
    "boolean": {"boolean"},
    "flattened": {"flattened"},
}


def documented() -> list[tuple[str, str]]:
    """Return (field, type) of each row of the table of fields."""
    table = PAGE.partition("## Fields")[2].partition("\n## ")[0]
    return re.findall(r"^\| `([^`]+)` \| (\w+) \| .+ \|$", table, re.MULTILINE)


def mapped() -> dict[str, dict[str, Any]]:
    """Return the mapping of each field of the events' data stream, from the component templates that compose it."""
    template = json.loads((ROOT / "mappings/index_templates" / f"{STREAM}.json").read_text(encoding="utf-8"))
    fields: dict[str, dict[str, Any]] = {}
    for name in template["composed_of"]:
        path = ROOT / "mappings/component_templates" / f"{name}.json"
        if path.exists():
            mappings = json.loads(path.read_text(encoding="utf-8"))["template"].get("mappings", {})
            fields |= _leaves(mappings.get("properties", {}), "")
            for dynamic in mappings.get("dynamic_templates", []):
                fields |= {rule["path_match"]: rule["mapping"] for rule in dynamic.values()}
    return fields


def _leaves(properties: dict[str, Any], path: str) -> dict[str, dict[str, Any]]:
    fields: dict[str, dict[str, Any]] = {}
    for name, mapping in properties.items():
        fields |= (
            _leaves(mapping["properties"], f"{path}{name}.") if "properties" in mapping else {path + name: mapping}
        )
    return fields


@pytest.mark.parametrize(("name", "kind"), field_kinds().items())
def test_a_field_is_mapped_as_its_kind(name: str, kind: str) -> None:
    assert mapped()[name]["type"] in ALLOWED[kind]


@pytest.mark.parametrize("name", [name for name, kind in field_kinds().items() if kind in {"keyword", "flattened"}])
def test_a_keyword_never_makes_the_index_refuse_a_long_value(name: str) -> None:
    assert "ignore_above" in mapped()[name]


def test_the_documentation_has_a_row_for_each_field_in_their_order() -> None:
    assert documented() == list(field_kinds().items())


def test_ingested_is_the_first_field_of_the_first_part() -> None:
    assert next(iter(field_kinds())) == "event.ingested"
