"""What is no event log says so: what it is, where, and what to do."""

import gzip
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from shipper.channels import parse_channels
from shipper.errors import SourceError
from shipper.model import Batch, Unit
from shipper.sources.evtx import EvtxSource

Log = Callable[..., bytes]
Reader = Callable[..., Any]
posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")


def source(*paths: Path | str) -> EvtxSource:
    return EvtxSource(tuple(map(str, paths)), parse_channels("all"))


def batches(of: EvtxSource) -> list[Batch]:
    return [batch for unit in of.plan() for batch in of.read(unit)]


def events(of: EvtxSource) -> int:
    return sum(len(batch.events) for batch in batches(of))


def refusal(*paths: Path | str) -> SourceError:
    with pytest.raises(SourceError) as caught:
        batches(source(*paths))
    assert caught.value.where is not None
    assert caught.value.hint
    assert caught.value.exit_code == 3
    return caught.value


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", "the file is empty"),
        (b"<Events><Event/></Events>", "XML"),
        ("\ufeff<Events/>".encode("utf-16"), "XML"),
        (b'{"winlog": {}}\n', "JSON"),
        (b"Level,Date and Time,Source\n", "text"),
        (b"\x30\x00\x00\x00LfLe\x01\x00\x00\x00", "(.evt)"),
        (gzip.compress(b"ElfFile\x00", mtime=0), "gzip"),
        (b"PK\x03\x04rest", "ZIP"),
        (b"ElfChnk\x00" + bytes(600), "a single chunk"),
        (bytes(70_000), "zeros"),
        (b"\x89PNG\r\n\x1a\n\x00\x01\x02", "something else"),
        (b"ElfFile\x00", "cut off inside its header"),
    ],
)
def test_a_file_that_is_no_event_log_says_what_it_seems_to_be(tmp_path: Path, content: bytes, kind: str) -> None:
    path = tmp_path / "log.evtx"
    path.write_bytes(content)
    error = refusal(path)
    assert error.where == str(path)
    assert kind in error.message


def test_a_log_without_records_is_no_error(log: Log, tmp_path: Path) -> None:
    path = tmp_path / "log.evtx"
    path.write_bytes(log(1)[:4096])
    assert events(source(path)) == 0


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert "no such file" in str(refusal(tmp_path / "none.evtx"))


def test_a_folder_without_logs_says_so(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x")
    assert "no .evtx file" in str(refusal(tmp_path))


def test_a_pattern_that_matches_nothing_says_so(tmp_path: Path) -> None:
    assert "no file matches" in str(refusal(str(tmp_path / "*.evtx")))


@posix
def test_a_broken_link_names_its_target(tmp_path: Path) -> None:
    (tmp_path / "log.evtx").symlink_to(tmp_path / "gone.evtx")
    assert "gone.evtx" in str(refusal(tmp_path / "log.evtx"))


@posix
def test_a_link_to_itself_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "log.evtx").symlink_to(tmp_path / "log.evtx")
    assert "leads back to itself" in str(refusal(tmp_path / "log.evtx"))


@posix
def test_a_fifo_is_refused_without_waiting_for_its_writer(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "log.evtx")
    assert "a FIFO" in str(refusal(tmp_path / "log.evtx"))


@posix
def test_a_socket_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the path of a socket may have 108 bytes only
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("log.evtx")
        assert "a socket" in str(refusal("log.evtx"))


@posix
def test_a_device_is_refused() -> None:
    assert "a device" in str(refusal("/dev/zero"))


@posix
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_says_so(log: Log, tmp_path: Path) -> None:
    path = tmp_path / "log.evtx"
    path.write_bytes(log(1))
    path.chmod(0)
    assert "no permission" in str(refusal(path))


def test_a_folder_s_logs_are_read_by_name_whatever_the_case_of_their_suffix(log: Log, tmp_path: Path) -> None:
    for name in ("b.EVTX", "a.evtx", "c.txt"):
        (tmp_path / name).write_bytes(log(3))
    assert [Path(unit.source).name for unit in source(tmp_path).plan()] == ["a.evtx", "b.EVTX"]


def test_a_pattern_is_expanded(log: Log, tmp_path: Path) -> None:
    for name in ("one.evtx", "two.evtx", "other.evtx"):
        (tmp_path / name).write_bytes(log(3))
    assert events(source(str(tmp_path / "[ot][nw][eo].evtx"))) == 6


def test_a_file_whose_name_looks_like_a_pattern_is_a_file(log: Log, tmp_path: Path) -> None:
    (tmp_path / "log[1].evtx").write_bytes(log(3))
    assert events(source(tmp_path / "log[1].evtx")) == 3


def test_an_input_named_twice_is_read_once(log: Log, tmp_path: Path) -> None:
    (tmp_path / "a.evtx").write_bytes(log(3))
    assert events(source(tmp_path / "a.evtx", tmp_path)) == 3


def test_a_bad_input_among_good_ones_is_a_problem_and_stops_nothing(log: Log, tmp_path: Path) -> None:
    (tmp_path / "good.evtx").write_bytes(log(3))
    (tmp_path / "bad.evtx").write_text("text")
    found = batches(source(tmp_path / "bad.evtx", tmp_path / "none.evtx", tmp_path / "good.evtx"))
    problems = [problem for batch in found for problem in batch.problems]
    assert sum(len(batch.events) for batch in found) == 3
    assert [Path(problem.position.source).name for problem in problems] == ["bad.evtx", "none.evtx"]
    assert all(problem.records == 1 for problem in problems)
    assert "not an event log" in problems[0].reason


def test_inputs_that_are_all_bad_are_an_error(tmp_path: Path) -> None:
    assert "1 more" in str(refusal(tmp_path / "one.evtx", tmp_path / "two.evtx"))


def test_a_log_that_vanishes_after_the_plan_is_an_error(log: Log, tmp_path: Path) -> None:
    path = tmp_path / "log.evtx"
    path.write_bytes(log(3))
    (unit,) = source(path).plan()
    path.unlink()
    with pytest.raises(SourceError, match="no such file"):
        list(source(path).read(unit))


def test_a_log_of_several_that_vanishes_after_the_plan_is_a_problem(log: Log, tmp_path: Path) -> None:
    path = tmp_path / "log.evtx"
    path.write_bytes(log(3))
    both = source(path, tmp_path / "other.evtx")
    (batch,) = both.read(Unit(str(tmp_path / "other.evtx"), (0,)))
    assert "no such file" in batch.problems[0].reason


def test_a_log_that_shrinks_after_the_plan_is_read_to_its_end(log: Log, tmp_path: Path) -> None:
    path = tmp_path / "log.evtx"
    path.write_bytes(log(40))
    (unit,) = source(path).plan()
    path.write_bytes(log(40)[: 4096 + 2 * 65536])
    assert sum(len(batch.events) for batch in source(path).read(unit)) == 20
