import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from shipper.kibana.validate import Fields, validate
from tests.kibana.validate.breaking import BROKEN, Break
from tests.kibana.validate.conftest import change_panel


def test_what_is_built_has_no_fault(good: list[dict[str, Any]], fields: Fields) -> None:
    assert validate(good, fields) == []


@pytest.mark.parametrize(("kind", "breaks"), BROKEN, ids=[f"{kind}: {breaks.__doc__}" for kind, breaks in BROKEN])
def test_every_broken_variant_is_found(kind: str, breaks: Break, good: list[dict[str, Any]], fields: Fields) -> None:
    breaks(good)

    assert kind in {fault.kind for fault in validate(good, fields)}


def test_every_kind_of_fault_has_a_broken_variant() -> None:
    folder = Path(__file__).parents[3] / "shipper/kibana/validate"
    text = "\n".join(file.read_text(encoding="utf-8") for file in folder.glob("*.py"))
    kinds = set(re.findall(r'(?:Fault\([^"]*?(?:f"[^"]*", )?|yield |\(\()"([a-zA-Z]+)", ', text))

    assert kinds == {kind for kind, _ in BROKEN}


def test_a_text_may_lead_to_a_public_page_of_microsoft(good: list[dict[str, Any]], fields: Fields) -> None:
    def led(panel: dict[str, Any]) -> None:
        panel["embeddableConfig"]["savedVis"]["params"]["markdown"] = "[codes](https://learn.microsoft.com/intune)"

    change_panel(good, "overview", "how-to-read", led)

    assert validate(good, fields) == []


@pytest.mark.parametrize("name", ["dashboard.import.ndjson", "dashboard.export.ndjson"])
def test_the_objects_that_a_running_kibana_drew_are_accepted(name: str, shared: Path, fields: Fields) -> None:
    lines = (shared / "kibana-examples" / name).read_bytes().splitlines()

    assert validate([msgspec.json.decode(line) for line in lines], fields) == []


def test_the_shipped_file_is_what_the_spec_builds() -> None:
    from shipper import assets
    from shipper.kibana.build import build, encode
    from shipper.kibana.spec import load

    shipped = assets.folder("dashboards") / "intune-connector.ndjson"
    assert shipped.read_bytes() == encode(build(load())), "make assets"


def test_the_command_says_each_fault_and_fails(
    good: list[dict[str, Any]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from shipper.kibana.validate.__main__ import main

    path = tmp_path / "objects.ndjson"
    path.write_bytes(b"\n".join(map(msgspec.json.encode, good)))
    assert main(path) == 0
    good[-1]["attributes"]["timeRestore"] = False
    path.write_bytes(b"\n".join(map(msgspec.json.encode, good)))
    assert main(path) == 1
    assert "dashboard/intune-connector-shipper: time: " in capsys.readouterr().out
