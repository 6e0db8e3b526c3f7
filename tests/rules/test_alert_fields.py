"""The fields of an alert: the mappings hold every one of them and no other, the documentation tells of every one."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from shipper.ecs.fields import field_kinds
from shipper.rules.alert_fields import AlertDocument

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/reference/alert.md").read_text(encoding="utf-8")
TEMPLATES = ROOT / "mappings/component_templates"
OWN = "logs-intune_connector.alerts@package"
KINDS = field_kinds(AlertDocument)


def mapped(component: str) -> dict[str, dict[str, Any]]:
    body = json.loads((TEMPLATES / f"{component}.json").read_text(encoding="utf-8"))
    return _leaves(body["template"]["mappings"]["properties"], "")


def _leaves(properties: dict[str, Any], path: str) -> dict[str, dict[str, Any]]:
    fields: dict[str, dict[str, Any]] = {}
    for name, mapping in properties.items():
        below = _leaves(mapping["properties"], f"{path}{name}.") if "properties" in mapping else {path + name: mapping}
        fields |= below
    return fields


FIELDS = mapped("intune_connector@base") | mapped(OWN)


@pytest.mark.parametrize(("name", "kind"), KINDS.items())
def test_a_field_is_mapped_as_its_kind(name: str, kind: str) -> None:
    assert FIELDS[name]["type"] == kind


@pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if kind == "keyword"])
def test_a_keyword_never_makes_the_index_refuse_a_long_value(name: str) -> None:
    assert "ignore_above" in FIELDS[name]


def test_the_template_of_alerts_has_no_field_that_no_alert_has() -> None:
    assert set(mapped(OWN)) <= set(KINDS)


def test_the_documentation_has_a_row_for_each_field_in_their_order() -> None:
    table = PAGE.partition("## Fields")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `([^`]+)` \| (\w+) \| .+ \|$", table, re.MULTILINE) == list(KINDS.items())


def test_ingested_is_the_first_field_of_the_first_part() -> None:
    assert next(iter(KINDS)) == "event.ingested"
