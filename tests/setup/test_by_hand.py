"""What docs/reference/mappings.md tells people to type is run as it stands there."""

import json
import re
from pathlib import Path

import pytest

from shipper import assets, setup
from shipper.sinks.elasticsearch import Connection
from shipper.testing.engine import Access

ROOT = Path(__file__).parents[2]
PUTS = re.findall(r"^put (\S+) (\S+)$", (ROOT / "docs/reference/mappings.md").read_text(encoding="utf-8"), re.MULTILINE)
#: Of these the tests' Elasticsearch has no API.
ILM = [put for put in PUTS if "/ilm/" in put[1]]
REST = [put for put in PUTS if put not in ILM]


def test_every_object_is_put_by_hand_and_setup_then_finds_nothing_to_do(elasticsearch_url: str) -> None:
    for path, file in REST:
        body = json.loads((ROOT / "mappings" / file).read_bytes())
        assert Access(elasticsearch_url).request("PUT", f"/{path}", body) == (200, {"acknowledged": True})
    wanted = assets.mappings(lifecycle=True)
    findings = setup.install(
        Connection(url=elasticsearch_url), wanted, namespace="default", agree=lambda _changes: False
    )
    assert {finding.result for finding in findings[: len(wanted)]} == {"unchanged"}


def test_every_object_is_told_of() -> None:
    assert sorted(f"/{path}" for path, _ in REST) == sorted(asset.path for asset in assets.mappings(lifecycle=True))


@pytest.mark.parametrize(("path", "file"), PUTS)
def test_every_file_is_there_and_has_the_name_of_its_object(path: str, file: str) -> None:
    assert (ROOT / "mappings" / file).stem == path.rpartition("/")[2]


def test_the_ilm_variant_names_its_own_policy() -> None:
    component = json.loads((ROOT / "mappings/lifecycle/ilm/intune_connector@lifecycle.json").read_bytes())
    assert component["template"]["settings"]["index"]["lifecycle"]["name"] == "intune_connector"
    assert [file for _, file in ILM] == [
        "lifecycle/ilm/intune_connector.json",
        "lifecycle/ilm/intune_connector@lifecycle.json",
    ]
