import json
import os
import resource
import signal
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shipper.errors import StateError
from shipper.model import Cursor
from shipper.state import Checkpoint, CheckpointFile, StateFolder
from shipper.state.stored import encode_stored, read_stored

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
TARGET = "https://es.example:9200"
HERE = Cursor("/logs/Admin.evtx", 4711, 4700, 133_000_000_000_000_000)
THERE = Cursor("/logs/Operational.evtx", 12)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[StateFolder]:
    with StateFolder(tmp_path / "state") as folder:
        yield folder


def again(folder: StateFolder, target: str = TARGET) -> Checkpoint | None:
    return CheckpointFile(folder, target).load()


def test_there_is_none_before_the_first_is_saved(folder: StateFolder) -> None:
    assert again(folder) is None


def test_what_was_saved_comes_back(folder: StateFolder) -> None:
    checkpoint = Checkpoint((HERE, THERE), 4096)
    CheckpointFile(folder, TARGET).save(checkpoint)
    assert again(folder) == checkpoint


def test_each_target_has_its_own(folder: StateFolder) -> None:
    CheckpointFile(folder, TARGET).save(Checkpoint((HERE,)))
    CheckpointFile(folder, f"{TARGET}/other").save(Checkpoint((THERE,)))
    assert again(folder) == Checkpoint((HERE,))
    assert again(folder, f"{TARGET}/other") == Checkpoint((THERE,))


def test_a_person_can_read_it(folder: StateFolder) -> None:
    file = CheckpointFile(folder, TARGET, now=lambda: NOON)
    file.save(Checkpoint((HERE,)))
    told = json.loads(file.path.read_text())
    assert told["format"] == "shipper checkpoint"
    assert told["target"] == TARGET
    assert told["logs"] == [
        {
            "source": "/logs/Admin.evtx",
            "record": 4711,
            "anchor": 4700,
            "fingerprint": 133_000_000_000_000_000,
            "updated": "2026-11-24T12:00:00Z",
        }
    ]
    assert "es.example" in file.path.name
    assert len(file.path.read_text().splitlines()) == len(told) + 1 + 3


def test_only_the_owner_may_read_it(folder: StateFolder) -> None:
    file = CheckpointFile(folder, TARGET)
    file.save(Checkpoint((HERE,)))
    assert file.path.stat().st_mode & 0o777 == 0o600


def test_logs_that_a_run_does_not_read_keep_their_place(folder: StateFolder) -> None:
    CheckpointFile(folder, TARGET).save(Checkpoint((HERE,)))
    CheckpointFile(folder, TARGET).save(Checkpoint((THERE,)))
    assert again(folder) == Checkpoint((HERE, THERE))


def test_the_time_of_a_log_is_when_it_last_moved(folder: StateFolder) -> None:
    CheckpointFile(folder, TARGET, now=lambda: NOON).save(Checkpoint((HERE, THERE)))
    moved = Cursor(HERE.source, 4712, 4700, HERE.fingerprint)
    file = CheckpointFile(folder, TARGET, now=lambda: NOON + timedelta(hours=1))
    file.save(Checkpoint((moved, THERE)))
    stored = read_stored(file.path)
    assert stored is not None
    assert {log.cursor.source: log.updated[11:13] for log in stored.logs} == {HERE.source: "13", THERE.source: "12"}


def test_of_too_many_logs_the_longest_untouched_are_forgotten(folder: StateFolder) -> None:
    file = CheckpointFile(folder, TARGET, most=3)
    for number in range(5):
        file.save(Checkpoint((Cursor(f"{number}.evtx", 1),)))
        file.save(Checkpoint((Cursor("0.evtx", 10 + number),)))
    loaded = again(folder)
    assert loaded is not None
    assert {cursor.source for cursor in loaded.cursors} == {"0.evtx", "3.evtx", "4.evtx"}


def test_logs_of_this_run_are_not_forgotten_for_those_of_another(folder: StateFolder) -> None:
    file = CheckpointFile(folder, TARGET, most=2)
    file.save(Checkpoint((Cursor("quiet.evtx", 1),)))
    file.save(Checkpoint((Cursor("gone.evtx", 1),)))
    file.save(Checkpoint((Cursor("quiet.evtx", 1), Cursor("new.evtx", 1))))
    loaded = again(folder)
    assert loaded is not None
    assert {cursor.source for cursor in loaded.cursors} == {"quiet.evtx", "new.evtx"}


def test_a_forgotten_log_does_not_push_others_out_before_it_moves(folder: StateFolder) -> None:
    file = CheckpointFile(folder, TARGET, most=2)
    quiet, busy, new = Cursor("quiet.evtx", 1), Cursor("busy.evtx", 1), Cursor("new.evtx", 1)
    file.save(Checkpoint((quiet, busy, new)))
    inode = file.path.stat().st_ino
    file.save(Checkpoint((quiet, busy, new)))
    assert again(folder) == Checkpoint((busy, new))
    assert file.path.stat().st_ino == inode
    moved = Cursor("quiet.evtx", 2)
    file.save(Checkpoint((moved, busy, new)))
    assert again(folder) == Checkpoint((new, moved))


def test_saving_nothing_new_does_not_touch_the_disk(folder: StateFolder) -> None:
    file = CheckpointFile(folder, TARGET)
    file.save(Checkpoint((HERE, THERE)))
    before = file.path.stat()
    file.save(Checkpoint((HERE,)))
    CheckpointFile(folder, TARGET).save(Checkpoint((THERE,)))
    assert file.path.stat().st_ino == before.st_ino


def test_a_new_length_of_the_output_alone_is_saved(folder: StateFolder) -> None:
    file = CheckpointFile(folder, TARGET)
    file.save(Checkpoint((HERE,), 100))
    file.save(Checkpoint((HERE,), 200))
    assert again(folder) == Checkpoint((HERE,), 200)


def test_ten_thousand_logs_are_saved_in_a_blink(folder: StateFolder) -> None:
    file = CheckpointFile(folder, TARGET)
    file.save(Checkpoint(tuple(Cursor(f"/logs/Archive-{number}.evtx", number) for number in range(10_000))))
    began = time.process_time()
    file.save(Checkpoint((Cursor("/logs/Archive-5.evtx", 1_000_000),)))
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    "source", ["/logs/\udcff\udc80.evtx", "C:\\Lögs\\Ereignisse 中.evtx", 'a\n"b\x1b[2J.evtx', "\u202e"]
)
def test_any_name_of_a_file_comes_back(folder: StateFolder, source: str) -> None:
    CheckpointFile(folder, TARGET).save(Checkpoint((Cursor(source, 1),)))
    assert again(folder) == Checkpoint((Cursor(source, 1),))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.lists(
        st.builds(
            Cursor,
            st.binary(min_size=1, max_size=20).map(os.fsdecode),
            st.integers(-1, 2**64 - 1),
            st.integers(-1, 2**64 - 1),
            st.integers(0, 2**64 - 1),
        ),
        unique_by=lambda cursor: cursor.source,
    ),
    st.integers(-1, 2**63),
)
def test_any_checkpoint_comes_back(folder: StateFolder, cursors: list[Cursor], output_bytes: int) -> None:
    file = CheckpointFile(folder, TARGET)
    file.path.unlink(missing_ok=True)
    file.save(Checkpoint(tuple(cursors), output_bytes))
    assert again(folder) == Checkpoint(tuple(cursors), output_bytes)


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def flipped(content: bytes) -> bytes:
    return content.replace(b"4711", b"4713")


def other(content: bytes) -> bytes:
    return b'{"cursors": []}' + content[:0]


DAMAGE: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "cut short": (cut, "damaged: it is cut short"),
    "empty": (lambda content: content[:0], "is empty"),
    "zeroes": (lambda content: bytes(len(content)), "damaged"),
    "a record number changed": (flipped, "checksum"),
    "no JSON": (lambda content: b"\x93NUMPY" + content, "no JSON"),
    "bad UTF-8": (lambda content: content.replace(b"Admin", b"Adm\xffn"), "damaged"),
    "deep": (lambda content: b"[" * (100_000 + len(content)), "damaged"),
    "a huge number": (lambda content: content.replace(b"4711", b"1" * 5000), "damaged"),
    "another program's": (other, "no checkpoint of a shipper"),
    "a list": (lambda content: b"[" + content + b"]", "no checkpoint of a shipper"),
    "from the future": (lambda content: content.replace(b'"version": 1', b'"version": 3'), "newer shipper: version 3"),
    "no checksum": (lambda content: content[: content.rindex(b",")] + b"}", "checksum"),
    "words after it": (lambda content: content + b"{}", "damaged"),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_checkpoint_is_an_error_that_says_how_to_begin_anew(folder: StateFolder, kind: str) -> None:
    damage, reason = DAMAGE[kind]
    file = CheckpointFile(folder, TARGET)
    file.save(Checkpoint((HERE,)))
    file.path.write_bytes(damage(file.path.read_bytes()))
    with pytest.raises(StateError, match=reason) as caught:
        again(folder)
    assert caught.value.where == str(file.path)
    assert "--from start, end or a TIME" in caught.value.hint


@pytest.mark.parametrize(
    ("field", "value"), [("record", '"12"'), ("record", "-2"), ("source", "null"), ("anchor", "1.5"), ("extra", "1")]
)
def test_a_value_of_the_wrong_type_is_damage_even_where_the_checksum_fits(
    folder: StateFolder, field: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = CheckpointFile(folder, TARGET)
    file.save(Checkpoint((HERE,)))
    stored = read_stored(file.path)
    assert stored is not None
    line = json.loads(encode_stored(stored))["logs"][0] | {field: json.loads(value)}
    monkeypatch.setattr("shipper.state.stored._line", lambda _log: json.dumps(line))
    file.path.write_bytes(encode_stored(stored))
    with pytest.raises(StateError, match="damaged"):
        again(folder)


def test_every_byte_that_is_changed_is_noticed(folder: StateFolder) -> None:
    file = CheckpointFile(folder, TARGET)
    file.save(Checkpoint((HERE, THERE)))
    whole = file.path.read_bytes()
    for place in range(len(whole) - 4):
        file.path.write_bytes(whole[:place] + bytes((whole[place] ^ 1,)) + whole[place + 1 :])
        with pytest.raises(StateError):
            again(folder)


def test_a_damaged_checkpoint_is_not_overwritten_by_saving(folder: StateFolder) -> None:
    file = CheckpointFile(folder, TARGET)
    file.path.write_bytes(b"precious")
    with pytest.raises(StateError):
        file.save(Checkpoint((HERE,)))
    assert file.path.read_bytes() == b"precious"


def test_set_aside_keeps_the_old_file_and_begins_anew(folder: StateFolder) -> None:
    file = CheckpointFile(folder, TARGET, now=lambda: NOON)
    names = []
    for content in (b"broken", b"again"):
        file.path.write_bytes(content)
        names.append(file.set_aside())
        assert names[-1].read_bytes() == content
    assert [name.name for name in names] == [
        f"{file.path.name}.broken-20261124T120000Z",
        f"{file.path.name}.broken-20261124T120000Z-2",
    ]
    assert file.load() is None
    file.save(Checkpoint((HERE,)))
    assert again(folder) == Checkpoint((HERE,))


def test_a_checkpoint_of_another_sink_is_not_taken_for_ours(folder: StateFolder) -> None:
    file, of_another = CheckpointFile(folder, TARGET), CheckpointFile(folder, "-")
    of_another.save(Checkpoint((HERE,)))
    of_another.path.rename(file.path)
    with pytest.raises(StateError, match="for another sink: -"):
        file.load()


def test_nothing_is_written_without_the_lock(tmp_path: Path) -> None:
    with StateFolder(tmp_path, read_only=True) as folder:
        file = CheckpointFile(folder, TARGET)
        assert file.load() is None
        with pytest.raises(StateError, match="not open for writing"):
            file.save(Checkpoint((HERE,)))
    assert list(tmp_path.iterdir()) == []


def test_a_log_can_be_forgotten(folder: StateFolder) -> None:
    CheckpointFile(folder, TARGET).save(Checkpoint((HERE, THERE), 7))
    assert CheckpointFile(folder, TARGET).forget(HERE.source)
    assert not CheckpointFile(folder, TARGET).forget(HERE.source)
    assert again(folder) == Checkpoint((THERE,), 7)


def test_a_full_disk_leaves_the_old_checkpoint_whole(folder: StateFolder) -> None:
    file = CheckpointFile(folder, TARGET)
    file.save(Checkpoint((HERE,)))
    limits, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with pytest.raises(StateError, match="the checkpoint cannot be written: File too large") as caught:
            file.save(Checkpoint(tuple(Cursor(f"{number}.evtx", 1) for number in range(100))))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert "name another folder" in caught.value.hint
    assert again(folder) == Checkpoint((HERE,))
    assert sorted(path.name for path in folder.path.iterdir()) == [file.path.name, "lock"]
    file.save(Checkpoint((THERE,)))
    assert again(folder) == Checkpoint((HERE, THERE))


def test_content_is_on_the_disk_before_the_name_and_the_name_before_it_returns(
    folder: StateFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def recorded_fsync(descriptor: int) -> None:
        calls.append(f"fsync {Path(f'/proc/self/fd/{descriptor}').readlink().name}")
        fsync(descriptor)

    def recorded_replace(self: Path, target: Path) -> Path:
        calls.append(f"rename {self.name} {target.name}")
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", recorded_fsync)
    monkeypatch.setattr(Path, "replace", recorded_replace)
    file = CheckpointFile(folder, TARGET)
    file.save(Checkpoint((HERE,)))
    name = file.path.name
    assert calls == [f"fsync .{name}.part", f"rename .{name}.part {name}", "fsync state"]


def test_a_part_that_a_crash_left_is_no_obstacle(folder: StateFolder) -> None:
    file = CheckpointFile(folder, TARGET)
    file.path.with_name(f".{file.path.name}.part").write_bytes(b"x" * 10_000)
    file.save(Checkpoint((HERE,)))
    assert again(folder) == Checkpoint((HERE,))
