from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shipper.testing.connector import Dice
from shipper.testing.connector.events import legacy_event
from shipper.testing.evtx_writer import EventSpec, write_log

HOST = "pki01.corp.example"
BEGIN = datetime.now(UTC) - timedelta(hours=2)


def issue_failed(number: int) -> EventSpec:
    """Make a synthetic failure to issue: 20102 with 0x00000400."""
    details = (("DeviceId", f"00000000-0000-4000-8000-{number:012}"), ("CAName", "CA01"))
    return legacy_event(HOST, 20102, BEGIN + timedelta(seconds=number), details, code="0x00000400", texts=("gone",))


@pytest.fixture
def connector_log(tmp_path: Path) -> Callable[[int], Path]:
    """Return a function that writes a log of so many synthetic failures."""

    def write(count: int) -> Path:
        path = tmp_path / f"connector-{count}.evtx"
        write_log(path, map(issue_failed, range(count)))
        return path

    return write


@pytest.fixture(autouse=True)
def _no_settings_of_the_tester(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("SHIPPER_TO", "SHIPPER_CONFIG", "SHIPPER_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def dice() -> Dice:
    """Return chance that is the same in every run."""
    return Dice(7)
