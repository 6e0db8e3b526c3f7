"""Each damage does what it says, and nothing else."""

import struct
import warnings
from collections.abc import Callable
from pathlib import Path

import evtx
import pytest

from shipper.testing.evtx_writer import (
    CHUNK_BYTES,
    FILE_HEADER_BYTES,
    EventSpec,
    break_chunk_header_crc,
    break_data_crc,
    break_header_crc,
    break_string_table,
    build_log,
    chunk_data_crc,
    chunk_header_crc,
    destroy_chunk_magic,
    file_header_crc,
    flip_bit,
    stale_chunk_count,
    truncate,
    zero_size,
)

Make = Callable[..., EventSpec]
SECOND_CHUNK = FILE_HEADER_BYTES + CHUNK_BYTES


@pytest.fixture
def log(event: Make) -> bytes:
    """Return a log of three chunks of four records."""
    return build_log([event(data=((None, f"event {index}"),)) for index in range(12)], records_per_chunk=4)


def _changed(before: bytes, after: bytes) -> list[int]:
    assert len(before) == len(after)
    return [index for index, (old, new) in enumerate(zip(before, after, strict=True)) if old != new]


def _u32(log: bytes, offset: int) -> int:
    return int(struct.unpack_from("<I", log, offset)[0])


def _readable(path: Path) -> int:
    with warnings.catch_warnings(action="ignore", category=RuntimeWarning):  # it warns of each error that it skips
        return len(list(evtx.PyEvtxParser(str(path), skip_errors=True).records()))


def test_a_flipped_bit_is_the_only_change(log: bytes) -> None:
    damaged = flip_bit(log, 5, byte=30, bit=3)
    [index] = _changed(log, damaged)
    assert log[index] ^ damaged[index] == 1 << 3
    assert SECOND_CHUNK + 512 < index < SECOND_CHUNK + CHUNK_BYTES


def test_a_record_of_size_zero_hides_the_rest_of_its_chunk(log: bytes) -> None:
    damaged = zero_size(log, 5)
    assert {damaged[index] for index in _changed(log, damaged)} == {0}
    assert _changed(log, damaged)[0] > SECOND_CHUNK


def test_a_record_that_is_not_there_cannot_be_damaged(log: bytes) -> None:
    with pytest.raises(IndexError, match="no record 12"):
        flip_bit(log, 12)


def test_truncation_counts_from_either_end(log: bytes) -> None:
    assert truncate(log, 100) == log[:100]
    assert truncate(log, -100) == log[:-100]


def test_a_chunk_without_magic_is_zeroed_there(log: bytes) -> None:
    damaged = destroy_chunk_magic(log, 1)
    assert damaged[SECOND_CHUNK : SECOND_CHUNK + 8] == bytes(8)
    assert max(_changed(log, damaged)) < SECOND_CHUNK + 8


def test_the_checksum_of_the_file_header_can_be_broken_alone(log: bytes) -> None:
    assert _changed(log, break_header_crc(log)) == [124, 125, 126, 127]


def test_the_checksum_of_a_chunk_header_can_be_broken_alone(log: bytes) -> None:
    damaged = break_chunk_header_crc(log, 1)
    assert _changed(log, damaged) == [SECOND_CHUNK + index for index in range(124, 128)]


def test_a_broken_data_checksum_stands_under_a_valid_chunk_header(log: bytes) -> None:
    chunk = break_data_crc(log, 1)[SECOND_CHUNK : SECOND_CHUNK + CHUNK_BYTES]
    assert _u32(chunk, 52) != chunk_data_crc(chunk)
    assert _u32(chunk, 124) == chunk_header_crc(chunk)


def test_a_broken_string_table_stands_under_a_valid_chunk_header(log: bytes) -> None:
    chunk = break_string_table(log, 1)[SECOND_CHUNK : SECOND_CHUNK + CHUNK_BYTES]
    assert _u32(chunk, 128) > CHUNK_BYTES
    assert _u32(chunk, 124) == chunk_header_crc(chunk)


def test_a_stale_count_stands_under_a_valid_file_header(log: bytes) -> None:
    damaged = stale_chunk_count(log, 1)
    assert struct.unpack_from("<H", damaged, 42) == (1,)
    assert _u32(damaged, 124) == file_header_crc(damaged)


@pytest.mark.parametrize(
    ("damage", "readable"),
    [
        (lambda log: flip_bit(log, 5), 11),
        (lambda log: zero_size(log, 5), 9),
        (lambda log: destroy_chunk_magic(log, 1), 8),
        (lambda log: truncate(log, -CHUNK_BYTES), 8),
        (lambda log: break_data_crc(log, 1), 12),
        (lambda log: stale_chunk_count(log, 1), 12),
    ],
    ids=["flip bit", "zero size", "no magic", "truncated", "data checksum", "stale count"],
)
def test_a_tolerant_reader_loses_what_was_damaged(
    log: bytes, tmp_path: Path, damage: Callable[[bytes], bytes], readable: int
) -> None:
    (tmp_path / "log.evtx").write_bytes(damage(log))
    assert _readable(tmp_path / "log.evtx") == readable
