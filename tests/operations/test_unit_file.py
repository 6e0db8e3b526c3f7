"""The systemd unit: what systemd says of it, where it is installed, and what must stand in it."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
UNIT = ROOT / "docs" / "how-to" / "intune-connector-shipper.service"
ANALYZE = shutil.which("systemd-analyze")

needs_systemd = pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is not installed")

#: What hardens it, by systemd.exec(5).
HARDENING = {
    "DynamicUser": "yes",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "PrivateDevices": "yes",
    "ProtectKernelTunables": "yes",
    "ProtectKernelModules": "yes",
    "ProtectControlGroups": "yes",
    "NoNewPrivileges": "yes",
    "CapabilityBoundingSet": "",
    "RestrictNamespaces": "yes",
    "RestrictSUIDSGID": "yes",
    "LockPersonality": "yes",
    "MemoryDenyWriteExecute": "yes",
    "SystemCallArchitectures": "native",
    "UMask": "0077",
    "StateDirectoryMode": "0700",
}


def settings(section: str) -> list[tuple[str, str]]:
    """Return keys and values of a section, in order; a key may come again."""
    text = UNIT.read_text(encoding="utf-8")
    (body,) = re.findall(rf"^\[{section}\]\n(.*?)(?=^\[|\Z)", text, re.MULTILINE | re.DOTALL)
    lines = [line for line in body.splitlines() if line and not line.startswith("#")]
    return [(key, value) for key, _, value in (line.partition("=") for line in lines)]


def analyzed(tmp_path: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    unit = tmp_path / UNIT.name
    # systemd-analyze wants the program to be there.
    unit.write_text(UNIT.read_text().replace("/opt/intune-connector-shipper/bin/shipper", sys.executable))
    return subprocess.run(  # noqa: S603 (a found systemd-analyze)
        [str(ANALYZE), *words, str(unit)], capture_output=True, text=True, timeout=60, check=False
    )


@needs_systemd
def test_systemd_finds_no_fault(tmp_path: Path) -> None:
    ended = analyzed(tmp_path, "verify", "--man=no")
    assert (ended.returncode, ended.stderr) == (0, "")


@needs_systemd
def test_systemd_calls_it_no_more_exposed_than_the_guide_says(tmp_path: Path) -> None:
    ended = analyzed(tmp_path, "security", "--offline=true", "--no-pager", "--threshold=14")
    assert ended.returncode == 0, ended.stdout


@pytest.mark.parametrize("key", HARDENING)
def test_it_is_hardened(key: str) -> None:
    assert dict(settings("Service"))[key] == HARDENING[key]


def test_a_stop_has_longer_than_the_drain_takes_and_a_bad_configuration_is_not_tried_again() -> None:
    service = dict(settings("Service"))
    assert int(service["TimeoutStopSec"]) > 10 + 3
    assert (service["RestartPreventExitStatus"], service["SuccessExitStatus"]) == ("2", "1")


def test_no_secret_stands_in_it() -> None:
    names = {value.partition("=")[0] for key, value in settings("Service") if key == "Environment"}
    assert names == {"SHIPPER_CONFIG", "SHIPPER_STATE", "SHIPPER_API_KEY_FILE"}
