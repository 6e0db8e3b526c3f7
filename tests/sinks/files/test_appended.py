"""A file that a later run goes on with."""

import gzip
import os
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from shipper.errors import SinkError
from shipper.model import Document
from shipper.sinks import UNKNOWN_OUTPUT, ResumableSink
from shipper.sinks.appended import AppendedNdjsonSink

Documents = Callable[[int], list[Document]]
Expected = Callable[[int], bytes]
Stamp = Callable[[], bytes]


def unpacked(path: Path) -> bytes:
    """Return what an ordinary reader of the format makes of the file."""
    if path.suffix == ".gz":
        return gzip.decompress(path.read_bytes())
    if path.suffix == ".zst":
        with path.open("rb") as file:
            return zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True).read()
    return path.read_bytes()


@pytest.mark.parametrize("name", ["out.ndjson", "out.ndjson.gz", "out.ndjson.zst"])
def test_a_later_run_goes_on_where_the_checkpoint_was(
    tmp_path: Path, name: str, documents: Documents, expected: Expected, stamp: Stamp
) -> None:
    path = tmp_path / name
    first = AppendedNdjsonSink(path, UNKNOWN_OUTPUT, stamp)
    first.write(documents(4)[:2])
    known = first.output_bytes
    first.write(documents(4)[2:])
    first.close(complete=False)

    second = AppendedNdjsonSink(path, known, stamp)
    second.write(documents(4)[2:])
    second.sync()
    second.close(complete=True)

    assert unpacked(path) == expected(4)
    assert path.stat().st_size == second.output_bytes


def test_it_is_a_sink_to_resume(tmp_path: Path) -> None:
    sink = AppendedNdjsonSink(tmp_path / "out.ndjson", UNKNOWN_OUTPUT)

    assert isinstance(sink, ResumableSink)
    assert sink.in_flight == 1
    sink.close(complete=True)


def test_a_file_that_no_checkpoint_knows_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "out.ndjson"
    path.write_text("somebody's\n")

    with pytest.raises(SinkError, match="no checkpoint says how much") as caught:
        AppendedNdjsonSink(path, UNKNOWN_OUTPUT)

    assert "name another file" in caught.value.hint
    assert path.read_text() == "somebody's\n"


def test_a_file_shorter_than_the_checkpoint_knows_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "out.ndjson"
    path.write_text("cut\n")

    with pytest.raises(SinkError, match="the checkpoint knows of 5: it was changed since"):
        AppendedNdjsonSink(path, 5)

    assert path.read_text() == "cut\n"


def test_a_file_that_was_moved_away_begins_anew(
    tmp_path: Path, documents: Documents, expected: Expected, stamp: Stamp
) -> None:
    path = tmp_path / "out.ndjson"

    sink = AppendedNdjsonSink(path, 12_345, stamp)
    sink.write(documents(1))
    sink.close(complete=True)

    assert path.read_bytes() == expected(1)


def test_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "out.ndjson"
    AppendedNdjsonSink(path, UNKNOWN_OUTPUT).close(complete=True)

    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(os.name != "posix", reason="flock")
def test_two_writers_do_not_mix(tmp_path: Path) -> None:
    path = tmp_path / "out.ndjson"
    sink = AppendedNdjsonSink(path, UNKNOWN_OUTPUT)

    with pytest.raises(SinkError, match="another process is writing it"):
        AppendedNdjsonSink(path, 0)
    sink.close(complete=True)


def test_a_folder_in_its_place_is_an_error_with_a_next_step(tmp_path: Path) -> None:
    with pytest.raises(SinkError, match="is a folder"):
        AppendedNdjsonSink(tmp_path, UNKNOWN_OUTPUT)
