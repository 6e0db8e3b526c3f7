"""What we write obeys the same rules as what Windows wrote: the same checks run over both.

The real logs are those of the shared folder whose checksums are whole (its SOURCES.md says where they come from).
"""

import struct
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from shipper.testing.evtx_writer import (
    CHUNK_BYTES,
    FILE_HEADER_BYTES,
    EventSpec,
    build_log,
    chunk_data_crc,
    chunk_header_crc,
    file_header_crc,
)
from shipper.testing.evtx_writer.damage import record_offsets
from shipper.testing.evtx_writer.layout import name_hash

Make = Callable[..., EventSpec]
GUID = "{0f67e49f-fe51-4e9f-b490-6f2948cc6027}"
REAL = (
    "system.evtx",
    "System.evtx",
    "security.evtx",
    "E_Windows_system32_winevt_logs_Microsoft-Windows-CAPI2%4Operational.evtx",
    "new-user-security.evtx",
    "issue_201.evtx",
)


@pytest.fixture(params=["ours", *REAL])
def log(request: pytest.FixtureRequest, event: Make) -> bytes:
    """Return the bytes of a log: ours, then real ones."""
    name = str(request.param)
    if name != "ours":
        shared = Path(request.getfixturevalue("shared"))
        return (shared / "evtx" / name).read_bytes()
    events = [
        event(data=tuple((f"Field{number}", "x" * number) for number in range(index % 40)), provider_guid=GUID)
        for index in range(300)
    ]
    return build_log(events, empty_slots=1)


def _chunks(log: bytes) -> Iterator[bytes]:
    for offset in range(FILE_HEADER_BYTES, len(log), CHUNK_BYTES):
        chunk = log[offset : offset + CHUNK_BYTES]
        if chunk.startswith(b"ElfChnk\0"):
            yield chunk


def _chain(chunk: bytes, head: int) -> Iterator[int]:
    """Yield the offsets of a chain whose head stands at ``head``; each link is the first field of what it links."""
    (offset,) = struct.unpack_from("<I", chunk, head)
    while offset:
        yield offset
        (offset,) = struct.unpack_from("<I", chunk, offset)


def _names(chunk: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Yield bucket, stored hash and units of every name."""
    for bucket in range(64):
        for offset in _chain(chunk, 128 + 4 * bucket):
            stored, length = struct.unpack_from("<HH", chunk, offset + 4)
            yield bucket, stored, chunk[offset + 8 : offset + 8 + 2 * length]


def test_the_checksum_of_the_file_header_is_the_one_we_compute(log: bytes) -> None:
    assert struct.unpack_from("<I", log, 124) == (file_header_crc(log),)


def test_the_checksum_of_each_chunk_header_is_the_one_we_compute(log: bytes) -> None:
    assert [struct.unpack_from("<I", chunk, 124)[0] for chunk in _chunks(log)] == [
        chunk_header_crc(chunk) for chunk in _chunks(log)
    ]


def test_the_checksum_of_each_chunks_data_is_the_one_we_compute(log: bytes) -> None:
    assert [struct.unpack_from("<I", chunk, 52)[0] for chunk in _chunks(log)] == [
        chunk_data_crc(chunk) for chunk in _chunks(log)
    ]


def test_every_name_stands_in_the_bucket_of_its_hash(log: bytes) -> None:
    names = [name for chunk in _chunks(log) for name in _names(chunk)]
    assert names
    for bucket, stored, units in names:
        value = name_hash(units)
        assert (bucket, stored) == (value % 64, value & 0xFFFF)


def test_every_template_stands_in_the_bucket_of_its_guid(log: bytes) -> None:
    for chunk in _chunks(log):
        for bucket in range(32):
            for offset in _chain(chunk, 384 + 4 * bucket):
                assert name_hash(chunk[offset + 4 : offset + 20]) % 32 == bucket


def test_every_template_is_preceded_by_the_instance_that_brought_it(log: bytes) -> None:
    for chunk in _chunks(log):
        for bucket in range(32):
            for offset in _chain(chunk, 384 + 4 * bucket):
                token, _, template_id, definition = struct.unpack_from("<BBII", chunk, offset - 10)
                assert (token, definition) == (0x0C, offset)
                assert chunk[offset + 4 : offset + 8] == struct.pack("<I", template_id)


def test_every_record_is_aligned_and_repeats_its_size(log: bytes) -> None:
    sizes = []
    for offset in record_offsets(log):
        (size,) = struct.unpack_from("<I", log, offset + 4)
        assert struct.unpack_from("<I", log, offset + size - 4) == (size,)
        sizes.append(size)
    assert sizes
    assert not any(size % 8 for size in sizes)


def test_the_chunk_header_knows_its_last_record(log: bytes) -> None:
    for chunk in _chunks(log):
        _, last_number = struct.unpack_from("<QQ", chunk, 8)
        (last_offset,) = struct.unpack_from("<I", chunk, 44)
        assert chunk[last_offset : last_offset + 4] == b"**\0\0"
        assert struct.unpack_from("<Q", chunk, last_offset + 8) == (last_number,)


def test_the_file_header_counts_the_chunks_and_knows_the_next_record(event: Make) -> None:
    log = build_log([event()] * 9, records_per_chunk=4, first_record=11, wrapped_at=1)
    oldest, newest, next_record = struct.unpack_from("<QQQ", log, 8)
    (chunks,) = struct.unpack_from("<H", log, 42)
    assert (oldest, newest, next_record, chunks) == (1, 0, 20, 3)


def test_the_header_of_a_live_log_is_dirty_and_its_newest_data_checksum_stale(event: Make) -> None:
    log = build_log([event()] * 9, records_per_chunk=4, live=True)
    *closed, newest = _chunks(log)
    assert struct.unpack_from("<I", log, 120) == (1,)
    assert struct.unpack_from("<H", log, 42) == (1,)
    assert all(struct.unpack_from("<I", chunk, 52) == (chunk_data_crc(chunk),) for chunk in closed)
    assert struct.unpack_from("<I", newest, 52) != (chunk_data_crc(newest),)


def test_a_template_is_written_once_a_chunk(event: Make) -> None:
    log = build_log([event(data=(("OnlyOnce", "x"),))] * 20, records_per_chunk=10)
    assert log.count("OnlyOnce".encode("utf-16-le")) == 2


def test_the_channel_of_every_event_stands_in_its_chunk(event: Make) -> None:
    """The reader passes over chunks by this; it holds for constants of a template and for values alike."""
    for fields in ({}, {"provider_guid": GUID}):
        [chunk] = _chunks(build_log([event(channel="Needle", **fields)]))
        assert "Needle".encode("utf-16-le") in chunk
