"""What happens where there is no more room."""

import os
import resource
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from shipper.dead_letters import DeadLetter, DeadLetterFile, Rewriting, read
from shipper.errors import StateError
from shipper.model import Document, Outcome
from shipper.state import StateFolder

Refused = Callable[..., list[tuple[Document, Outcome]]]


def ids(path: Path) -> list[str]:
    return [letter.id for letter in read(path) if isinstance(letter, DeadLetter)]


@contextmanager
def files_no_larger_than(size_bytes: int) -> Iterator[None]:
    limits, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)


def test_what_does_not_fit_is_refused_whole_and_says_so(tmp_path: Path, refused: Refused) -> None:
    DeadLetterFile(tmp_path).keep(refused(3))
    size_bytes = (tmp_path / "dead-letters.ndjson").stat().st_size
    file = DeadLetterFile(tmp_path, size_bytes + size_bytes // 3)

    with pytest.raises(StateError, match=r"the dead letters are full: .*nothing was thrown away") as caught:
        file.keep(refused(2, first=10))
    assert ids(file.path) == ["id-0", "id-1", "id-2"]
    assert "shipper replay" in caught.value.hint
    assert "dead_letters_max_mb" in caught.value.hint

    file.keep(refused(1, first=9))
    assert ids(file.path) == ["id-0", "id-1", "id-2", "id-9"]


def test_the_bound_is_held_to_the_byte(tmp_path: Path, refused: Refused) -> None:
    DeadLetterFile(tmp_path / "one").keep(refused(1))
    size_bytes = (tmp_path / "one" / "dead-letters.ndjson").stat().st_size

    DeadLetterFile(tmp_path / "fits", size_bytes).keep(refused(1))
    with pytest.raises(StateError, match="full"):
        DeadLetterFile(tmp_path / "does not", size_bytes - 1).keep(refused(1))


@pytest.mark.parametrize("room", [1, 100, 200, 300, 500])
def test_a_full_disk_leaves_whole_lines_alone(tmp_path: Path, refused: Refused, room: int) -> None:
    file = DeadLetterFile(tmp_path)
    file.keep(refused(3))
    before = file.path.read_bytes()

    with files_no_larger_than(len(before) + room), pytest.raises(StateError, match="cannot be written") as caught:
        file.keep(refused(3, first=3))

    assert caught.value.where == str(file.path)
    assert file.path.read_bytes() == before
    file.keep(refused(1, first=9))
    assert ids(file.path) == ["id-0", "id-1", "id-2", "id-9"]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Yield a folder on a disk of 64 KB."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount a tmpfs; the test with RLIMIT_FSIZE shows the same")
    place = tmp_path / "disk"
    place.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)]
    if subprocess.run(words, check=False, capture_output=True).returncode:  # noqa: S603 (fixed words)
        pytest.skip("no tmpfs may be mounted here; the test with RLIMIT_FSIZE shows the same")
    yield place
    subprocess.run(["umount", str(place)], check=True)  # noqa: S603, S607 (fixed words)


@pytest.mark.chaos
def test_a_disk_that_is_really_full_loses_no_letter_that_was_kept(small_disk: Path, refused: Refused) -> None:
    file = DeadLetterFile(small_disk)
    kept = iter(range(0, 10_000, 7))

    def fill() -> None:
        for first in kept:
            file.keep(refused(7, first=first))

    with pytest.raises(StateError, match="No space left on device") as caught:
        fill()
    refused_first = next(kept) - 7
    assert "free some space" in caught.value.hint
    assert refused_first > 0
    assert ids(file.path) == [f"id-{number}" for number in range(refused_first)]


@pytest.mark.chaos
def test_letters_can_be_taken_out_on_a_full_disk(small_disk: Path, refused: Refused) -> None:
    file = DeadLetterFile(small_disk)
    file.keep(refused(7))
    (small_disk / "filler").write_bytes(bytes(4096))
    with pytest.raises(OSError, match="No space"):
        (small_disk / "more").write_bytes(bytes(1 << 20))
    with Rewriting(small_disk) as rewriting:
        for line in rewriting.lines():
            rewriting.drop(line)
        rewriting.commit()
    assert file.path.read_bytes() == b""


@pytest.mark.chaos
def test_a_state_folder_on_a_full_disk_is_an_error_at_once(small_disk: Path) -> None:
    with pytest.raises(OSError, match="No space"):
        (small_disk / "filler").write_bytes(bytes(1 << 20))
    with pytest.raises(StateError, match="No space left on device") as caught, StateFolder(small_disk):
        pass
    assert "free some space" in caught.value.hint


@pytest.mark.chaos
def test_a_folder_that_became_read_only_is_named(small_disk: Path, refused: Refused) -> None:
    file = DeadLetterFile(small_disk)
    file.keep(refused(1))
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)  # noqa: S603, S607 (fixed words)
    with pytest.raises(StateError, match="Read-only file system") as caught:
        file.keep(refused(1))
    assert "read-only" in caught.value.hint
    assert ids(file.path) == ["id-0"]
