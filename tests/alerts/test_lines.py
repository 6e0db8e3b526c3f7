import io
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from shipper.alerts import TAKEN, Unavailable
from shipper.alerts.lines import FileOutlet, StdoutOutlet
from shipper.errors import UsageError

if TYPE_CHECKING:
    from tests.alerts.conftest import MakeAlert


def stamp() -> bytes:
    return b"2026-11-24T09:30:00.000Z"


def test_each_alert_is_a_line_with_the_time_of_writing(alert: "MakeAlert") -> None:
    out = io.BytesIO()
    assert StdoutOutlet(stamp, out).deliver([alert(1), alert(2)]) == [TAKEN, TAKEN]
    events = [json.loads(line)["event"] for line in out.getvalue().splitlines()]
    assert [(event["id"], event["ingested"]) for event in events] == [
        ("alert-1", stamp().decode()),
        ("alert-2", stamp().decode()),
    ]


def test_a_file_is_added_to_and_is_for_its_owner_alone(alert: "MakeAlert", tmp_path: Path) -> None:
    path = tmp_path / "alerts.ndjson"
    for number in range(2):
        FileOutlet(path, stamp).deliver([alert(number)])
    assert len(path.read_bytes().splitlines()) == 2
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_line_that_a_crash_cut_short_costs_itself_alone(alert: "MakeAlert", tmp_path: Path) -> None:
    path = tmp_path / "alerts.ndjson"
    path.write_bytes(b'{"event":{"id":"hal')
    FileOutlet(path, stamp).deliver([alert(1)])
    assert json.loads(path.read_bytes().splitlines()[1])["event"]["id"] == "alert-1"


def test_a_file_that_cannot_be_written_is_waited_for(alert: "MakeAlert", tmp_path: Path) -> None:
    outlet = FileOutlet(tmp_path / "away" / "alerts.ndjson", stamp)
    with pytest.raises(Unavailable, match="No such file"):
        outlet.deliver([alert(1)])
    (tmp_path / "away").mkdir()
    assert outlet.deliver([alert(1)]) == [TAKEN]


def test_a_new_file_survives_a_loss_of_power(
    alert: "MakeAlert", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[Path] = []
    monkeypatch.setattr("shipper.alerts.lines.sync_folder", synced.append)
    outlet = FileOutlet(tmp_path / "alerts.ndjson", stamp)
    for number in range(2):
        outlet.deliver([alert(number)])
    (tmp_path / "alerts.ndjson").rename(tmp_path / "alerts.1")
    outlet.deliver([alert(2)])
    assert synced == [tmp_path, tmp_path]


@pytest.mark.parametrize("name", ["", "alerts.ndjson.gz", "link", "dangling"])
def test_what_alerts_cannot_be_added_to_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to("file")
    (tmp_path / "dangling").symlink_to("nowhere")
    with pytest.raises(UsageError):
        FileOutlet(tmp_path / name, stamp)
