"""Each class of damage: every whole record is read, and the report is exact."""

import struct
from collections.abc import Callable
from typing import Any

import pytest

from shipper.sources.evtx.header import CHUNK_BYTES, FILE_HEADER_BYTES
from shipper.testing.evtx_writer import (
    EventSpec,
    break_chunk_header_crc,
    break_data_crc,
    break_header_crc,
    break_string_table,
    build_log,
    destroy_chunk_magic,
    flip_bit,
    stale_chunk_count,
    truncate,
    zero_size,
)
from shipper.testing.evtx_writer.damage import record_offsets

Spec = Callable[..., EventSpec]
Log = Callable[..., bytes]
Reader = Callable[..., Any]
DECODERS = ["rust", "reference"]
ALL_40 = list(range(1, 41))


def patched(log: bytes, offset: int, part: bytes) -> bytes:
    return log[:offset] + part + log[offset + len(part) :]


def offset_of(log: bytes, record: int) -> int:
    return list(record_offsets(log))[record]


@pytest.mark.parametrize("decoder", DECODERS)
@pytest.mark.parametrize(
    "damage",
    [
        break_header_crc,
        lambda log: break_chunk_header_crc(log, 1),
        lambda log: break_data_crc(log, 1),
        lambda log: break_string_table(log, 1),
        lambda log: stale_chunk_count(log, 1),
        lambda log: stale_chunk_count(log, 0),
        lambda log: patched(log, 0, b"\0" * 8),
        lambda log: patched(log, FILE_HEADER_BYTES + CHUNK_BYTES + 32, b"\0" * 8),
        lambda log: patched(log, FILE_HEADER_BYTES + CHUNK_BYTES + 48, b"\xff" * 4),
        lambda log: patched(log, FILE_HEADER_BYTES + CHUNK_BYTES + 48, b"\0" * 4),
        lambda log: patched(log, FILE_HEADER_BYTES + CHUNK_BYTES + 384, b"\xff" * 128),
    ],
    ids=[
        "file header CRC",
        "chunk header CRC",
        "data CRC",
        "table of names",
        "chunk count too small",
        "chunk count zero",
        "file signature",
        "last record number",
        "free space beyond the chunk",
        "free space before the records",
        "table of templates",
    ],
)
def test_damage_to_what_headers_say_loses_nothing(
    log: Log, read: Reader, decoder: str, damage: Callable[[bytes], bytes]
) -> None:
    result = read(damage(log(40)), decoder=decoder)
    assert sorted(result.numbers) == ALL_40
    assert result.lost == 0


def test_a_circle_in_the_table_of_names_ends(log: Log, read: Reader) -> None:
    content = log(10)
    heads = [head for head in struct.unpack_from("<64I", content, FILE_HEADER_BYTES + 128) if head]
    circle = patched(content, FILE_HEADER_BYTES + heads[0], struct.pack("<I", heads[0]))
    for decoder in DECODERS:
        assert len(read(circle, decoder=decoder).events) == 10


@pytest.mark.parametrize("decoder", DECODERS)
def test_a_chunk_without_signature_is_read_and_reported(log: Log, read: Reader, decoder: str) -> None:
    result = read(destroy_chunk_magic(log(40), 1), decoder=decoder)
    assert sorted(result.numbers) == ALL_40
    (problem,) = result.problems
    assert (problem.position.chunk, problem.position.offset) == (1, FILE_HEADER_BYTES + CHUNK_BYTES)
    assert (problem.records, problem.reason) == (0, "the chunk's signature is damaged; 10 records were found in it")


def test_a_chunk_without_signature_counts_when_it_is_passed_over(log: Log, read: Reader) -> None:
    result = read(destroy_chunk_magic(log(40, channel="Application"), 1), "connector")
    assert result.skipped == 40


@pytest.mark.parametrize("decoder", DECODERS)
@pytest.mark.parametrize("record", [10, 14, 19])
def test_a_record_of_size_zero_is_read_by_the_copy_of_its_size(
    log: Log, read: Reader, decoder: str, record: int
) -> None:
    content = log(40)
    result = read(zero_size(content, record), decoder=decoder)
    assert result.numbers == ALL_40
    (problem,) = result.problems
    assert problem.reason.startswith("record size 0 is wrong")
    assert (problem.position.record, problem.position.offset) == (record + 1, offset_of(content, record))
    assert problem.records == 0


@pytest.mark.parametrize("record", [10, 14, 19])
def test_a_record_whose_header_is_gone_is_one_lost_and_no_more(log: Log, read: Reader, record: int) -> None:
    # The template that a chunk's first record brings along stays where it is: the others still find it.
    content = log(40)
    result = read(patched(content, offset_of(content, record), b"\0" * 16))
    assert result.numbers == [number for number in ALL_40 if number != record + 1]
    assert [problem.reason for problem in result.problems] == ["no record begins where one should"]
    assert result.problems[0].position.chunk == 1
    assert result.lost == 1


def test_several_damaged_records_are_lost_and_counted(log: Log, read: Reader) -> None:
    content = log(40)
    start, end = offset_of(content, 13), offset_of(content, 16)
    result = read(patched(content, start, b"\xee" * (end - start)))
    assert result.numbers == [number for number in ALL_40 if number not in (14, 15, 16)]
    (problem,) = result.problems
    assert (problem.records, problem.position.record, problem.position.offset) == (3, 14, start)


def test_the_end_of_a_chunk_that_is_gone_is_counted_from_its_header(log: Log, read: Reader) -> None:
    content = log(40)
    start = offset_of(content, 17)
    end = FILE_HEADER_BYTES + 2 * CHUNK_BYTES
    result = read(patched(content, start, bytes(end - start)))
    assert result.numbers == [number for number in ALL_40 if number not in (18, 19, 20)]
    assert result.lost == 3


def test_a_broken_body_is_a_problem_of_that_record_alone(log: Log, read: Reader) -> None:
    content = flip_bit(log(40), 14, byte=36, bit=7)
    result = read(content)
    assert result.numbers == [number for number in ALL_40 if number != 15]
    (problem,) = result.problems
    assert (problem.position.record, problem.records) == (15, 1)
    assert problem.position.offset == offset_of(content, 14)
    assert problem.reason


@pytest.mark.parametrize("decoder", DECODERS)
def test_a_truncated_log_gives_its_whole_records_and_counts_the_rest(log: Log, read: Reader, decoder: str) -> None:
    content = log(40)
    result = read(truncate(content, offset_of(content, 37) + 100), decoder=decoder)
    assert result.numbers == list(range(1, 38))
    assert result.lost == 3
    assert result.problems[0].position.record == 38


def test_a_log_cut_between_two_records_counts_the_rest(log: Log, read: Reader) -> None:
    content = log(40)
    result = read(truncate(content, offset_of(content, 37)))
    assert (result.numbers, result.lost) == (list(range(1, 38)), 3)


def test_a_log_cut_in_the_header_of_a_chunk_reports_that_chunk(log: Log, read: Reader) -> None:
    result = read(truncate(log(40), FILE_HEADER_BYTES + 3 * CHUNK_BYTES + 60))
    assert result.numbers == list(range(1, 31))
    assert [(problem.position.chunk, problem.records) for problem in result.problems] == [(3, 10)]


def test_garbage_where_chunks_should_be_is_one_problem(log: Log, read: Reader) -> None:
    content = log(20) + b"\xa5" * (3 * CHUNK_BYTES)
    result = read(content)
    assert len(result.events) == 20
    (problem,) = result.problems
    assert (problem.position.chunk, problem.reason) == (2, "3 slots hold neither a chunk nor a record")


def test_records_left_from_an_earlier_use_of_the_slot_are_not_read(log: Log, read: Reader) -> None:
    content = log(10)
    free = struct.unpack_from("<I", content, FILE_HEADER_BYTES + 48)[0]
    old = content[offset_of(content, 2) : offset_of(content, 3)]
    result = read(patched(content, FILE_HEADER_BYTES + free, old))
    assert (result.numbers, result.problems) == (list(range(1, 11)), [])


def test_a_salvaged_record_whose_template_was_overwritten_is_not_made_up(spec: Spec, read: Reader) -> None:
    # Records 2 and 4 share a template that record 2 brings along; 2 is wiped out, 4 stands behind the damage.
    events = [spec(number, provider=f"Provider {number % 2}") for number in range(1, 6)]
    content = build_log(events)
    start, end = offset_of(content, 1), offset_of(content, 2)
    result = read(patched(content, start, b"\xee" * (end - start)))
    assert result.numbers == [1, 3, 5]
    assert [problem.reason for problem in result.problems] == [
        "no record begins where one should",
        "the template it refers to was overwritten",
    ]
    assert result.lost == 2
