"""What docs/how-to/import-by-hand.md tells people to type is run as it stands there."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from shipper.testing.kibana import StandIn

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/how-to/import-by-hand.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
NAMED = sorted(set(re.findall(r"files/[\w./*-]*[\w/]", PAGE)))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which ``shipper setup --export files`` was run."""
    folder = tmp_path_factory.mktemp("by-hand")
    command = [sys.executable, "-m", "shipper", "setup", "--export", "files"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)  # noqa: S603 (our own program)
    return folder


@pytest.mark.skipif(shutil.which("curl") is None, reason="the page's commands are curl's")
def test_its_commands_import_everything(folder: Path, kibana: StandIn) -> None:
    script = "\n".join(BLOCKS)
    assert "KIBANA=http://localhost:5601" in script
    script = script.replace("KIBANA=http://localhost:5601", f"KIBANA={kibana.url}")
    bash = shutil.which("bash")
    assert bash
    done = subprocess.run([bash, "-euc", script], cwd=folder, check=True, capture_output=True, text=True)  # noqa: S603 (ours)
    assert '"success":false' not in done.stdout
    imported = [json.loads(one) for one in re.findall(r"\{.*?\}(?=\{|$)", done.stdout.replace("\n", ""))]
    assert [one["success"] for one in imported] == [True, True]
    lines = (folder / "files/dashboards/intune-connector.ndjson").read_text(encoding="utf-8").splitlines()
    assert len(kibana.objects.of("default")) == len(lines)
    rules = (folder / "files/dashboards/rules/kibana.ndjson").read_text(encoding="utf-8").splitlines()
    assert len(kibana.rules.of("default")) == len(rules)
    assert not any(rule["enabled"] for rule in kibana.rules.of("default").values())


@pytest.mark.parametrize("name", NAMED)
def test_every_file_that_it_names_is_written(folder: Path, name: str) -> None:
    assert (folder / name).exists()


def test_every_file_that_is_written_has_its_place_in_the_table(folder: Path) -> None:
    told = re.findall(r"`((?:mappings|dashboards)/[^`]*)`", PAGE.partition("## 1.")[0])
    for file in (folder / "files").rglob("*"):
        name = file.relative_to(folder / "files")
        specification = name.parent == Path("dashboards") and name.suffix == ".toml"
        if file.is_file() and not specification:
            assert any(str(name).startswith(place) or name.match(place) for place in told), name


def test_the_key_of_the_page_about_kibana_has_the_privileges_that_elasticsearch_needs() -> None:
    page = (ROOT / "docs/how-to/set-up-kibana.md").read_text(encoding="utf-8")
    told = json.loads(page.partition("```json\n")[2].partition("```")[0])["role_descriptors"]
    file = ROOT / "mappings/security/api_key/intune_connector_setup.json"
    needed = json.loads(file.read_bytes())["role_descriptors"]
    assert told.keys() == needed.keys()
    for name, role in needed.items():
        assert {key: told[name][key] for key in role} == role
