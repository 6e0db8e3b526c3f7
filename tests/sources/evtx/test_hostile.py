"""Whatever bytes a log has: nothing is raised but ``SourceError``, nothing hangs, every record is accounted for."""

import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from shipper.channels import parse_channels
from shipper.errors import SourceError
from shipper.model import UNCOUNTED, Batch, Event
from shipper.sources.evtx import EvtxSource
from shipper.sources.evtx.chunk import open_chunk
from shipper.sources.evtx.header import CHUNK_BYTES, FILE_HEADER_BYTES
from shipper.sources.evtx.walker import walk_chunk
from shipper.testing.evtx_writer import EventSpec, boolean, build_log, guid

RECORDS = 24
Decoder = Literal["rust", "reference"]


@cache
def sound() -> bytes:
    """Return three small chunks: classic events, manifest events, and both mixed. Synthetic."""
    now = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
    named = (("a", "text"), ("b", guid("{01020304-0506-0708-090a-0b0c0d0e0f10}")))
    manifest = EventSpec("Synthetic", 1, "Application", "pc", now, named)
    classic = EventSpec("Other", 2, "System", "pc", now, ((None, "one"), (None, "two")))
    third = EventSpec("Third", 3, "Setup", "pc", now, (("flag", boolean(True)),), user_sid="S-1-5-18")
    return build_log([(classic, manifest, third)[number % 3] for number in range(RECORDS)], records_per_chunk=8)


def read(content: bytes, decoder: Decoder) -> Iterator[Batch]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "log.evtx")
        path.write_bytes(content)
        source = EvtxSource((str(path),), parse_channels("all"), decoder=decoder)
        for unit in source.plan():
            yield from source.read(unit)


#: Where damage matters: the headers, and the first 3 KB of records, of each chunk.
PLACES = st.one_of(
    st.integers(0, FILE_HEADER_BYTES - 1),
    st.builds(
        lambda slot, at: FILE_HEADER_BYTES + slot * CHUNK_BYTES + at,
        st.integers(0, 2),
        st.one_of(st.integers(0, 511), st.integers(512, 3500)),
    ),
)
DAMAGE = st.lists(st.tuples(PLACES, st.binary(min_size=1, max_size=12)), min_size=1, max_size=6)


def damaged(changes: list[tuple[int, bytes]]) -> bytes:
    content = bytearray(sound())
    for at, part in changes:
        content[at : at + len(part)] = part
    return bytes(content)


@pytest.mark.parametrize("decoder", ["rust", "reference"])
@settings(deadline=5000, max_examples=60)
@given(changes=DAMAGE)
def test_no_damage_raises_anything_but_a_source_error(decoder: Decoder, changes: list[tuple[int, bytes]]) -> None:
    try:
        batches = list(read(damaged(changes), decoder))
    except SourceError:
        return
    # A forged size may make a record of what is none, but the count stays near what was written.
    assert sum(len(batch.events) for batch in batches) <= RECORDS + len(changes)
    assert all(isinstance(event, Event) for batch in batches for event in batch.events)


@settings(deadline=5000, max_examples=40)
@given(size=st.integers(0, FILE_HEADER_BYTES + 3 * CHUNK_BYTES))
@example(size=FILE_HEADER_BYTES)
@example(size=FILE_HEADER_BYTES + CHUNK_BYTES)
@example(size=FILE_HEADER_BYTES + 7)
@example(size=FILE_HEADER_BYTES + 33)
@example(size=FILE_HEADER_BYTES + CHUNK_BYTES + 40)
def test_no_truncation_loses_a_whole_record_or_counts_wrong(size: int) -> None:
    try:
        batches = list(read(sound()[:size], "rust"))
    except SourceError:
        assert size < FILE_HEADER_BYTES
        return
    events = sum(len(batch.events) for batch in batches)
    lost = sum(max(problem.records, 0) for batch in batches for problem in batch.problems)
    slots, rest = divmod(size - FILE_HEADER_BYTES, CHUNK_BYTES)
    # Of a chunk whose header ends before its numbers (bytes 24 to 39), no number can be told.
    known = slots + (rest >= 40)
    assert events + lost == 8 * known
    untold = [problem for batch in batches for problem in batch.problems if problem.records == UNCOUNTED]
    assert len(untold) == (0 < rest < 40)


@given(data=st.binary(max_size=4096), at=st.integers(0, 512))
def test_no_bytes_disturb_the_walker(data: bytes, at: int) -> None:
    chunk = bytearray(sound()[FILE_HEADER_BYTES : FILE_HEADER_BYTES + CHUNK_BYTES])
    chunk[at : at + len(data)] = data
    opened = open_chunk("x", 0, chunk)
    ends = [(frame.offset, frame.offset + frame.size_bytes) for frame in opened.walk.frames]
    assert all(before[1] <= after[0] for before, after in pairwise(ends))
    assert all(512 <= start < end <= CHUNK_BYTES for start, end in ends)


def test_a_chunk_of_signatures_alone_is_walked_quickly() -> None:
    chunk = bytearray(b"\x2a\x2a\x00\x00" * (CHUNK_BYTES // 4))
    assert walk_chunk(chunk, None).frames == []
