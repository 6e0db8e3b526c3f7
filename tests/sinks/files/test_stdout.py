"""Standard output as a sink."""

import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from shipper.errors import SinkError
from shipper.model import INDEXED, Document
from shipper.sinks import Sink
from shipper.sinks.stdout import StdoutSink

Documents = Callable[[int], list[Document]]
Lines = Callable[[int], bytes]
Stamp = Callable[[], bytes]


def test_documents_are_lines_and_are_there_when_write_returns(
    documents: Documents, expected: Lines, stamp: Stamp
) -> None:
    reading, writing = os.pipe()
    with os.fdopen(writing, "wb") as stream:
        sink: Sink = StdoutSink(stream, stamp)
        assert sink.write(documents(3)) == [INDEXED] * 3
        assert os.read(reading, 1 << 16) == expected(3)
    os.close(reading)


def test_an_empty_batch_writes_nothing(stamp: Stamp) -> None:
    stream = io.BytesIO()
    assert StdoutSink(stream, stamp).write([]) == []
    assert stream.getvalue() == b""


def test_a_reader_that_went_away_is_left_to_the_caller(documents: Documents) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    stream = os.fdopen(writing, "wb")
    with pytest.raises(BrokenPipeError):
        StdoutSink(stream).write(documents(1))
    with pytest.raises(BrokenPipeError):
        stream.close()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a full device is a thing of Linux")
def test_a_full_disk_behind_standard_output_is_an_error(documents: Documents) -> None:
    with Path("/dev/full").open("wb", buffering=0) as stream, pytest.raises(SinkError, match="No space left"):
        StdoutSink(stream).write(documents(1))


def test_the_standard_output_of_the_process_is_meant_by_default() -> None:
    code = (
        "from shipper.model import Document, Position\n"
        "from shipper.sinks.stdout import StdoutSink\n"
        "StdoutSink().write([Document('', '', b'{}', -1, Position('-', 1))])\n"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout == b"{}\n"  # noqa: S603 - our own code
