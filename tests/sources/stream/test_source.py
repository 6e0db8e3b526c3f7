"""The source as the pipeline sees it: batches, filters, standard input."""

import os
import pickle
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from shipper.channels import parse_channels
from shipper.model import Batch, Event, Foreign
from shipper.sources.stream import StreamSource

Line = Callable[..., bytes]
Element = Callable[..., bytes]
Reader = Callable[..., Any]


def piped(content: bytes, **settings: Any) -> list[Batch]:
    """Read bytes through a real pipe as standard input."""
    reading, writing = os.pipe()

    def write() -> None:
        with os.fdopen(writing, "wb") as file:
            file.write(content)

    threading.Thread(target=write).start()
    source = StreamSource("-", parse_channels("all"), stdin=reading, **settings)
    try:
        return [batch for unit in source.plan() for batch in source.read(unit)]
    finally:
        os.close(reading)


def test_a_source_is_a_value_that_can_be_pickled() -> None:
    source = StreamSource("events.xml", parse_channels("connector"))
    assert pickle.loads(pickle.dumps(source)) == source  # noqa: S301 - our own bytes


def test_a_file_is_one_unit_with_its_size(tmp_path: Path) -> None:
    (tmp_path / "a.ndjson").write_bytes(b"{}\n")
    (unit,) = StreamSource(str(tmp_path / "a.ndjson"), parse_channels("all")).plan()
    assert (unit.source, unit.size_bytes) == (str(tmp_path / "a.ndjson"), 3)


def test_an_absent_file_is_planned_and_refused_on_reading(tmp_path: Path) -> None:
    (unit,) = StreamSource(str(tmp_path / "absent"), parse_channels("all")).plan()
    assert unit.size_bytes == 0


def test_foreign_events_are_counted_and_left_out(read: Reader, line: Line) -> None:
    given = read(line(channel="System") + b"\n" + line() + b"\n" + b'{"no":"event"}\n', "connector")
    assert (given.filtered, len(given.events)) == (2, 1)


def test_channels_are_compared_without_regard_to_case(read: Reader, line: Line) -> None:
    assert len(read(line(channel="MICROSOFT INTUNE CONNECTOR"), "connector").events) == 1


def test_foreign_events_are_handed_through_untouched_and_in_their_place(
    read: Reader, line: Line, element: Element
) -> None:
    lines = [line(), b'{"other":  1.0}', element(channel="System"), line(channel="System") + b"\r", element()]
    given = read(b"\n".join(lines), "connector", others="pass")
    events = [event for batch in given.batches for event in batch.events]
    assert [type(event) for event in events] == [Event, Foreign, Foreign, Foreign, Event]
    assert [event.line for event in events if isinstance(event, Foreign)] == lines[1:4]
    assert given.filtered == 0


def test_batches_hold_so_many_events_at_most_and_keep_the_order(read: Reader, line: Line) -> None:
    given = read(b"\n".join(line(record_id=number) for number in range(2500)))
    assert [event.record_id for event in given.events] == list(range(2500))
    assert max(len(batch.events) for batch in given.batches) == 1000


def test_batches_stand_for_so_many_bytes_at_most_even_where_all_is_filtered(read: Reader, line: Line) -> None:
    content = (line(channel="System") + b"\n") * 20_000
    given = read(content, "connector", batch_bytes=1 << 20)
    assert given.filtered == 20_000
    assert max(batch.size_bytes for batch in given.batches) < (1 << 20) + (1 << 18)


def test_positions_name_the_source_line_and_offset(read: Reader, line: Line, tmp_path: Path) -> None:
    given = read(line() + b"\n" + line() + b"\n")
    second = given.events[1].position
    assert str(second) == f"{tmp_path / 'events.ndjson'}, line 2, offset {len(line()) + 1}"


def test_empty_standard_input_is_done_at_once() -> None:
    assert [batch for batch in piped(b"") if batch.events or batch.problems] == []


def test_standard_input_through_a_pipe_gives_the_same_events_as_a_file(read: Reader, line: Line) -> None:
    content = b"\n".join(line(record_id=number) for number in range(3000))
    given = [event for batch in piped(content) for event in batch.events if isinstance(event, Event)]
    assert [event.data for event in given] == [event.data for event in read(content).events]
    assert [event.position.record for event in given] == list(range(1, 3001))


def test_an_error_of_standard_input_reaches_the_reader() -> None:
    with pytest.raises(Exception, match=r"is an \.evtx log"):
        piped(b"ElfFile\x00" + bytes(4088))


def test_packed_standard_input_is_read(line: Line) -> None:
    import gzip

    assert len([event for batch in piped(gzip.compress(line())) for event in batch.events]) == 1


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reading, writing = os.pipe()
    yield reading, writing
    os.close(reading)


def test_what_was_read_is_handed_on_while_standard_input_is_silent(pipe: tuple[int, int], line: Line) -> None:
    reading, writing = pipe
    source = StreamSource("-", parse_channels("all"), stdin=reading, idle_flush_s=0.05)
    batches = source.read(next(iter(source.plan())))
    os.write(writing, line() + b"\n" + line()[:20])
    began = time.monotonic()
    first = next(batch for batch in batches if batch.events)
    assert len(first.events) == 1
    assert next(batches) == Batch(())
    assert time.monotonic() - began < 2
    os.write(writing, line()[20:] + b"\n")
    os.close(writing)
    assert sum(len(batch.events) for batch in batches) == 1


def test_events_that_trickle_in_do_not_wait_for_a_full_batch(pipe: tuple[int, int], line: Line) -> None:
    reading, writing = pipe
    source = StreamSource("-", parse_channels("all"), stdin=reading, idle_flush_s=0.2)
    batches = source.read(next(iter(source.plan())))

    def trickle() -> None:
        for _ in range(15):
            os.write(writing, line() + b"\n")
            time.sleep(0.04)
        os.close(writing)

    threading.Thread(target=trickle).start()
    sizes = [len(batch.events) for batch in batches if batch.events]
    assert sum(sizes) == 15
    assert len(sizes) > 1


def test_a_reader_that_stops_early_does_not_keep_the_process(line: Line) -> None:
    code = (
        "from shipper.channels import parse_channels\n"
        "from shipper.sources.stream import StreamSource\n"
        "source = StreamSource('-', parse_channels('all'), idle_flush_s=0.05)\n"
        "for batch in source.read(next(source.plan())):\n"
        "    if batch.events: break\n"
        "print(len(batch.events), flush=True)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:  # noqa: S603 - our own code
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(line() + b"\n")
        process.stdin.flush()
        assert process.stdout.readline() == b"1\n"
        assert process.wait(timeout=10) == 0
