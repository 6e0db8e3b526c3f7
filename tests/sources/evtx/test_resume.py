"""Reading a log again from where an earlier run got to; every event is synthetic."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from shipper.channels import parse_channels
from shipper.model import Batch, Cursor, Event
from shipper.sources.evtx import EvtxSource, resume
from shipper.sources.evtx.header import CHUNK_BYTES, FILE_HEADER_BYTES
from shipper.sources.evtx.survey import SlotHead, Survey
from shipper.testing.evtx_writer import EventSpec, GrowingLog, build_log

Spec = Callable[..., EventSpec]
Log = Callable[..., bytes]


def read(path: Path, cursors: Sequence[Cursor] = (), channels: str = "all", **settings: Any) -> list[Batch]:
    source = EvtxSource((str(path),), parse_channels(channels), **settings)
    return [batch for unit in source.plan(cursors) for batch in source.read(unit)]


def numbers(batches: Sequence[Batch]) -> list[int]:
    events = [event for batch in batches for event in batch.events if isinstance(event, Event)]
    return [event.position.record for event in events]


def last_cursor(batches: Sequence[Batch]) -> Cursor:
    cursors = [batch.cursor for batch in batches if batch.cursor is not None]
    return cursors[-1]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log.evtx"


def test_a_log_that_was_read_has_nothing_new(path: Path, log: Log) -> None:
    path.write_bytes(log(25))
    cursor = last_cursor(read(path))
    again = read(path, [cursor])
    assert (cursor.record, cursor.anchor) == (25, 21)
    assert numbers(again) == []
    assert sum(batch.filtered + batch.skipped for batch in again) == 0
    assert last_cursor(again) == cursor


@pytest.mark.parametrize("decoder", ["rust", "reference"])
def test_a_log_that_grew_gives_what_is_new(path: Path, log: Log, decoder: str) -> None:
    path.write_bytes(log(25))
    cursor = last_cursor(read(path))
    path.write_bytes(log(38))
    assert numbers(read(path, [cursor], decoder=decoder)) == [*range(26, 39)]


def test_every_cursor_of_a_reading_is_a_place_to_go_on_from(path: Path, log: Log) -> None:
    path.write_bytes(log(9000, records_per_chunk=100, wrapped_at=30))
    batches = read(path)
    assert len(batches) > 3
    behind: list[int] = []
    for batch in batches[:-1]:
        behind += numbers([batch])
        assert batch.cursor is not None
        assert behind + numbers(read(path, [batch.cursor])) == [*range(1, 9001)]


def test_records_that_are_behind_are_neither_filtered_nor_skipped_again(path: Path, spec: Spec) -> None:
    def content(count: int) -> bytes:
        channels = ("Application", "Microsoft Intune Connector")
        return build_log([spec(number, channel=channels[number // 20 % 2]) for number in range(count)])

    path.write_bytes(content(30))
    cursor = last_cursor(read(path, channels="connector"))
    path.write_bytes(content(50))
    again = read(path, [cursor], channels="connector")
    assert numbers(again) == [*range(31, 41)]
    assert sum(batch.filtered + batch.skipped for batch in again) == 10


def test_chunks_of_other_channels_are_passed_over_once(path: Path, log: Log) -> None:
    path.write_bytes(log(45, channel="Application"))
    first = read(path, channels="connector")
    path.write_bytes(log(78, channel="Application"))
    again = read(path, [last_cursor(first)], channels="connector")
    assert (sum(batch.skipped for batch in first), sum(batch.skipped for batch in again)) == (45, 33)


def test_a_log_that_came_round_tells_what_was_missed(path: Path, spec: Spec) -> None:
    path.write_bytes(build_log([spec(number) for number in range(1, 21)]))
    cursor = last_cursor(read(path))
    path.write_bytes(build_log([spec(number) for number in range(31, 71)], first_record=31))
    batches = read(path, [cursor])
    assert numbers(batches) == [*range(31, 71)]
    (notice,) = batches[0].notices
    assert (notice.action, notice.first, notice.last, notice.records) == ("records-missed", 21, 30, 10)
    assert (notice.position.record, notice.before) == (31, cursor)


def test_a_log_whose_numbers_started_again_is_read_from_its_beginning(path: Path, spec: Spec) -> None:
    path.write_bytes(build_log([spec(number) for number in range(30)]))
    cursor = last_cursor(read(path))
    path.write_bytes(build_log([spec(number) for number in range(1000, 1040)]))
    batches = read(path, [cursor])
    assert numbers(batches) == [*range(1, 41)]
    (notice,) = batches[0].notices
    assert (notice.action, notice.position.record) == ("log-cleared", 1)
    assert notice.time.startswith("2026-11-20T09:46:40")


def test_the_cursor_of_another_log_is_none_of_this_one(path: Path, log: Log) -> None:
    path.write_bytes(log(20))
    cursor = last_cursor(read(path))
    other = path.with_name("other.evtx")
    other.write_bytes(log(20))
    assert numbers(read(other, [cursor])) == [*range(1, 21)]


def test_a_tail_that_was_half_written_is_read_again_when_it_is_whole(path: Path, spec: Spec) -> None:
    with GrowingLog(path) as log:
        log.append([spec(1), spec(2)])
        log.half_write(spec(3), "head", counted=True)
        content = bytearray(path.read_bytes())
        content[FILE_HEADER_BYTES + 48 : FILE_HEADER_BYTES + 52] = (CHUNK_BYTES).to_bytes(4, "little")
        path.write_bytes(content)
        first = read(path)
        log.complete()
        log.flush()
        again = read(path, [last_cursor(first)])
    assert (numbers(first), numbers(again)) == ([1, 2], [3])


def test_the_records_of_a_chunk_without_a_signature_are_given_once_over_two_runs(path: Path, log: Log) -> None:
    content = bytearray(log(40))
    content[FILE_HEADER_BYTES + CHUNK_BYTES : FILE_HEADER_BYTES + CHUNK_BYTES + 8] = bytes(8)
    path.write_bytes(content)
    first = read(path)
    again = read(path, [last_cursor(first)])
    assert (sorted(numbers(first)), numbers(again)) == ([*range(1, 41)], [])


@pytest.mark.parametrize(
    ("after", "held", "found"),
    [
        (3, [range(4, 9)], []),
        (3, [range(1, 9)], []),
        (3, [range(6, 9)], [range(4, 6)]),
        (3, [range(9, 12), range(6, 8)], [range(4, 6), range(8, 9)]),
        (3, [range(6, 12), range(7, 8)], [range(4, 6)]),
        (3, [], []),
        (-1, [range(2, 3)], [range(2)]),
    ],
)
def test_gaps_are_the_numbers_that_nobody_holds(after: int, held: list[range], found: list[range]) -> None:
    assert resume.gaps(after, held) == found


def test_a_gap_of_absurd_numbers_is_no_crash() -> None:
    head = SlotHead(0, 2**64 - 2, 2**64 - 1, 5, used=True)
    notice = resume.missed("log", Cursor("log", 1, 1, 1), range(2, 2**64 - 2), head)
    assert notice.records == 2**64 - 4


@pytest.mark.parametrize(
    ("cursor", "fate"),
    [
        (Cursor("x", 15, 11, 500), "same"),
        (Cursor("x", 10, 11, 500), "same"),
        (Cursor("x", 15, 11, 501), "started again"),
        (Cursor("x", 21, 11, 500), "started again"),  # its chunk ends before
        (Cursor("x", 10, 1, 400), "went on"),
        (Cursor("x", 10, 1, 501), "started again"),  # older than what was read
        (Cursor("x", 99, 90, 900), "started again"),
        (Cursor("x", 15), "started again"),
    ],
)
def test_the_fate_of_a_log_follows_from_the_record_that_the_cursor_knows(cursor: Cursor, fate: str) -> None:
    survey = Survey([SlotHead(0, 21, 25, 600, used=True), SlotHead(1, 11, 20, 500, used=True)])
    assert resume.fate_of(survey, cursor) == fate


def test_a_log_without_records_tells_nothing() -> None:
    assert resume.fate_of(Survey([SlotHead(0)]), Cursor("x", 15, 11, 500)) == "went on"
