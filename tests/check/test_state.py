import os
from collections.abc import Callable
from pathlib import Path

import pytest

from shipper.check import Finding
from shipper.dead_letters import FILE_NAME, DeadLetterFile
from shipper.model import Cursor, Document, Outcome, Position
from shipper.state import Checkpoint, CheckpointFile, StateFolder
from shipper.testing.chaos import SmallDisk

Examine = Callable[..., list[Finding]]


def about(findings: list[Finding], folder: Path) -> list[Finding]:
    return [finding for finding in findings if finding.where.startswith(str(folder))]


def said(findings: list[Finding], part: str) -> Finding:
    found = [finding for finding in findings if part in finding.what]
    assert found, findings
    return found[0]


def keep_letters(folder: Path, count: int) -> None:
    letter = (Document("a" * 20, "logs-a-b", b"{}", -1, Position("a", 1)), Outcome("rejected", "a_reason", "why"))
    with DeadLetterFile(folder) as letters:
        letters.keep([letter] * count)


def test_a_state_folder_that_is_not_there_yet_is_fine_and_not_made(examine: Examine, tmp_path: Path) -> None:
    folder = tmp_path / "state"
    assert said(examine(), "will be made at the first run").status == "ok"
    assert not folder.exists()


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")
def test_a_state_folder_that_others_may_look_into_is_a_warning(examine: Examine, tmp_path: Path) -> None:
    folder = tmp_path / "state"
    folder.mkdir(mode=0o755)
    found = said(examine(), "others may look into the state folder")
    assert found.status == "warning"
    assert found.remedy == f"chmod 700 {folder}"


def test_a_state_folder_that_is_a_file_is_a_failure(examine: Examine, tmp_path: Path) -> None:
    (tmp_path / "state").touch()
    assert said(examine(), "is no folder").status == "failure"


def test_a_shipper_at_work_is_a_note_and_is_not_disturbed(examine: Examine, tmp_path: Path) -> None:
    with StateFolder(tmp_path / "state"):
        assert said(examine(), "a shipper is at work here").status == "note"


def test_a_checkpoint_is_told(examine: Examine, tmp_path: Path) -> None:
    with StateFolder(tmp_path / "state") as folder:
        CheckpointFile(folder, "-").save(Checkpoint((Cursor("a.evtx", 7),), -1))
    assert said(examine(), "the checkpoint knows 1 logs").status == "ok"


def test_a_damaged_checkpoint_is_a_failure_with_a_remedy(examine: Examine, tmp_path: Path) -> None:
    with StateFolder(tmp_path / "state") as folder:
        file = CheckpointFile(folder, "-")
        file.save(Checkpoint((Cursor("a.evtx", 7),), -1))
        path = file.path
    path.write_bytes(path.read_bytes()[:-7])
    failed = [finding for finding in about(examine(), path) if finding.status == "failure"]
    assert failed
    assert failed[0].remedy


def test_no_dead_letters_are_fine(examine: Examine, tmp_path: Path) -> None:
    (tmp_path / "state").mkdir(mode=0o700)
    assert said(examine(), "no dead letters").status == "ok"


def test_dead_letters_are_a_note_with_their_reasons(examine: Examine, tmp_path: Path) -> None:
    keep_letters(tmp_path / "state", 3)
    found = said(examine(), "3 dead letters since")
    assert found.status == "note"
    assert "a_reason 3" in found.what
    assert "shipper replay" in found.remedy


def test_dead_letters_that_nearly_fill_their_limit_are_a_warning(examine: Examine, tmp_path: Path) -> None:
    keep_letters(tmp_path / "state", 1)
    keep_letters(tmp_path / "state", 6000)
    assert said(examine(dead_letters_max_mb=1), "reading stops when they are full").status == "warning"


def test_lines_that_are_no_dead_letters_are_a_warning(examine: Examine, tmp_path: Path) -> None:
    keep_letters(tmp_path / "state", 1)
    with (tmp_path / "state" / FILE_NAME).open("a") as file:
        file.write("edited by hand\n")
    assert said(examine(), "1 lines are no dead letters").status == "warning"


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can mount a small disk")
def test_a_disk_that_is_full_is_a_failure(examine: Examine, tmp_path: Path) -> None:
    folder = tmp_path / "small"
    folder.mkdir()
    with SmallDisk(folder, size_kb=1024):
        found = said(examine(state=str(folder)), "the disk is full")
    assert found.status == "failure"


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can mount a small disk")
def test_a_folder_that_may_not_be_written_is_a_failure(examine: Examine, tmp_path: Path) -> None:
    folder = tmp_path / "small"
    folder.mkdir()
    with SmallDisk(folder, size_kb=1024) as disk:
        disk.make_read_only()
        found = said(examine(state=str(folder)), "may not be written")
    assert found.status == "failure"


def test_a_disk_that_may_become_too_small_is_a_warning(examine: Examine) -> None:
    assert said(examine(dead_letters_max_mb=1 << 40), "the dead letters may need").status == "warning"
