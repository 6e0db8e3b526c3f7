"""Whatever a checkpoint claims, whatever became of the log since: nothing is raised, nothing beyond it is left out."""

import json
import random
import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shipper.channels import parse_channels
from shipper.ecs import EcsSettings, build_notices
from shipper.errors import SourceError, StateError
from shipper.model import Batch, Cursor, Event, Unit
from shipper.sources.evtx import EvtxSource
from shipper.sources.stream.source import StreamSource
from shipper.state import Checkpoint, CheckpointFile, StateFolder
from shipper.testing.evtx_writer import EventSpec, build_log
from shipper.testing.evtx_writer.mutate import mutate
from shipper.testing.evtx_writer.values import ticks

BEGIN = datetime(2026, 11, 24, 9, tzinfo=UTC)
NAME = "log.evtx"
RECORDS = 24
PER_CHUNK = 4
LINES = 9
CHECKSUM = b',\n  "checksum": "'


@cache
def logs() -> tuple[bytes, ...]:
    """Return one log of 24 records in every shape that a log may have become."""
    events = [
        EventSpec("P", 1, "C", "h", BEGIN + timedelta(seconds=number), ((None, f"{number}"),))
        for number in range(RECORDS)
    ]
    later = [EventSpec("P", 1, "C", "h", BEGIN + timedelta(days=1, seconds=number)) for number in range(RECORDS)]
    whole = build_log(events, records_per_chunk=PER_CHUNK)
    return (
        whole,
        build_log(events, records_per_chunk=PER_CHUNK, wrapped_at=2),
        build_log(events, records_per_chunk=PER_CHUNK, live=True, empty_slots=3),
        build_log(later, records_per_chunk=PER_CHUNK),
        build_log(later, records_per_chunk=PER_CHUNK, first_record=RECORDS + 1),
        build_log(events[:2]),
        whole[: len(whole) // 2],
    )


NUMBER = st.one_of(
    st.integers(-1, RECORDS + 3), st.integers(-(2**65), 2**65), st.sampled_from([2**32, 2**63, 2**64 - 1])
)
TIMES = st.builds(lambda seconds: ticks(BEGIN + timedelta(seconds=seconds)), st.integers(0, RECORDS))
CURSOR = st.builds(Cursor, st.sampled_from([NAME, NAME.upper(), "other.evtx", ""]), NUMBER, NUMBER, TIMES | NUMBER)
#: As a run leaves it: the anchor is the first record of the chunk, the fingerprint is its time.
TRUE_CURSOR = st.builds(
    lambda record: Cursor(
        NAME, record, anchor := record - (record - 1) % PER_CHUNK, ticks(BEGIN) + (anchor - 1) * 10**7
    ),
    st.integers(1, RECORDS),
)
CURSORS = st.lists(CURSOR | TRUE_CURSOR, max_size=3)


Often = Callable[[int], settings]
Tally = Callable[[], None]


@pytest.fixture
def often(long_form: bool) -> Often:
    """Return a maker of settings: so many examples, ten times as many in the long form."""
    return lambda count: settings(
        max_examples=count * (10 if long_form else 1),
        deadline=None,
        database=None,
        derandomize=not long_form,
        suppress_health_check=[HealthCheck.too_slow],
    )


@pytest.fixture
def tally(request: pytest.FixtureRequest) -> Iterator[Tally]:
    """Return what counts an input; the sum is shown with ``-s``, for the closing note."""
    inputs = 0

    def count() -> None:
        nonlocal inputs
        inputs += 1

    yield count
    print(f"\nfuzz cursors, {request.node.name}: {inputs} inputs")  # noqa: T201 (see above)


def here(cursors: Sequence[Cursor], path: Path) -> list[Cursor]:
    """Return the cursors with the path that the log has in this run."""
    return [
        Cursor(str(path), *parts) if name == NAME else Cursor(name, *parts) for name, *parts in map(_parts, cursors)
    ]


def _parts(cursor: Cursor) -> tuple[str, int, int, int]:
    return cursor.source, cursor.record, cursor.anchor, cursor.fingerprint


def read(source: EvtxSource | StreamSource, units: Sequence[Unit]) -> list[Batch]:
    return [batch for unit in units for batch in source.read(unit)]


def numbers(batches: Sequence[Batch]) -> list[int]:
    events = (event for batch in batches for event in batch.events if isinstance(event, Event))
    return [event.position.record for event in events]


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


@pytest.mark.chaos
def test_no_cursor_hides_a_record_behind_it_or_gives_one_twice(folder: Path, often: Often, tally: Tally) -> None:
    path = folder / NAME

    @often(300)
    @given(log=st.sampled_from(logs()), cursors=CURSORS)
    def one(log: bytes, cursors: list[Cursor]) -> None:
        tally()
        path.write_bytes(log)
        source = EvtxSource((str(path),), parse_channels("all"))
        everything = numbers(read(source, list(source.plan())))
        known = here(cursors, path)
        batches = read(source, list(source.plan(known)))
        found = numbers(batches)
        assert len(found) == len(set(found))
        behind = max((cursor.record for cursor in known if cursor.source == str(path)), default=-1)
        assert {number for number in everything if number > behind} <= set(found)
        notices = [notice for batch in batches for notice in batch.notices]
        assert len(build_notices(notices, "", EcsSettings(), 0)) == len(notices)

    one()


@pytest.mark.chaos
def test_a_log_that_is_replaced_or_damaged_between_plan_and_reading_is_no_crash(
    folder: Path, often: Often, tally: Tally
) -> None:
    path = folder / NAME

    @often(200)
    @given(before=st.sampled_from(logs()), after=st.sampled_from(logs()), cursors=CURSORS, seed=st.integers(0, 2**32))
    def one(before: bytes, after: bytes, cursors: list[Cursor], seed: int) -> None:
        tally()
        path.write_bytes(before)
        source = EvtxSource((str(path),), parse_channels("all"))
        units = list(source.plan(here(cursors, path)))
        path.write_bytes(mutate(after, random.Random(seed), logs()) if seed % 2 else after)  # noqa: S311 (repeatable)
        try:
            found = numbers(read(source, units))
        except SourceError:
            return
        assert len(found) <= 2 * RECORDS

    one()


@pytest.mark.chaos
def test_no_cursor_hides_a_line_behind_it(folder: Path, often: Often, tally: Tally) -> None:
    path = folder / "lines.ndjson"
    winlog = {"channel": "C", "event_id": "20102", "computer_name": "h", "provider_name": "P"}
    lines = [
        json.dumps({"@timestamp": "2026-11-24T09:30:00.000Z", "winlog": {**winlog, "record_id": number}})
        for number in range(LINES)
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    source = StreamSource(str(path), parse_channels("all"))
    (head,) = {batch.cursor for batch in read(source, list(source.plan()))} - {None}

    @often(300)
    @given(record=NUMBER, anchor=NUMBER, fingerprint=NUMBER, trusted=st.booleans())
    def one(record: int, anchor: int, fingerprint: int, trusted: bool) -> None:
        tally()
        assert head is not None
        mark = (head.anchor, head.fingerprint) if trusted else (anchor, fingerprint)
        found = numbers(read(source, list(source.plan([Cursor(str(path), record, *mark)]))))
        assert found == [*range(max(1, record + 1) if trusted else 1, LINES + 1)]

    one()


LEAF = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)


@pytest.mark.chaos
def test_a_checkpoint_that_says_anything_under_a_right_checksum_is_an_error_or_is_read_from(
    folder: Path, often: Often, tally: Tally
) -> None:
    path = folder / NAME
    path.write_bytes(logs()[0])
    with StateFolder(folder / "state") as state:
        CheckpointFile(state, "t").save(Checkpoint((Cursor(str(path), 5, 5, 7), Cursor("b", 1)), 77))
        file = CheckpointFile(state, "t")
        sound: dict[str, Any] = json.loads(file.path.read_bytes())

        @often(300)
        @given(
            keys=st.lists(st.sampled_from([*sound]), max_size=2),
            log_keys=st.lists(st.sampled_from([*sound["logs"][0]]), max_size=2),
            leaf=LEAF,
        )
        def one(keys: list[str], log_keys: list[str], leaf: Any) -> None:
            tally()
            said = json.loads(json.dumps(sound))
            said["logs"][0] |= dict.fromkeys(log_keys, leaf)
            said |= dict.fromkeys(keys, leaf)
            del said["checksum"]
            body = json.dumps(said, indent=2).removesuffix("\n}").encode()
            file.path.write_bytes(body + CHECKSUM + blake2b(body, digest_size=16).hexdigest().encode() + b'"\n}\n')
            try:
                checkpoint = CheckpointFile(state, "t").load()
            except StateError:
                return
            assert checkpoint is not None
            source = EvtxSource((str(path),), parse_channels("all"))
            read(source, list(source.plan(checkpoint.cursors)))

        one()
