"""What the guide to running it as a service tells users to write."""

import re
import tomllib
from pathlib import Path

import pytest

from shipper import config

ROOT = Path(__file__).parent.parent.parent
GUIDE = (ROOT / "docs" / "how-to" / "run-as-a-service.md").read_text(encoding="utf-8")
METRICS = (ROOT / "docs" / "reference" / "metrics.md").read_text(encoding="utf-8")


def block(kind: str) -> str:
    (found,) = re.findall(rf"```{kind}\n(.*?)```", GUIDE, re.DOTALL)
    return str(found)


def test_the_configuration_is_one(tmp_path: Path) -> None:
    path = tmp_path / "shipper.toml"
    path.write_text(block("toml"))
    loaded = config.load(path, {}, {})
    assert loaded.ship.follow
    assert loaded.operations.listen == "127.0.0.1:9479"


def test_the_service_of_winsw_names_variables_that_there_are(tmp_path: Path) -> None:
    variables = re.findall(r'<env name="(SHIPPER_\w+)"', block("xml"))
    assert len(variables) == 3
    environment = dict.fromkeys(set(variables) - {"SHIPPER_CONFIG"}, str(tmp_path))
    config.load(None, environment, {})


def alerted() -> list[str]:
    return sorted(set(re.findall(r"(?:intune_connector_shipper|process)_[a-z_]+", GUIDE)))


@pytest.mark.parametrize("name", alerted())
def test_every_metric_of_an_alert_is_one(name: str) -> None:
    assert f"| `{name}` |" in METRICS


def test_the_unit_and_the_guide_are_packed_into_no_wheel() -> None:
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel["packages"] == ["shipper"]
    assert not [source for source in wheel["force-include"] if source.startswith("docs")]
