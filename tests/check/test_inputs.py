from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from shipper.check import Finding
from shipper.testing.connector.events import legacy_event
from shipper.testing.evtx_writer import write_log

Examine = Callable[..., list[Finding]]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Return a log of one synthetic failure."""
    path = tmp_path / "Connector.evtx"
    write_log(path, [legacy_event("pki01.corp.example", 20102, datetime(2026, 11, 23, tzinfo=UTC), ())])
    return path


def of(findings: list[Finding], path: Path) -> Finding:
    (found,) = (finding for finding in findings if finding.where == str(path))
    return found


def test_no_inputs_are_a_note(examine: Examine) -> None:
    assert [one.status for one in examine() if one.where == "ship.inputs"] == ["note"]


def test_a_log_with_the_channels_asked_for_is_fine(examine: Examine, log: Path) -> None:
    assert of(examine(inputs=(str(log),)), log).status == "ok"


def test_a_log_without_the_channels_asked_for_is_a_warning(examine: Examine, log: Path) -> None:
    found = of(examine(inputs=(str(log),), channels="Nobody/Operational"), log)
    assert found.status == "warning"
    assert "--channels" in found.remedy


@pytest.mark.parametrize(("follow", "status"), [(False, "failure"), (True, "note")])
def test_a_log_that_is_not_there_is_a_failure_but_where_it_is_waited_for(
    examine: Examine, tmp_path: Path, follow: bool, status: str
) -> None:
    path = tmp_path / "nowhere.evtx"
    assert of(examine(inputs=(str(path),), follow=follow), path).status == status


def test_what_is_no_event_log_is_a_failure(examine: Examine, tmp_path: Path) -> None:
    path = tmp_path / "photo.evtx"
    path.write_bytes(b"no log" * 1000)
    assert of(examine(inputs=(str(path),)), path).status == "failure"


def test_a_file_of_other_lines_is_a_warning(examine: Examine, tmp_path: Path) -> None:
    path = tmp_path / "other.ndjson"
    path.write_text('{"hello": "world"}\n')
    assert of(examine(inputs=(str(path),)), path).status == "warning"


def test_of_very_many_logs_the_first_are_looked_at_and_the_rest_is_counted(
    examine: Examine, log: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(25):
        (folder / f"{number:02}.evtx").write_bytes(log.read_bytes())
    assert [one.what for one in examine(inputs=(str(folder),)) if "more logs" in one.what] == [
        "5 more logs were not looked at"
    ]


def test_standard_input_is_not_read(examine: Examine) -> None:
    assert [one.status for one in examine(inputs=("-",)) if one.where == "-"] == ["note"]
