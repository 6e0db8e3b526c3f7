"""What clumsy and hostile inputs get: each is told what, where and what to try, and the good ones beside it ship."""

import gzip
import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from shipper.testing.evtx_writer import flip_bit

Log = Callable[[int], Path]
Tell = Callable[..., Any]

TEXT = b"Some notes about the connector\n" * 40
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
WITHIN_S = 20

#: Name and content of what is handed over by mistake, what it is called, and what to try.
NO_LOGS = [
    ("notes.evtx", TEXT, "seems to be text", "Save All Events As"),
    ("notes.txt", TEXT, "holds no events", "Winlogbeat"),
    ("logs.evtx", b"PK\x03\x04" + bytes(200), "a ZIP archive", "unpack it first"),
    ("logs.zip", b"PK\x03\x04" + bytes(200), "a ZIP archive", "unpack it first"),
    ("log.evtx", gzip.compress(TEXT), "compressed with gzip", "gunzip"),
    ("notes.ndjson.gz", gzip.compress(TEXT), "holds no events", "Winlogbeat"),
    ("old.evt", b"\x30\0\0\0LfLe" + bytes(500), "Windows XP or 2003", "save it as .evtx"),
    ("old.evtx", b"\x30\0\0\0LfLe" + bytes(500), "Windows XP or 2003", "save it as .evtx"),
    ("export.evtx", b"<Events><Event/></Events>", "seems to be XML", ".xml"),
    ("winlogbeat.evtx", b'{"winlog": {}}\n', "seems to be JSON", ".ndjson"),
    ("array.json", b'[{"winlog": {}}]', "a JSON array", "jq"),
    ("picture.png", PNG, "holds no events", "Winlogbeat"),
    ("picture.evtx", PNG, "not an event log", "Save All Events As"),
    ("zeros.evtx", bytes(70_000), "nothing but zeros", "copy the log again"),
    ("cut.evtx", b"ElfFile\0" + bytes(50), "cut off inside its header", "again"),
    ("empty.evtx", b"", "empty", "export the log again"),
    ("empty.ndjson", b"", "empty", "export"),
    ("blank.ndjson", b" \n\n", "nothing but white space", "Winlogbeat"),
]


@pytest.mark.parametrize("row", NO_LOGS, ids=[row[0] for row in NO_LOGS])
def test_what_is_no_log_is_called_by_its_name(tmp_path: Path, tell: Tell, row: tuple[str, bytes, str, str]) -> None:
    name, content, kind, advice = row
    path = tmp_path / name
    path.write_bytes(content)

    told = tell("ship", path)

    assert told.code == 3
    assert f"{path}: " in told.err
    assert kind in told.err
    assert advice in told.err.partition("  try: ")[2]
    assert told.out == ""


def broken_link(folder: Path) -> Path:
    (folder / "link.evtx").symlink_to("nowhere")
    return folder / "link.evtx"


def broken_link_to_lines(folder: Path) -> Path:
    (folder / "link.ndjson").symlink_to("nowhere")
    return folder / "link.ndjson"


def loop(folder: Path) -> Path:
    (folder / "loop.evtx").symlink_to("loop.evtx")
    return folder / "loop.evtx"


def fifo(folder: Path) -> Path:
    os.mkfifo(folder / "pipe.evtx")
    return folder / "pipe.evtx"


def fifo_of_lines(folder: Path) -> Path:
    os.mkfifo(folder / "pipe.ndjson")
    return folder / "pipe.ndjson"


def folder_without_logs(folder: Path) -> Path:
    (folder / "none").mkdir()
    (folder / "none" / "notes.txt").write_bytes(TEXT)
    return folder / "none"


def below_a_file(folder: Path) -> Path:
    (folder / "file").write_bytes(TEXT)
    return folder / "file" / "log.evtx"


PLACES = [
    (broken_link, "link"),
    (broken_link_to_lines, "link"),
    (loop, "leads back to itself"),
    (fifo, "a FIFO"),
    (fifo_of_lines, "a FIFO"),
    (folder_without_logs, "no .evtx file"),
    (below_a_file, "Not a directory"),
    (lambda _: Path("/dev/zero"), "a device"),
    (lambda _: Path("/dev/null"), "a device"),
    (lambda folder: folder / "absent.evtx", "no such file"),
    (lambda folder: folder / "absent.ndjson", "no such file"),
    (lambda folder: folder / "*.evtx", "no file matches"),
]


@pytest.mark.parametrize(("make", "fault"), PLACES)
def test_a_place_that_holds_no_log_is_named_and_never_waited_for(
    tmp_path: Path, tell: Tell, make: Callable[[Path], Path], fault: str
) -> None:
    path = make(tmp_path)

    told = tell("ship", path)

    assert told.code == 3
    assert f"shipper: {path}: " in told.err
    assert fault in told.err
    assert "  try: " in told.err


def test_an_input_without_a_name_is_bad_usage_and_not_the_working_folder(
    tmp_path: Path, tell: Tell, connector_log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    connector_log(1)
    monkeypatch.chdir(tmp_path)

    told = tell("ship", "")

    assert told.code == 2
    assert told.out == ""


def run(words: list[str], prefix: tuple[str, ...] = (), **options: Any) -> "subprocess.CompletedProcess[str]":
    command = [*prefix, sys.executable, "-m", "shipper", *words]
    ended = subprocess.run(  # noqa: S603 (our own words)
        command, capture_output=True, text=True, timeout=WITHIN_S, check=False, errors="replace", **options
    )
    assert "Traceback" not in ended.stderr
    assert "a fault in the shipper itself" not in ended.stderr
    return ended


@pytest.mark.parametrize("name", ["log.evtx", "log.ndjson", "folder"])
def test_what_may_not_be_read_says_so_and_who_may(
    tmp_path: Path, connector_log: Log, like_anybody: tuple[str, ...], name: str
) -> None:
    path = tmp_path / name
    path.mkdir() if name == "folder" else path.write_bytes(connector_log(1).read_bytes())
    path.chmod(0o300 if name == "folder" else 0)

    ended = run(["ship", str(path)], like_anybody)

    path.chmod(stat.S_IRWXU)
    assert ended.returncode == 3
    assert f"{path}: no permission" in ended.stderr
    assert "Event Log Readers" in ended.stderr


def test_one_log_that_may_not_be_read_does_not_hold_up_the_other(
    tmp_path: Path, connector_log: Log, like_anybody: tuple[str, ...]
) -> None:
    good, locked = connector_log(3), tmp_path / "locked.evtx"
    locked.write_bytes(good.read_bytes())
    locked.chmod(0)

    ended = run(["ship", str(locked), str(good)], like_anybody)

    assert ended.returncode == 1
    assert len(ended.stdout.splitlines()) == 3
    assert f"{locked}: no permission" in ended.stderr


LINE = {
    "@timestamp": "2026-11-24T01:00:00.000Z",
    "winlog": {
        "channel": "Microsoft Intune Connector",
        "provider_name": "Microsoft Intune Connector",
        "event_id": "20102",
        "record_id": 7,
        "computer_name": "pki01.corp.example",
    },
    "message": "synthetic",
}


@pytest.mark.parametrize("workers", [1, 2])
def test_the_bad_ones_among_several_inputs_are_named_and_the_good_ones_ship(
    tmp_path: Path, tell: Tell, connector_log: Log, workers: int
) -> None:
    good, lines = connector_log(3), tmp_path / "good.ndjson"
    lines.write_text(json.dumps(LINE) + "\n")
    (tmp_path / "notes.evtx").write_bytes(TEXT)
    (tmp_path / "notes.txt").write_bytes(TEXT)
    bad = [tmp_path / "notes.evtx", folder_without_logs(tmp_path), tmp_path / "notes.txt", fifo_of_lines(tmp_path)]

    told = tell("ship", bad[0], bad[1], good, bad[2], bad[3], lines, "--workers", workers, "--json")

    assert told.code == 1
    assert told.account["shipped"] == len(told.out.splitlines()) == 4
    problems = [json.loads(line)["problem"] for line in told.err.splitlines()[:-1]]
    assert sorted(problem["position"]["source"] for problem in problems) == sorted(map(str, bad))


def test_a_bad_log_does_not_hold_up_a_good_stream(tmp_path: Path, tell: Tell) -> None:
    lines = tmp_path / "good.ndjson"
    lines.write_text(json.dumps(LINE) + "\n")

    told = tell("ship", folder_without_logs(tmp_path), lines)

    assert told.code == 1
    assert len(told.out.splitlines()) == 1
    assert "no .evtx file in this folder" in told.err


def test_the_same_log_named_twice_is_read_once(tell: Tell, connector_log: Log) -> None:
    log = connector_log(3)

    told = tell("ship", log, log, "--json")

    assert told.account["read"] == 3


@pytest.mark.parametrize("by", ["names", "folder"])
def test_a_log_that_vanishes_before_it_is_read_is_told_and_the_others_ship(
    tmp_path: Path, connector_log: Log, by: str
) -> None:
    """The first log fills the pipe, so that the second is removed after it was planned and before it is read."""
    folder = tmp_path / "logs"
    folder.mkdir()
    first, second = folder / "a.evtx", folder / "b.evtx"
    connector_log(5000).rename(first)
    connector_log(1).rename(second)
    process = subprocess.Popen(  # noqa: S603 (our own words)
        [sys.executable, "-m", "shipper", "ship", *([first, second] if by == "names" else [folder]), "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    process.stdout.readline()
    second.unlink()
    out, err = process.communicate(timeout=WITHIN_S)

    problem, account = (json.loads(line) for line in err.splitlines())
    assert process.returncode == 1
    assert len(out.splitlines()) == 4999
    assert account["shipped"] == 5000
    assert problem["problem"]["position"]["source"] == str(second)
    assert "no such file" in problem["problem"]["reason"]


@pytest.mark.parametrize("name", ["esc\x1b[31m\x1b]0;owned\x07.evtx", "line\nfeed.evtx", "bidi\u202e.evtx"])
def test_a_file_name_cannot_command_the_terminal(tmp_path: Path, tell: Tell, name: str) -> None:
    """The fixture looks at every line; here it is made sure that there is one."""
    path = tmp_path / name
    path.write_bytes(TEXT)

    for words in (["ship", path], ["ship", path, "--json"], ["ship", path, path.with_name("absent"), "--json"]):
        assert ".evtx: not an event log" in tell(*words).err


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_file_name_that_is_no_utf_8_ships_and_is_told_of(tmp_path: Path, connector_log: Log, workers: str) -> None:
    damaged = os.fsdecode(os.fsencode(tmp_path) + b"/damaged\xff.evtx")
    Path(damaged).write_bytes(flip_bit(connector_log(9).read_bytes(), 4))

    ended = run(["ship", damaged, "--json", "--workers", workers])

    assert ended.returncode == 1
    assert len(ended.stdout.splitlines()) == 8
    assert json.loads(ended.stderr.splitlines()[0])["problem"]["position"]["source"].endswith("damaged\\udcff.evtx")


@pytest.mark.parametrize("flags", [[], ["--json"]])
def test_what_stands_in_a_stream_cannot_command_the_terminal(tmp_path: Path, tell: Tell, flags: list[str]) -> None:
    hostile = "\x1b]0;owned\x07\x9b31m\u202e no JSON \x7f"
    path = tmp_path / "hostile.ndjson"
    path.write_text("\n".join((json.dumps(LINE), hostile, json.dumps(LINE)[:-1] + hostile, json.dumps(LINE))) + "\n")

    told = tell("ship", path, *flags)

    assert told.code == 1
    assert "line 2" in told.err or '"record":2' in told.err
    assert len(told.out.splitlines()) == 2


@pytest.mark.parametrize("word", ["20102\x1b[31m", "\x1b]0;owned\x07", "\u202e0zz", "a\nb", "\x9b31m", ""])
@pytest.mark.parametrize("flags", [[], ["--json"]])
def test_a_word_to_explain_cannot_command_the_terminal(tell: Tell, word: str, flags: list[str]) -> None:
    told = tell("explain", *flags, "--", word)

    assert told.code == 2
    assert "unknown: " in told.err
    assert "  try: " in told.err
    assert all(line.isprintable() for line in told.out.splitlines())


def test_a_known_code_with_an_override_of_direction_shows_it_as_its_number(tell: Tell) -> None:
    told = tell("explain", "0x411\u202e")

    assert told.out.startswith("0x411\\u202e  =  0x00000411")


def test_a_known_word_among_unknown_ones_is_explained(tell: Tell) -> None:
    told = tell("explain", "20102", "0xzz")

    assert told.code == 2
    assert "PkcsCertIssue_Failure" in told.out
    assert "unknown: 0xzz" in told.err
