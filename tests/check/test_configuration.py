import os
from collections.abc import Callable
from pathlib import Path

import pytest

from shipper.check import Finding

Examine = Callable[..., list[Finding]]


def of(findings: list[Finding], part: str) -> list[Finding]:
    return [finding for finding in findings if part in finding.where]


def test_a_configuration_that_cannot_be_loaded_is_the_only_finding(examine: Examine, tmp_path: Path) -> None:
    file = tmp_path / "shipper.toml"
    file.write_text("[ship]\nwrokers = 2\n")
    (finding,) = examine(file)
    assert finding.status == "failure"
    assert "wrokers" in finding.where
    assert "workers" in finding.remedy


def test_a_configuration_file_that_holds_is_named(examine: Examine, tmp_path: Path) -> None:
    file = tmp_path / "shipper.toml"
    file.write_text("[ship]\nworkers = 2\n")
    assert of(examine(file), str(file))[0].status == "ok"


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")
@pytest.mark.parametrize("key", ["api_key_file", "password_file"])
@pytest.mark.parametrize(("mode", "status"), [(0o600, "ok"), (0o400, "ok"), (0o640, "warning"), (0o604, "warning")])
def test_a_secret_s_file_that_others_may_read_is_a_warning(
    examine: Examine, tmp_path: Path, key: str, mode: int, status: str
) -> None:
    file = tmp_path / "secret"
    file.write_text("canary")
    file.chmod(mode)
    (finding,) = of(examine(**{key: str(file)}), str(file))
    assert finding.status == status
    assert status == "ok" or finding.remedy == f"chmod 600 {file}"


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")
def test_a_credential_that_systemd_hands_over_is_its_owner_s_alone_whatever_its_mode(
    examine: Examine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "key"
    file.write_text("canary")
    file.chmod(0o440)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert of(examine(api_key_file=str(file)), str(file))[0].status == "ok"


@pytest.mark.parametrize("key", ["api_key", "password"])
def test_a_secret_that_hides_its_file_is_told(examine: Examine, tmp_path: Path, key: str) -> None:
    findings = examine(environment={f"SHIPPER_{key.upper()}": "canary"}, **{f"{key}_file": str(tmp_path / "x")})
    (finding,) = of(findings, f"elasticsearch.{key}")
    assert finding.status == "note"
    assert "cannot be rotated" in finding.remedy
    assert "canary" not in str(findings)
