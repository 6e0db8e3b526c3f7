"""The file sink: whole or not there."""

import errno
import gzip
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from shipper.errors import SinkError
from shipper.model import INDEXED, Document, Position
from shipper.sinks import Sink
from shipper.sinks.ndjson import NdjsonSink

Documents = Callable[[int], list[Document]]
Lines = Callable[[int], bytes]
Stamp = Callable[[], bytes]


def test_the_file_appears_only_when_it_is_whole(
    tmp_path: Path, documents: Documents, expected: Lines, stamp: Stamp
) -> None:
    path = tmp_path / "out.ndjson"
    sink: Sink = NdjsonSink(path, stamp)
    assert sink.write(documents(3)) == [INDEXED] * 3
    assert not path.exists()
    sink.close(complete=True)
    assert path.read_bytes() == expected(3)
    assert [file.name for file in tmp_path.iterdir()] == ["out.ndjson"]


def unpacked(path: Path) -> bytes:
    """Return what a file holds; ``.part`` behind the suffix is passed over."""
    suffix = Path(path.name.removesuffix(".part")).suffix
    content = path.read_bytes()
    if suffix == ".gz":
        return gzip.decompress(content)
    return zstandard.ZstdDecompressor().stream_reader(content).read() if suffix == ".zst" else content


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_the_suffix_says_how_it_is_packed(
    tmp_path: Path, documents: Documents, expected: Lines, stamp: Stamp, suffix: str
) -> None:
    path = tmp_path / f"out.ndjson{suffix}"
    sink = NdjsonSink(path, stamp)
    sink.write(documents(2000))
    sink.close(complete=True)
    assert unpacked(path) == expected(2000)
    assert path.stat().st_size < len(expected(2000)) / 5


def test_an_existing_file_stands_until_it_is_replaced(
    tmp_path: Path, documents: Documents, expected: Lines, stamp: Stamp
) -> None:
    path = tmp_path / "out.ndjson"
    path.write_text("former\n")
    sink = NdjsonSink(path, stamp)
    sink.write(documents(1))
    assert path.read_text() == "former\n"
    sink.close(complete=True)
    assert path.read_bytes() == expected(1)


def test_the_target_of_a_link_is_replaced_and_the_link_stays(
    tmp_path: Path, documents: Documents, expected: Lines, stamp: Stamp
) -> None:
    (tmp_path / "real").mkdir()
    link = tmp_path / "out.ndjson"
    link.symlink_to(tmp_path / "real" / "out.ndjson")
    sink = NdjsonSink(link, stamp)
    sink.write(documents(1))
    sink.close(complete=True)
    assert link.is_symlink()
    assert (tmp_path / "real" / "out.ndjson").read_bytes() == expected(1)


def test_files_are_for_their_owner_alone(tmp_path: Path, documents: Documents) -> None:
    sink = NdjsonSink(tmp_path / "out.ndjson")
    sink.write(documents(1))
    sink.close(complete=True)
    assert stat.S_IMODE((tmp_path / "out.ndjson").stat().st_mode) == 0o600


@pytest.mark.parametrize("suffix", ["", ".gz", ".zst"])
def test_an_unfinished_run_leaves_the_part_readable(
    tmp_path: Path, documents: Documents, expected: Lines, stamp: Stamp, suffix: str
) -> None:
    sink = NdjsonSink(tmp_path / f"out.ndjson{suffix}", stamp)
    sink.write(documents(2))
    sink.close(complete=False)
    (part,) = tmp_path.iterdir()
    assert part.name == f".out.ndjson{suffix}.part"
    assert unpacked(part) == expected(2)


def test_an_unfinished_run_that_wrote_nothing_leaves_nothing(tmp_path: Path) -> None:
    NdjsonSink(tmp_path / "out.ndjson").close(complete=False)
    assert list(tmp_path.iterdir()) == []


def test_a_finished_run_without_events_leaves_an_empty_file(tmp_path: Path) -> None:
    NdjsonSink(tmp_path / "out.ndjson").close(complete=True)
    assert (tmp_path / "out.ndjson").read_bytes() == b""


def test_the_part_of_a_former_run_is_written_over(
    tmp_path: Path, documents: Documents, expected: Lines, stamp: Stamp
) -> None:
    (tmp_path / ".out.ndjson.part").write_text("left behind " * 100)
    sink = NdjsonSink(tmp_path / "out.ndjson", stamp)
    sink.write(documents(1))
    sink.close(complete=True)
    assert (tmp_path / "out.ndjson").read_bytes() == expected(1)


def test_two_runs_at_once_do_not_write_the_same_file(tmp_path: Path) -> None:
    first = NdjsonSink(tmp_path / "out.ndjson")
    with pytest.raises(SinkError, match="another process is writing it"):
        NdjsonSink(tmp_path / "out.ndjson")
    first.close(complete=True)


def test_closing_twice_is_closing_once(tmp_path: Path) -> None:
    sink = NdjsonSink(tmp_path / "out.ndjson")
    sink.close(complete=True)
    sink.close(complete=True)
    assert (tmp_path / "out.ndjson").exists()


def test_each_batch_has_a_stamp_of_its_own(tmp_path: Path, documents: Documents) -> None:
    stamps = iter([b"2026-11-24T09:30:00.000Z", b"2026-11-24T09:30:01.000Z"])
    sink = NdjsonSink(tmp_path / "out.ndjson", lambda: next(stamps))
    sink.write(documents(2))
    sink.write(documents(1))
    sink.close(complete=True)
    assert (tmp_path / "out.ndjson").read_bytes().count(b"09:30:00.000Z") == 2


def test_a_foreign_line_passes_untouched(tmp_path: Path) -> None:
    sink = NdjsonSink(tmp_path / "out.ndjson")
    sink.write([Document("", "", b'{"other":  1.0}', -1, Position("-", 1))])
    sink.close(complete=True)
    assert (tmp_path / "out.ndjson").read_bytes() == b'{"other":  1.0}\n'


def test_a_folder_as_target_is_refused_with_a_name_to_use(tmp_path: Path) -> None:
    with pytest.raises(SinkError, match="is a folder") as refused:
        NdjsonSink(tmp_path)
    assert "events.ndjson" in refused.value.hint


def test_a_missing_folder_is_named_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(SinkError, match="No such file or directory") as refused:
        NdjsonSink(tmp_path / "absent" / "out.ndjson")
    assert refused.value.hint == "create the folder first"


def test_a_file_in_place_of_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SinkError, match="Not a directory"):
        NdjsonSink(tmp_path / "file" / "out.ndjson")


@pytest.mark.skipif(not Path("/dev/null").is_char_device(), reason="devices are files on POSIX")
def test_a_device_is_never_replaced() -> None:
    with pytest.raises(SinkError, match="no regular file") as refused:
        NdjsonSink(Path("/dev/null"))
    assert refused.value.hint == "use - for standard output"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(SinkError, match="Permission denied"):
        NdjsonSink(tmp_path / "out.ndjson")


def fill(sink: NdjsonSink) -> None:
    for _ in range(100):
        sink.write([Document("i", "d", os.urandom(50_000).hex().encode(), -1, Position("a", 1))])


@pytest.mark.parametrize("suffix", ["", ".gz", ".zst"])
def test_a_full_disk_is_an_error_with_a_hint_that_names_the_part(tmp_path: Path, suffix: str) -> None:
    resource = pytest.importorskip("resource", reason="limits are a thing of POSIX")
    import signal

    path = tmp_path / f"out.ndjson{suffix}"
    sink = NdjsonSink(path)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, limits[1]))
        with pytest.raises(SinkError, match=r"cannot be written: .*\.part") as full:
            fill(sink)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert full.value.__cause__ is not None
    assert full.value.hint
    sink.close(complete=False)
    assert not path.exists()
    assert (tmp_path / f".out.ndjson{suffix}.part").stat().st_size > 0


def test_every_fault_that_a_disk_can_have_has_a_hint() -> None:
    from shipper.sinks.ndjson import _HINTS

    assert {errno.ENOSPC, errno.EROFS, errno.EDQUOT, errno.EACCES} <= set(_HINTS)
