"""Sinks that cannot be written, streams that are closed or full, and runs that are cut short."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

Log = Callable[[int], Path]
Tell = Callable[..., Any]
Process = subprocess.Popen[bytes]

WITHIN_S = 20
#: More than the pipe, the batch that waits for it and the batch behind that one hold together.
MANY = 6000
COPIES = 12


@pytest.mark.parametrize(
    ("to", "fault", "advice"),
    [
        ("ndjson:", "is a folder", "name a file"),
        ("ndjson:{folder}", "is a folder", "name a file: ndjson:{folder}/events.ndjson"),
        ("ndjson:{folder}/none/x.ndjson", "No such file or directory", "create the folder first"),
        ("ndjson:/dev/null", "is no regular file", "use - for standard output"),
    ],
)
def test_a_file_that_cannot_be_written_is_told_before_anything_is_read(
    tmp_path: Path, tell: Tell, to: str, fault: str, advice: str
) -> None:
    told = tell("ship", "absent.evtx", "--to", to.format(folder=tmp_path))

    assert told.code == 3
    assert fault in told.err
    assert advice.format(folder=tmp_path) in told.err


def test_a_run_that_fails_leaves_the_former_file_as_it_was(tmp_path: Path, tell: Tell) -> None:
    former = tmp_path / "events.ndjson"
    former.write_text("former\n")

    assert tell("ship", tmp_path / "absent.evtx", "--to", f"ndjson:{former}").code == 3

    assert former.read_text() == "former\n"
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["events.ndjson"]


def test_a_folder_that_may_not_be_written_is_told(
    tmp_path: Path, connector_log: Log, like_anybody: tuple[str, ...]
) -> None:
    folder = tmp_path / "read-only"
    folder.mkdir(mode=0o500)
    words = ["ship", str(connector_log(1)), "--to", f"ndjson:{folder / 'x.ndjson'}"]

    ended = subprocess.run(  # noqa: S603 (our own words)
        [*like_anybody, sys.executable, "-m", "shipper", *words],
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=False,
    )

    assert ended.returncode == 3
    assert f"ndjson:{folder}/x.ndjson: cannot be written: Permission denied" in ended.stderr
    assert "name another folder" in ended.stderr


def shell(script: str, log: Path) -> "subprocess.CompletedProcess[str]":
    """Run a script of the shell in which ``$shipper`` and ``$log`` are set."""
    ended = subprocess.run(  # noqa: S603 (our own script)
        ["/bin/sh", "-c", script],
        env={**os.environ, "shipper": f"{sys.executable} -m shipper", "log": str(log)},
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=False,
    )
    assert "Traceback" not in ended.stderr
    assert "Exception ignored" not in ended.stderr
    assert "a fault in the shipper itself" not in ended.stderr
    return ended


@pytest.mark.parametrize("words", ["ship $log", "explain 20102", "explain 20102 --json", "--help", "--version"])
@pytest.mark.parametrize(("to", "fault"), [(">/dev/full", "No space left on device"), (">&-", "Bad file descriptor")])
def test_an_output_that_takes_nothing_is_told(connector_log: Log, words: str, to: str, fault: str) -> None:
    ended = shell(f"$shipper {words} {to}", connector_log(2))

    assert ended.returncode == 3
    assert f"standard output: cannot be written: {fault}" in ended.stderr


@pytest.mark.parametrize("errors", ["2>/dev/full", "2>&-"])
def test_errors_that_nobody_can_read_stop_nothing_and_stay_out_of_the_documents(
    connector_log: Log, errors: str
) -> None:
    log = connector_log(2)

    good = shell(f"$shipper ship $log {errors}", log)
    bad = shell(f"$shipper ship $log.absent --json {errors}", log)

    assert (good.returncode, bad.returncode) == (0, 3)
    assert [json.loads(line)["event"]["code"] for line in good.stdout.splitlines()] == ["20102"] * 2
    assert bad.stdout == ""


def test_a_closed_standard_input_is_told(connector_log: Log) -> None:
    ended = shell("$shipper ship - <&-", connector_log(1))

    assert ended.returncode == 3
    assert "-: cannot be read: Bad file descriptor" in ended.stderr


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["absent.evtx"], 3),
        (["LOG", "--to", "ndjson:/nowhere/x"], 3),
        (["LOG", "--to", "http://127.0.0.1:9"], 3),
        (["LOG", "--to", "kafka:x"], 2),
        (["LOG", "--namespace", "Bad"], 2),
        (["LOG", "--config", "absent.toml"], 2),
        ([], 2),
    ],
    ids=str,
)
def test_the_account_is_the_last_line_of_a_run_that_failed(
    tell: Tell, connector_log: Log, words: list[str], code: int
) -> None:
    told = tell("ship", *(connector_log(2) if word == "LOG" else word for word in words), "--json")

    assert told.code == code
    assert told.account["shipped"] == 0
    assert "  try: " in told.err


def copies(log: Path) -> Path:
    """Return a folder that holds the log under several names: as many units for the processes that decode."""
    folder = log.with_suffix("")
    folder.mkdir()
    for number in range(COPIES):
        (folder / f"{number:02}.evtx").hardlink_to(log)
    return folder


@contextmanager
def blocked(log: Path, *words: str) -> Iterator[Process]:
    """Start shipping to a pipe that nobody reads on, and wait until it is full; end it whatever happens."""
    process = subprocess.Popen(  # noqa: S603 (our own words)
        [sys.executable, "-m", "shipper", "ship", str(log), "--json", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdout is not None
    try:
        process.stdout.readline()
        time.sleep(0.3)
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_signal_to_all_its_processes_delivers_what_was_read_and_ends_with_zero(
    connector_log: Log, number: signal.Signals, workers: str
) -> None:
    """Ctrl-C and a service manager signal the whole group."""
    with blocked(copies(connector_log(MANY)), "--workers", workers) as process:
        os.killpg(process.pid, number)
        out, err = process.communicate(timeout=WITHIN_S)

    account = json.loads(err.splitlines()[-1])
    assert process.returncode == 0, err
    assert err.count(b"stopping") == 1
    assert 1000 <= account["read"] < COPIES * MANY
    assert account["read"] == account["shipped"] == len(out.splitlines()) + 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_second_signal_ends_at_once(connector_log: Log, number: signal.Signals) -> None:
    with blocked(connector_log(MANY)) as process:
        process.send_signal(number)
        time.sleep(0.2)
        assert process.poll() is None
        process.send_signal(number)
        process.wait(WITHIN_S)

    assert process.returncode == 128 + number


def test_a_decoder_that_is_killed_is_told_and_what_was_read_is_delivered(connector_log: Log) -> None:
    with blocked(copies(connector_log(MANY)), "--workers", "2") as process:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        os.kill(int(children[0]), signal.SIGKILL)
        out, err = process.communicate(timeout=WITHIN_S)

    account = json.loads(err.splitlines()[-1])
    assert process.returncode == 3
    assert b"a process that decodes has been killed" in err
    assert 1000 <= account["shipped"] == len(out.splitlines()) + 1
