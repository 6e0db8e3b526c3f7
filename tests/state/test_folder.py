import multiprocessing
import os
import re
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from shipper.errors import StateError
from shipper.model import Cursor
from shipper.state import Checkpoint, CheckpointFile, StateFolder

HOLDING = """
import sys, time
from pathlib import Path
from shipper.state import StateFolder
with StateFolder(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""
FORKING = """
import multiprocessing, sys, time
from pathlib import Path
from shipper.state import StateFolder
with StateFolder(Path(sys.argv[1])):
    child = multiprocessing.get_context("fork").Process(target=time.sleep, args=(60,))
    child.start()
    print(child.pid, flush=True)
    time.sleep(60)
"""
Start = Callable[[str], subprocess.Popen[str]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Return a function that runs a program over the state folder and returns when it has said a line."""
    running: list[subprocess.Popen[str]] = []

    def run(program: str) -> subprocess.Popen[str]:
        words = [sys.executable, "-c", program, str(tmp_path / "state")]
        process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)  # noqa: S603 (this Python)
        running.append(process)
        return process

    yield run
    for process in running:
        process.kill()
        process.communicate()


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_a_missing_folder_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with StateFolder(tmp_path / "a" / "state") as folder:
            assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700
            assert [stat.S_IMODE(path.stat().st_mode) for path in folder.path.iterdir()] == [0o600]
    finally:
        os.umask(before)


def test_a_second_process_is_told_who_has_the_folder(start: Start, tmp_path: Path) -> None:
    first = start(HOLDING)
    assert said(first) == "held"
    with (
        pytest.raises(StateError, match=rf"is in use by process {first.pid} on .+, since 20") as caught,
        StateFolder(tmp_path / "state"),
    ):
        pass
    assert f"kill {first.pid}" in caught.value.hint
    assert "--state" in caught.value.hint


def test_a_process_that_was_killed_leaves_the_folder_free(start: Start, tmp_path: Path) -> None:
    first = start(HOLDING)
    said(first)
    first.kill()
    with StateFolder(tmp_path / "state") as folder:
        holder = folder.holder()
        assert holder is not None
        assert holder.pid == os.getpid()


def test_children_that_outlive_a_killed_process_do_not_keep_the_folder(start: Start, tmp_path: Path) -> None:
    first = start(FORKING)
    child = int(said(first))
    try:
        first.kill()
        first.wait()
        os.kill(child, 0)
        with StateFolder(tmp_path / "state"):
            pass
    finally:
        os.kill(child, signal.SIGKILL)


def test_a_child_that_ends_leaves_the_folder_to_its_parent(tmp_path: Path) -> None:
    with StateFolder(tmp_path) as folder:
        child = multiprocessing.get_context("fork").Process(target=time.sleep, args=(0,))
        child.start()
        child.join()
        assert folder.writable
        holder = folder.holder()
        assert holder is not None
        assert holder.pid == os.getpid()


def test_the_folder_can_be_looked_at_while_a_shipper_has_it(start: Start, tmp_path: Path) -> None:
    first = start(HOLDING)
    said(first)
    with StateFolder(tmp_path / "state", read_only=True) as folder:
        holder = folder.holder()
    assert holder is not None
    assert re.fullmatch(rf"process {first.pid} on \S+, since \S+Z", str(holder))


def test_looking_makes_nothing(tmp_path: Path) -> None:
    with StateFolder(tmp_path / "state", read_only=True) as folder:
        assert folder.holder() is None
        assert folder.checkpoints() == []
    assert not (tmp_path / "state").exists()


def test_nobody_has_a_folder_that_was_closed(tmp_path: Path) -> None:
    with StateFolder(tmp_path) as folder:
        pass
    assert folder.holder() is None
    assert not folder.writable
    assert (tmp_path / "lock").read_bytes() == b""


def test_the_lock_says_what_it_can_where_its_file_says_nothing(tmp_path: Path) -> None:
    with StateFolder(tmp_path):
        (tmp_path / "lock").write_bytes(b"\xff")
        with pytest.raises(StateError, match="is in use by another process"), StateFolder(tmp_path):
            pass


def test_a_folder_opens_again_and_again(tmp_path: Path) -> None:
    folder = StateFolder(tmp_path)
    for _ in range(3):
        with folder:
            assert folder.writable


def test_checkpoints_are_listed_and_nothing_else(tmp_path: Path) -> None:
    with StateFolder(tmp_path) as folder:
        files = [CheckpointFile(folder, target) for target in ("-", "ndjson:\udcff", "https://es:9200")]
        for file in files:
            file.save(Checkpoint((Cursor("a", 1),)))
        CheckpointFile(folder, "-").set_aside()
        assert folder.checkpoints() == sorted(file.path for file in files[1:])


def test_a_file_in_the_place_of_the_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("")
    with pytest.raises(StateError, match="cannot be used as state folder") as caught, StateFolder(tmp_path / "state"):
        pass
    assert caught.value.where == str(tmp_path / "state")
    assert "a file stands where a folder should be" in caught.value.hint


def test_a_file_above_the_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StateError, match="Not a directory") as caught, StateFolder(tmp_path / "file" / "state"):
        pass
    assert "a file stands where a folder should be" in caught.value.hint


def test_a_link_in_the_place_of_the_lock_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "lock").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StateError) as caught, StateFolder(tmp_path):
        pass
    assert "link" in caught.value.hint
    assert not (tmp_path / "elsewhere").exists()
