"""A growing log reads back whole at every moment, and its writer knows what is in it."""

import os
import struct
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from time import process_time
from xml.etree.ElementTree import Element

import pytest

from shipper.testing.evtx_writer import (
    CHUNK_BYTES,
    FILE_HEADER_BYTES,
    LAZY,
    EventSpec,
    GrowingLog,
    HalfWritten,
    Lazy,
    build_log,
    chunk_data_crc,
    file_header_crc,
)

Read = Callable[[Path], list[tuple[int, Element]]]
Make = Callable[..., EventSpec]
ARCHIVED = datetime(2026, 11, 24, 9, 30, 0, 123456, tzinfo=UTC)
PARTS: tuple[HalfWritten, ...] = ("head", "edges", "tail", "nothing")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "Live.evtx"


@pytest.fixture
def numbers(read: Read) -> Callable[[Path], list[int]]:
    """Return a function that reads the record numbers of a log, and holds each record to the text that it was given."""

    def read_numbers(path: Path) -> list[int]:
        records = read(path)
        assert all(root.findtext("EventData/Data") == f"event {number}" for number, root in records)
        return sorted(number for number, _ in records)

    return read_numbers


@pytest.fixture
def events(event: Make) -> Callable[[int, int], Iterator[EventSpec]]:
    """Return a maker of ``count`` events from number ``first`` on, each with its number in its text."""
    return lambda first, count: (event(data=((None, f"event {number}"),)) for number in range(first, first + count))


Events = Callable[[int, int], Iterator[EventSpec]]
Numbers = Callable[[Path], list[int]]


def test_every_append_is_read_back_while_the_log_is_open(numbers: Numbers, events: Events, path: Path) -> None:
    with GrowingLog(path, records_per_chunk=7) as log:
        for first, count in ((1, 1), (2, 5), (7, 9)):
            assert log.append(events(first, count)) == range(first, first + count)
            assert numbers(path) == [*log.on_disk] == [*range(1, first + count)]


@pytest.mark.parametrize("reader", ["rust"])
def test_chunks_fill_up_and_others_follow(numbers: Numbers, events: Events, path: Path) -> None:
    with GrowingLog(path, allocate=4) as log:
        log.append(events(1, 1000))
        assert numbers(path) == [*range(1, 1001)]
    assert path.stat().st_size % CHUNK_BYTES == FILE_HEADER_BYTES
    assert (path.stat().st_size // CHUNK_BYTES) % 4 == 0


def test_a_log_that_was_closed_has_the_bytes_of_one_written_at_once(events: Events, path: Path) -> None:
    with GrowingLog(path, lazy=LAZY) as log:
        for first in range(1, 1001, 10):
            log.append(events(first, 10))
    assert path.read_bytes() == build_log(events(1, 1000))


@pytest.mark.parametrize("reader", ["rust"])
def test_a_circular_log_goes_on_in_the_slot_of_its_oldest_chunk(numbers: Numbers, events: Events, path: Path) -> None:
    with GrowingLog(path, max_chunks=3, records_per_chunk=4) as log:
        log.append(events(1, 14))
        inode, size = path.stat().st_ino, path.stat().st_size
        assert numbers(path) == [*log.on_disk] == [*range(5, 15)]
        log.append(events(15, 11))
        assert numbers(path) == [*log.on_disk] == [*range(17, 26)]
        assert (path.stat().st_ino, path.stat().st_size) == (inode, size)


def test_a_slot_that_is_used_again_keeps_old_bytes_behind_its_records(events: Events, path: Path) -> None:
    with GrowingLog(path, max_chunks=1, records_per_chunk=3) as log:
        log.append(events(1, 4))
    log_bytes = path.read_bytes()
    assert "event 4".encode("utf-16-le") in log_bytes
    assert "event 1".encode("utf-16-le") not in log_bytes
    assert "event 3".encode("utf-16-le") in log_bytes


def test_a_full_log_is_archived_under_the_name_that_windows_gives(numbers: Numbers, events: Events, path: Path) -> None:
    with GrowingLog(path, max_chunks=2, records_per_chunk=3, archive=True, clock=lambda: ARCHIVED) as log:
        log.append(events(1, 14))
        assert [(archive.name, records) for archive, records in log.archives] == [
            ("Archive-Live-2026-11-24-09-30-00-123.evtx", range(1, 7)),
            ("Archive-Live-2026-11-24-09-30-00-124.evtx", range(7, 13)),
        ]
        assert [numbers(archive) for archive, _ in log.archives] == [[*range(1, 7)], [*range(7, 13)]]
        assert numbers(path) == [*log.on_disk] == [13, 14]


@pytest.mark.parametrize("replace", [False, True])
def test_a_cleared_log_starts_again_at_one(numbers: Numbers, events: Events, path: Path, replace: bool) -> None:
    with GrowingLog(path, records_per_chunk=3) as log:
        log.append(events(1, 8))
        # Held open, so that the number of the file cannot be given to its successor.
        with path.open("rb") as file:
            log.clear(replace=replace)
            assert (os.fstat(file.fileno()).st_ino != path.stat().st_ino) is replace
        assert log.on_disk == range(1, 1)
        assert log.append(events(1, 2)) == range(1, 3)
        assert numbers(path) == [1, 2]


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("counted", [False, True])
def test_a_half_written_record_is_whole_once_it_is_completed(
    numbers: Numbers, events: Events, path: Path, part: HalfWritten, counted: bool
) -> None:
    with GrowingLog(path) as log:
        log.append(events(1, 3))
        [late] = events(4, 1)
        assert log.half_write(late, part, counted=counted) == 4
        half = path.read_bytes()
        log.complete()
        assert path.read_bytes() != half
        assert numbers(path) == [1, 2, 3, 4]


@pytest.mark.parametrize(("part", "thirds"), [("head", "x--"), ("edges", "x-x"), ("tail", "--x"), ("nothing", "---")])
def test_the_parts_of_a_half_written_record_are_those_asked_for(
    event: Make, path: Path, part: HalfWritten, thirds: str
) -> None:
    with GrowingLog(path) as log:
        log.append([event()])
        before = path.read_bytes()
        log.half_write(event(data=((None, "x" * 9000),)), part)
        half = path.read_bytes()
        log.complete()
        whole = path.read_bytes()
    begin, end = _span(before, whole)
    third = (end - begin) // 3
    for index, expected in enumerate(thirds):
        # The middle of a third, as their borders are rounded.
        part_of = slice(begin + index * third + 99, begin + (index + 1) * third - 99)
        assert half[part_of] == (whole if expected == "x" else before)[part_of]
    assert (half == before) is (part == "nothing")


def _span(before: bytes, after: bytes) -> tuple[int, int]:
    """Return where the record stands that ``after`` has and ``before`` has not."""
    (begin,) = struct.unpack_from("<I", before, FILE_HEADER_BYTES + 48)
    (end,) = struct.unpack_from("<I", after, FILE_HEADER_BYTES + 48)
    return FILE_HEADER_BYTES + begin, FILE_HEADER_BYTES + end


def test_a_header_may_count_a_record_of_which_nothing_is_there(event: Make, path: Path) -> None:
    with GrowingLog(path) as log:
        log.append([event()])
        log.half_write(event(), "nothing", counted=True)
        assert struct.unpack_from("<Q", path.read_bytes(), FILE_HEADER_BYTES + 16) == (2,)


def test_a_lazy_file_header_is_dirty_and_stays_behind_until_the_log_is_closed(events: Events, path: Path) -> None:
    def header() -> tuple[int, int, int]:
        head = path.read_bytes()[:FILE_HEADER_BYTES]
        assert struct.unpack_from("<I", head, 124) == (file_header_crc(head),)
        return (*struct.unpack_from("<Q", head, 24), *struct.unpack_from("<H", head, 42), head[120])

    with GrowingLog(path, records_per_chunk=2, lazy=Lazy(file_header=True)) as log:
        log.append(events(1, 5))
        assert header() == (1, 1, 1)
        log.flush()
        assert header() == (6, 3, 1)
    assert header() == (6, 3, 0)


def test_a_lazy_chunk_header_knows_only_the_first_write(events: Events, path: Path) -> None:
    def last_record(slot: int) -> int:
        return int(struct.unpack_from("<Q", path.read_bytes(), FILE_HEADER_BYTES + slot * CHUNK_BYTES + 16)[0])

    with GrowingLog(path, records_per_chunk=9, lazy=Lazy(chunk_header=True)) as log:
        log.append(events(1, 2))
        log.append(events(3, 5))
        assert last_record(0) == 2
        log.append(events(8, 4))
        assert (last_record(0), last_record(1)) == (9, 11)


def test_a_late_checksum_is_wrong_until_it_is_flushed(events: Events, path: Path) -> None:
    def is_right() -> bool:
        chunk = path.read_bytes()[FILE_HEADER_BYTES:]
        return struct.unpack_from("<I", chunk, 52) == (chunk_data_crc(chunk),)

    with GrowingLog(path, lazy=Lazy(data_crc=True)) as log:
        log.append(events(1, 2))
        log.append(events(3, 2))
        assert not is_right()
        log.flush()
        assert is_right()


def test_a_lazy_log_is_read_whole_once_it_is_flushed(numbers: Numbers, events: Events, path: Path) -> None:
    with GrowingLog(path, records_per_chunk=5, lazy=LAZY) as log:
        for first in range(1, 12):
            log.append(events(first, 1))
        log.flush()
        assert numbers(path) == [*range(1, 12)]


def test_a_truncated_log_ends_where_it_was_cut(events: Events, path: Path) -> None:
    with GrowingLog(path, records_per_chunk=2) as log:
        log.append(events(1, 5))
        log.truncate(FILE_HEADER_BYTES + CHUNK_BYTES + 700)
        assert path.stat().st_size == FILE_HEADER_BYTES + CHUNK_BYTES + 700


def test_an_event_larger_than_a_chunk_is_refused_and_the_log_goes_on(
    numbers: Numbers, event: Make, events: Events, path: Path
) -> None:
    with GrowingLog(path) as log:
        with pytest.raises(ValueError, match="larger than a chunk"):
            log.append([*events(1, 2), event(data=((None, "x" * 32_500),))])
        log.append(events(3, 2))
        assert numbers(path) == [1, 2, 3, 4]


def test_it_writes_thousands_of_events_a_second(events: Events, path: Path) -> None:
    """The tests that follow a log at 5,000 events a second need it; twice that leaves room on a busy machine."""
    with GrowingLog(path, max_chunks=64, lazy=LAZY) as log:
        begin = process_time()
        for first in range(1, 20_001, 50):
            log.append(events(first, 50))
        assert process_time() - begin < 2
