import os
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from shipper.dead_letters import DeadLetter, DeadLetterFile, Rewriting, read, tally
from shipper.errors import StateError
from shipper.model import Document, Outcome, Problem

Refused = Callable[..., list[tuple[Document, Outcome]]]
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
REPLAYING = """
import sys, time
from pathlib import Path
from shipper.dead_letters import Rewriting
with Rewriting(Path(sys.argv[1])) as rewriting:
    for line in rewriting.lines():
        rewriting.drop(line)
    print("dropped", flush=True)
    time.sleep(60)
"""


def ids(path: Path) -> list[str]:
    return [letter.id for letter in read(path) if isinstance(letter, DeadLetter)]


@pytest.fixture
def file(tmp_path: Path, refused: Refused) -> DeadLetterFile:
    """Return a file of ten letters."""
    file = DeadLetterFile(tmp_path)
    file.keep(refused(10))
    return file


def test_what_is_dropped_is_gone_and_what_is_not_spoken_of_stays_as_it_was(file: DeadLetterFile) -> None:
    before = file.path.read_bytes().splitlines()
    with Rewriting(file.path.parent) as rewriting:
        for number, line in enumerate(rewriting.lines()):
            if number % 3 == 0:
                rewriting.drop(line)
        rewriting.commit()
    assert file.path.read_bytes().splitlines() == [line for number, line in enumerate(before) if number % 3]


def test_a_letter_can_be_replaced(file: DeadLetterFile) -> None:
    with Rewriting(file.path.parent) as rewriting:
        for line in rewriting.lines():
            assert isinstance(line.content, DeadLetter)
            if line.content.id == "id-4":
                again = Outcome("rejected", "other", "new reason", 2)
                rewriting.replace(line, line.content.refused_again(again, NOON))
        rewriting.commit()
    letters = [letter for letter in read(file.path) if isinstance(letter, DeadLetter)]
    changed = letters[4]
    assert [letter.id for letter in letters] == [f"id-{number}" for number in range(10)]
    assert (changed.error_type, changed.reason, changed.attempts) == ("other", "new reason", 3)
    assert changed.time == letters[3].time
    assert changed.replayed == "2026-11-24T12:00:00.000Z"


def test_without_a_commit_nothing_happens(file: DeadLetterFile) -> None:
    before = file.path.read_bytes()
    with Rewriting(file.path.parent) as rewriting:
        for line in rewriting.lines():
            rewriting.drop(line)
    assert file.path.read_bytes() == before
    assert not list(file.path.parent.glob(".*"))


def test_where_nothing_changes_the_file_is_not_touched(file: DeadLetterFile) -> None:
    inode = file.path.stat().st_ino
    with Rewriting(file.path.parent) as rewriting:
        assert len(list(rewriting.lines())) == 10
        rewriting.commit()
    assert file.path.stat().st_ino == inode


def test_letters_that_come_meanwhile_stay(file: DeadLetterFile, refused: Refused) -> None:
    with Rewriting(file.path.parent) as rewriting:
        for number, line in enumerate(rewriting.lines()):
            if number == 5:
                file.keep(refused(2, first=20))
            rewriting.drop(line)
        file.keep(refused(1, first=22))
        rewriting.commit()
        file.keep(refused(1, first=23))
    assert ids(file.path) == ["id-20", "id-21", "id-22", "id-23"]


def test_nothing_is_lost_however_appending_and_replacing_interleave(file: DeadLetterFile, refused: Refused) -> None:
    appended = 200

    def append() -> None:
        for number in range(appended):
            file.keep(refused(1, first=1000 + number))

    thread = threading.Thread(target=append)
    thread.start()
    taken: list[str] = []
    while thread.is_alive():
        with Rewriting(file.path.parent) as rewriting:
            found = []
            for line in rewriting.lines():
                assert isinstance(line.content, DeadLetter)
                found.append(line.content.id)
                rewriting.drop(line)
            rewriting.commit()
        taken += found
    thread.join()
    taken += ids(file.path)
    assert sorted(taken) == sorted([f"id-{n}" for n in range(10)] + [f"id-{1000 + n}" for n in range(appended)])


def test_a_second_replay_is_told_who_is_at_it(file: DeadLetterFile) -> None:
    with (
        Rewriting(file.path.parent),
        pytest.raises(StateError, match=f"a replay is under way already: process {os.getpid()}"),
        Rewriting(file.path.parent),
    ):
        pass


def test_a_replay_that_is_killed_loses_nothing_and_bars_nobody(file: DeadLetterFile, refused: Refused) -> None:
    before = file.path.read_bytes()
    words = [sys.executable, "-c", REPLAYING, str(file.path.parent)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 (this Python)
        assert process.stdout is not None
        assert process.stdout.readline() == "dropped\n"
        process.kill()
    assert file.path.read_bytes() == before
    file.keep(refused(1, first=10))
    with Rewriting(file.path.parent) as rewriting:
        for line in rewriting.lines():
            rewriting.drop(line)
        rewriting.commit()
    assert file.path.read_bytes() == b""
    assert not list(file.path.parent.glob(".*"))


def test_lines_that_are_no_letters_stay_and_are_reported(file: DeadLetterFile) -> None:
    strange = [b"\xff\xfe garbage", b'{"time": 1}', b"[" * 5000, b'{"no": "letter"}']
    lines = file.path.read_bytes().splitlines()
    file.path.write_bytes(b"\n".join(lines[:5] + strange + lines[5:]) + b"\n" + lines[0][:50])
    with Rewriting(file.path.parent) as rewriting:
        problems = []
        for line in rewriting.lines():
            if isinstance(line.content, Problem):
                problems.append(line.content.position.record)
            else:
                rewriting.drop(line)
        rewriting.commit()
    assert problems == [6, 7, 8, 9, 15]
    assert file.path.read_bytes() == b"\n".join(strange) + b"\n" + lines[0][:50]


def test_a_whole_letter_without_its_line_feed_can_be_taken_out(file: DeadLetterFile, refused: Refused) -> None:
    file.path.write_bytes(file.path.read_bytes().removesuffix(b"\n"))
    with Rewriting(file.path.parent) as rewriting:
        for line in rewriting.lines():
            rewriting.drop(line)
        file.keep(refused(1, first=10))
        rewriting.commit()
    assert ids(file.path) == ["id-10"]
    assert tally(file.path).no_letters == 0


def test_a_line_beyond_all_measure_is_passed_over_in_bounded_memory(
    file: DeadLetterFile, refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shipper.dead_letters.reading.MOST_LINE_BYTES", 1000)
    monkeypatch.setattr("shipper.dead_letters.reading._PIECE_BYTES", 64)
    long = b"x" * 5000 + b"\n"
    file.path.write_bytes(file.path.read_bytes() + long)
    file.keep(refused(1, first=10))
    found = list(read(file.path))
    assert len(found) == 12
    assert isinstance(found[10], Problem)
    assert "longer than 1,000 bytes" in found[10].reason
    with Rewriting(file.path.parent) as rewriting:
        for line in rewriting.lines():
            if isinstance(line.content, DeadLetter):
                rewriting.drop(line)
        rewriting.commit()
    assert file.path.read_bytes() == long


def test_the_new_file_is_on_the_disk_before_it_takes_the_name(
    file: DeadLetterFile, monkeypatch: pytest.MonkeyPatch
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
    with Rewriting(file.path.parent) as rewriting:
        rewriting.drop(next(rewriting.lines()))
        rewriting.commit()
    name = file.path.name
    assert calls[-3:] == [f"fsync .{name}.part", f"rename .{name}.part {name}", f"fsync {file.path.parent.name}"]


def test_a_folder_without_letters_stays_as_it_is(tmp_path: Path) -> None:
    with Rewriting(tmp_path / "none") as rewriting:
        assert list(rewriting.lines()) == []
        rewriting.commit()
    assert not (tmp_path / "none").exists()


def test_a_count_says_what_there_is(file: DeadLetterFile, refused: Refused) -> None:
    file.keep(refused(3, "version_conflict_engine_exception", first=10))
    found = tally(file.path)
    assert (found.letters, found.size_bytes, found.no_letters) == (13, file.path.stat().st_size, 0)
    assert found.by_error_type == {"document_parsing_exception": 10, "version_conflict_engine_exception": 3}


def test_kinds_without_number_are_counted_in_bounded_memory(tmp_path: Path, refused: Refused) -> None:
    file = DeadLetterFile(tmp_path)
    file.keep([refused(1, f"kind-{number}")[0] for number in range(1500)])
    found = tally(file.path)
    assert len(found.by_error_type) == 1001
    assert found.by_error_type["(others)"] == 500
