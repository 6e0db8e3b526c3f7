from collections.abc import Iterator
from pathlib import Path

import pytest

from shipper.errors import StateError
from shipper.model import Cursor
from shipper.state import AlertsFile, Checkpoint, CheckpointFile, StateFolder

TARGET = "https://es.example:9200 default"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[StateFolder]:
    with StateFolder(tmp_path / "state") as opened:
        yield opened


def current(folder: StateFolder) -> str:
    known = CheckpointFile(folder, TARGET).load()
    return known.alerts if known is not None else ""


def keep(folder: StateFolder, record: int, content: bytes) -> None:
    file = AlertsFile(folder, TARGET, current(folder))
    name = file.write(content)
    CheckpointFile(folder, TARGET).save(Checkpoint((Cursor("log", record),), alerts=name))


def test_what_is_read_is_what_the_checkpoint_names(folder: StateFolder) -> None:
    for record in range(4):
        keep(folder, record, b"%d" % record)
        assert AlertsFile(folder, TARGET, current(folder)).load() == b"%d" % record
    assert len(list(folder.path.glob("alerts-*"))) == 2


def test_a_crash_between_the_two_files_leaves_the_old_cursors_with_what_belongs_to_them(folder: StateFolder) -> None:
    keep(folder, 1, b"of 1")
    AlertsFile(folder, TARGET, current(folder)).write(b"of 2")  # and no checkpoint after it
    known = CheckpointFile(folder, TARGET).load()
    assert known is not None
    assert known.cursors == (Cursor("log", 1),)
    assert AlertsFile(folder, TARGET, known.alerts).load() == b"of 1"


def test_a_run_without_rules_leaves_the_name_as_it_is(folder: StateFolder) -> None:
    keep(folder, 1, b"of 1")
    CheckpointFile(folder, TARGET).save(Checkpoint((Cursor("log", 2),)))
    assert AlertsFile(folder, TARGET, current(folder)).load() == b"of 1"
    CheckpointFile(folder, TARGET).forget("log")
    assert AlertsFile(folder, TARGET, current(folder)).load() == b"of 1"


def behind(folder: StateFolder) -> bool:
    known = CheckpointFile(folder, TARGET).load()
    return known is not None and known.rules_behind


def test_events_delivered_without_rules_are_noted_until_rules_have_begun_anew(folder: StateFolder) -> None:
    notes = []
    for record in (1, 1, 2, 2):
        CheckpointFile(folder, TARGET).save(Checkpoint((Cursor("log", record),)))
        notes.append(behind(folder))
        if len(notes) == 1:
            keep(folder, 1, b"of 1")
    CheckpointFile(folder, TARGET).forget("log")
    notes.append(behind(folder))
    keep(folder, 2, b"of 2")
    assert [*notes, behind(folder)] == [False, False, True, True, True, False]


def test_output_that_grew_without_rules_is_noted_where_there_are_no_cursors(folder: StateFolder) -> None:
    name = AlertsFile(folder, TARGET).write(b"of 1")
    for output_bytes, alerts in ((10, name), (20, "")):
        CheckpointFile(folder, TARGET).save(Checkpoint((), output_bytes, alerts))
    assert behind(folder)


def test_what_no_checkpoint_names_any_more_can_be_found(folder: StateFolder) -> None:
    keep(folder, 1, b"of 1")
    assert AlertsFile(folder, TARGET, current(folder)).left_behind() is None
    folder.remove_checkpoints()
    assert AlertsFile(folder, TARGET).load() is None
    assert AlertsFile(folder, TARGET).left_behind() == b"of 1"


def test_a_name_that_is_none_of_ours_is_not_read(folder: StateFolder) -> None:
    (folder.path / "other").write_bytes(b"x")
    assert AlertsFile(folder, TARGET, "../state/other").load() is None


def test_a_checkpoint_without_rules_can_be_read_by_the_first_version(folder: StateFolder) -> None:
    CheckpointFile(folder, TARGET).save(Checkpoint((Cursor("log", 1),)))
    assert b'"version": 1' in CheckpointFile(folder, TARGET).path.read_bytes()
    keep(folder, 2, b"of 2")
    assert b'"version": 2' in CheckpointFile(folder, TARGET).path.read_bytes()


def test_nothing_is_written_without_the_lock(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    with pytest.raises(StateError):
        AlertsFile(StateFolder(tmp_path / "state", read_only=True), TARGET).write(b"x")


def test_the_files_are_for_their_owner_alone(folder: StateFolder) -> None:
    keep(folder, 1, b"personal")
    assert {path.stat().st_mode & 0o777 for path in folder.path.glob("alerts-*")} == {0o600}
