"""Disks fill up, become read-only and lose folders: it is said, nothing is skipped, and with room the rest follows."""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path

import pytest

from shipper import dead_letters
from shipper.testing.chaos import Ended, Log, SmallDisk, Trial, balance, event_ids, lines_found
from shipper.testing.connector.events import legacy_event
from shipper.testing.evtx_writer import EventSpec, write_log

EVENTS = 20_000
BEGIN = datetime(2026, 11, 16, 6, tzinfo=UTC)
CANNOT_GO_ON = 3
#: So that a run is under way for seconds and its progress is made durable all the time.
ENVIRONMENT = {"SHIPPER_BATCH_DOCS": "200", "SHIPPER_CHECKPOINT_INTERVAL_S": "0"}


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    """Yield a small disk."""
    folder = tmp_path / "disk"
    folder.mkdir()
    with SmallDisk(folder, 256) as mounted:
        yield mounted


@pytest.fixture
def log(written_log: Callable[[int], Log]) -> Log:
    """Return the log to ship."""
    return written_log(EVENTS)


def test_a_full_disk_for_the_state_is_told_and_with_room_every_event_is_there_once(
    trial: Trial, log: Log, disk: SmallDisk
) -> None:
    state = disk.folder / "state"
    with trial.start(log.path, "--state", state, environment=ENVIRONMENT) as shipper:
        trial.wait_until_indexed(EVENTS // 4, shipper)
        disk.fill()
        ended = shipper.ended()
    full = trial.ship(log.path, "--state", state, environment=ENVIRONMENT)
    disk.make_room()
    after = trial.ship(log.path, "--state", state, environment=ENVIRONMENT)

    found = trial.balance(log.ids)
    trial.report("disk full: state", found, runs=3, note=f"{after.account.get('read', 0):.0f} read by the last run")
    assert_told(ended, state, "No space left on device")
    assert_told(full, state, "No space left on device")
    assert after.code == 0, after.said
    assert found.is_even


def test_a_read_only_disk_for_the_state_is_told_and_nothing_is_read(trial: Trial, log: Log, disk: SmallDisk) -> None:
    state = disk.folder / "state"
    disk.make_read_only()
    refused = trial.ship(log.path, "--state", state)
    disk.make_room()
    after = trial.ship(log.path, "--state", state)

    found = trial.balance(log.ids)
    trial.report("disk read-only: state", found, runs=2)
    assert_told(refused, state, "Read-only file system")
    assert refused.account["read"] == 0
    assert after.code == 0, after.said
    assert found.is_even


def test_a_state_folder_that_is_deleted_during_a_run_is_told_and_nothing_is_skipped(trial: Trial, log: Log) -> None:
    with trial.start(log.path, environment=ENVIRONMENT) as shipper:
        trial.wait_until_indexed(EVENTS // 4, shipper)
        shutil.rmtree(trial.state.rename(trial.state.with_name("gone")))  # all at once, whatever is written meanwhile
        ended = shipper.ended()
    after = trial.ship(log.path, environment=ENVIRONMENT)

    found = trial.balance(log.ids)
    trial.report("state deleted during a run", found, runs=2, note=f"ended with {ended.code}")
    assert_told(ended, trial.state, "")
    assert after.code == 0, after.said
    assert found.is_even


def test_a_full_disk_for_the_output_is_told_and_with_room_every_event_is_there_once(
    trial: Trial, log: Log, disk: SmallDisk
) -> None:
    output = disk.folder / "events.ndjson"
    words = (log.path, "--to", f"ndjson:{output}")
    ended = trial.ship(*words, environment=ENVIRONMENT)
    disk.make_room()
    after = trial.ship(*words, environment=ENVIRONMENT)

    found = balance(log.ids, lines_found(output))
    trial.report("disk full: output", found, runs=2)
    assert_told(ended, disk.folder, "No space left on device")
    assert after.code == 0, after.said
    assert found.is_even


def test_a_read_only_disk_for_the_output_is_told(trial: Trial, log: Log, disk: SmallDisk) -> None:
    disk.make_read_only()

    assert_told(trial.ship(log.path, "--to", f"ndjson:{disk.folder / 'x'}"), disk.folder, "Read-only file system")


def test_a_full_disk_for_dead_letters_is_told_and_with_room_each_event_is_indexed_or_kept(
    trial: Trial, disk: SmallDisk, tmp_path: Path
) -> None:
    log, refused = log_of_which_one_in_a_hundred_is_refused(tmp_path / "mixed.evtx")
    refuse_devices(trial)
    state = disk.folder / "state"
    words = (log.path, "--allow-foreign-mapping", "--state", state)
    ended = trial.ship(*words, environment=ENVIRONMENT)
    disk.make_room()
    after = trial.ship(*words, environment=ENVIRONMENT)

    kept = [letter.id for letter in dead_letters.read(state / dead_letters.FILE_NAME) if hasattr(letter, "id")]
    found = trial.balance([id_ for id_ in log.ids if id_ not in refused])
    trial.report("disk full: dead letters", found, runs=2, note=f"{len(set(kept))} of {len(refused)} kept")
    assert_told(ended, state, "No space left on device")
    assert after.code == 1, after.said
    assert found.is_even
    assert set(kept) == refused


def assert_told(ended: Ended, place: Path, reason: str) -> None:
    """Hold a shipper to saying what happened, where, and what to try."""
    assert ended.code == CANNOT_GO_ON, ended
    assert str(place) in ended.said
    assert reason in ended.said
    assert "  try: " in ended.said
    assert "Traceback" not in ended.said


def log_of_which_one_in_a_hundred_is_refused(path: Path) -> tuple[Log, set[str]]:
    """Write a log, a hundredth of it with a device, and return it with the ``_id`` of each of those."""
    events = [issue_failed(number, device=number % 100 == 0) for number in range(EVENTS)]
    write_log(path, events)
    ids = event_ids(events)
    return Log(path, ids), set(ids[::100])


def issue_failed(number: int, *, device: bool) -> EventSpec:
    """Make a synthetic failure to issue."""
    details = (("DeviceId", f"00000000-0000-4000-8000-{number:012}"), ("CAName", "CA01"))[not device :]
    return legacy_event("pki01.corp.example", 20102, BEGIN + timedelta(seconds=number), details, code="0x00000400")


def refuse_devices(trial: Trial) -> None:
    """Let a foreign template take ``device.id`` for a number."""
    body = {
        "index_patterns": [trial.data_stream],
        "data_stream": {},
        "priority": 900,
        "template": {"mappings": {"properties": {"device": {"properties": {"id": {"type": "long"}}}}}},
    }
    status, answer = trial.access.request("PUT", f"/_index_template/foreign-{trial.namespace}", body)
    assert status == HTTPStatus.OK, answer
