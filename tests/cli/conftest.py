import json
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from shipper.cli import main
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
    for name in [name for name in os.environ if name.startswith("SHIPPER_") and name != "SHIPPER_SHARED"]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def dice() -> Dice:
    """Return chance that is the same in every run."""
    return Dice(7)


class Told(NamedTuple):
    """How a command ended and what it said."""

    code: int
    out: str
    err: str

    @property
    def account(self) -> dict[str, Any]:
        """The last line on standard error, which ``--json`` makes an object."""
        loaded: dict[str, Any] = json.loads(self.err.splitlines()[-1])
        return loaded


@pytest.fixture
def tell(capfd: pytest.CaptureFixture[str]) -> Iterator[Callable[..., Told]]:
    """Return a function that runs the command line in this process; no command may ever show a traceback."""

    def run(*words: object) -> Told:
        capfd.readouterr()
        told = Told(main([str(word) for word in words]), *capfd.readouterr())
        assert "Traceback" not in told.err
        assert "a fault in the shipper itself" not in told.err
        assert all(line.isprintable() for line in told.err.splitlines())
        return told

    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield run
    for number, handler in handlers.items():
        signal.signal(number, handler)


@pytest.fixture
def like_anybody() -> tuple[str, ...]:
    """Return the words before a command that take root's right to pass over permissions away; none for others."""
    if os.geteuid() != 0:
        return ()
    rights = "-dac_override,-dac_read_search"
    prefix = (shutil.which("setpriv") or "", "--bounding-set", rights, "--inh-caps", rights)
    if not prefix[0] or subprocess.run([*prefix, "true"], check=False).returncode:  # noqa: S603 (a found setpriv)
        pytest.skip("root may read everything here, and setpriv is not there or not allowed to take that away")
    return prefix
