import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from shipper.dead_letters import DeadLetterFile
from shipper.model import Cursor, Document, Outcome, Position
from shipper.state import Checkpoint, CheckpointFile, StateFolder

Tell = Callable[..., Any]

TARGET = "https://es.example:9200 default"
ADMIN, HOSTILE = "/logs/Admin.evtx", "/logs/\udcff\x1b[2J.evtx"


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """Return a state folder with two logs of one target, one of another, and two dead letters."""
    with StateFolder(tmp_path / "shipper") as folder:
        CheckpointFile(folder, TARGET).save(Checkpoint((Cursor(ADMIN, 4711, 4700, 5), Cursor(HOSTILE, 3))))
        CheckpointFile(folder, "ndjson:/out.ndjson").save(Checkpoint((Cursor(ADMIN, 12),), 8192))
    document = Document("id", "logs-x", b"{}", -1, Position(ADMIN, 7))
    rejected = [Outcome("rejected", kind, "because", 1) for kind in ("document_parsing_exception", "\x1b]0;x\x07")]
    DeadLetterFile(folder.path).keep([(document, outcome) for outcome in rejected])
    return folder.path


def test_it_shows_logs_targets_and_dead_letters(tell: Tell, state: Path) -> None:
    told = tell("state", "--state", state)
    assert told.code == 0
    lines = told.out.splitlines()
    assert lines[0] == f"{state}: not in use"
    assert any(line.startswith(f"{TARGET}: written 20") for line in lines)
    assert any(line.startswith("ndjson:/out.ndjson: ") and line.endswith("8,192 bytes of output") for line in lines)
    assert any(line.split()[::2] == ["4711", ADMIN] for line in lines)
    assert any(line.startswith("2 dead letters, ") for line in lines)
    assert any(line.split() == ["document_parsing_exception", "1"] for line in lines)


def test_text_from_elsewhere_is_harmless(tell: Tell, state: Path) -> None:
    out = tell("state", "--state", state).out
    assert all(line.isprintable() for line in out.splitlines())
    assert r"/logs/\udcff\x1b[2J.evtx" in out
    assert tell("state", "--state", state, "--json").out.isascii()


def test_machines_get_one_object(tell: Tell, state: Path) -> None:
    found = json.loads(tell("state", "--state", state, "--json").out)
    assert found["holder"] is None
    assert {one["target"]: len(one["logs"]) for one in found["checkpoints"]} == {TARGET: 2, "ndjson:/out.ndjson": 1}
    cursor = next(one for one in found["checkpoints"] if one["target"] == TARGET)["logs"][0]["cursor"]
    assert cursor == {"source": ADMIN, "record": 4711, "anchor": 4700, "fingerprint": 5}
    assert found["dead_letters"]["letters"] == 2
    assert found["damaged"] == found["set_aside"] == []


def test_nothing_there_is_no_fault(tell: Tell, tmp_path: Path) -> None:
    told = tell("state", "--state", tmp_path / "none")
    assert told.code == 0
    assert "nothing is remembered of any log" in told.out
    assert "no dead letters" in told.out
    assert not (tmp_path / "none").exists()


def test_it_looks_beside_a_running_shipper_and_names_it(tell: Tell, state: Path) -> None:
    with StateFolder(state):
        told = tell("state", "--state", state)
        assert told.code == 0
        assert f"in use by process {os.getpid()} on " in told.out
        assert json.loads(tell("state", "--state", state, "--json").out)["holder"]["pid"] == os.getpid()


def test_a_log_is_forgotten_for_every_target(tell: Tell, state: Path) -> None:
    told = tell("state", "--state", state, "--forget", ADMIN)
    assert told.code == 0
    assert ADMIN not in told.out
    with StateFolder(state) as folder:
        assert CheckpointFile(folder, TARGET).load() == Checkpoint((Cursor(HOSTILE, 3),))
        assert CheckpointFile(folder, "ndjson:/out.ndjson").load() == Checkpoint((), 8192)


def test_a_log_can_be_named_as_it_is_shown(tell: Tell, state: Path) -> None:
    assert tell("state", "--state", state, "--forget", r"/logs/\udcff\x1b[2J.evtx").code == 0
    with StateFolder(state) as folder:
        assert CheckpointFile(folder, TARGET).load() == Checkpoint((Cursor(ADMIN, 4711, 4700, 5),))


def test_a_log_that_is_not_remembered_is_a_slip(tell: Tell, state: Path) -> None:
    told = tell("state", "--state", state, "--forget", "/logs/Admim.evtx")
    assert told.code == 2
    assert f"did you mean {ADMIN}" in told.err


def test_everything_but_the_dead_letters_can_be_forgotten(tell: Tell, state: Path) -> None:
    (state / "checkpoint-broken-00000000.json").write_text("broken")
    told = tell("state", "--state", state, "--forget-all")
    assert told.code == 0
    assert "nothing is remembered of any log" in told.out
    assert "2 dead letters" in told.out


@pytest.mark.parametrize("words", [("--forget", ADMIN), ("--forget-all",)])
def test_nothing_is_forgotten_while_a_shipper_runs(tell: Tell, state: Path, words: tuple[str, ...]) -> None:
    with StateFolder(state) as folder:
        told = tell("state", "--state", state, *words)
        assert told.code == 3
        assert f"is in use by process {os.getpid()}" in told.err
        assert len(folder.checkpoints()) == 2


@pytest.mark.parametrize("words", [("--forget", ADMIN), ("--forget-all",)])
def test_forgetting_makes_no_folder(tell: Tell, tmp_path: Path, words: tuple[str, ...]) -> None:
    assert tell("state", "--state", tmp_path / "none", *words).code == (2 if "--forget" in words else 0)
    assert not (tmp_path / "none").exists()


def test_a_damaged_checkpoint_is_shown_beside_the_good_ones(tell: Tell, state: Path) -> None:
    with StateFolder(state) as folder:
        damaged, good = folder.checkpoints()
        damaged.write_bytes(damaged.read_bytes()[:100])
    told = tell("state", "--state", state)
    assert told.code == 1
    assert f"{damaged}: the checkpoint is damaged" in told.out
    assert "--from start, end or a TIME" in told.out
    found = json.loads(tell("state", "--state", state, "--json").out)
    assert [one["path"] for one in found["damaged"]] == [str(damaged)]
    assert len(found["checkpoints"]) == 1
    assert good.exists()


def test_what_was_set_aside_is_named(tell: Tell, state: Path) -> None:
    with StateFolder(state) as folder:
        aside = CheckpointFile(folder, TARGET).set_aside()
    assert f"set aside: {aside}" in tell("state", "--state", state).out


@pytest.fixture
def anybody(like_anybody: tuple[str, ...]) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Return a function that runs the command as somebody whom permissions bind."""

    def run(*words: object) -> subprocess.CompletedProcess[str]:
        line = [*like_anybody, sys.executable, "-m", "shipper", "state", *map(str, words)]
        return subprocess.run(line, check=False, capture_output=True, text=True)  # noqa: S603 (this Python)

    return run


def test_a_folder_that_may_not_be_entered_is_named(
    anybody: Callable[..., subprocess.CompletedProcess[str]], state: Path
) -> None:
    state.chmod(0)
    try:
        told = anybody("--state", state)
    finally:
        state.chmod(0o700)
    assert told.returncode == 3
    assert f"{state}: cannot be read: Permission denied" in told.stderr
    assert "chown" in told.stderr


def test_a_folder_that_may_not_be_written_is_named(
    anybody: Callable[..., subprocess.CompletedProcess[str]], state: Path
) -> None:
    (state / "lock").unlink()
    state.chmod(0o500)
    try:
        told = anybody("--state", state, "--forget-all")
    finally:
        state.chmod(0o700)
    assert told.returncode == 3
    assert f"{state}: cannot be used as state folder: Permission denied" in told.stderr


@pytest.fixture
def read_only(state: Path) -> Iterator[Path]:
    """Yield the folder as seen through a file system that is read-only."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount")
    if subprocess.run(["mount", "--bind", state, state], check=False, capture_output=True).returncode:  # noqa: S603, S607 (fixed words)
        pytest.skip("nothing may be mounted here")
    subprocess.run(["mount", "-o", "remount,bind,ro", state], check=True)  # noqa: S603, S607 (fixed words)
    yield state
    subprocess.run(["umount", state], check=True)  # noqa: S603, S607 (fixed words)


def test_a_read_only_file_system_can_be_looked_at_and_says_so(tell: Tell, read_only: Path) -> None:
    assert tell("state", "--state", read_only).code == 0
    told = tell("state", "--state", read_only, "--forget-all")
    assert told.code == 3
    assert "cannot be used as state folder: Read-only file system" in told.err
    assert "the file system is read-only" in told.err
