"""Laws of the writer: whatever is written is read back (by the Rust reader; the tables hold for all three)."""

import io
import json
from datetime import UTC, datetime
from typing import Any

import evtx
from hypothesis import given
from hypothesis import strategies as st

from shipper.testing.evtx_writer import EventSpec, Value, build_log, u64
from shipper.testing.evtx_writer.values import ticks

TIME = datetime(2026, 11, 20, tzinfo=UTC)
GUID = "{0f67e49f-fe51-4e9f-b490-6f2948cc6027}"
#: A NUL ends a string for every reader.
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60)


def _event(**fields: object) -> EventSpec:
    return EventSpec("Source", 1, "Channel", "host", TIME, **fields)  # type: ignore[arg-type]  # the laws type them


def _read(log: bytes) -> list[dict[str, Any]]:
    records = evtx.PyEvtxParser(io.BytesIO(log)).records_json()
    return [
        {"number": record["event_record_id"], **json.loads(record["data"])["Event"]} for record in records if record
    ]


@given(st.lists(st.lists(TEXT, min_size=1, max_size=4), min_size=1, max_size=5))
def test_classic_strings_are_read_back(events: list[list[str]]) -> None:
    log = build_log([_event(data=tuple((None, text) for text in texts)) for texts in events])
    read_back = [event["EventData"]["Data"]["#text"] for event in _read(log)]
    assert read_back == [texts[0] if len(texts) == 1 else texts for texts in events]


@given(st.lists(st.one_of(TEXT, st.integers(0, 2**64 - 1)), min_size=1, max_size=6))
def test_named_values_are_read_back(values: list[str | int]) -> None:
    data: list[tuple[str, str | Value]] = [
        (f"Field{index}", value if isinstance(value, str) else u64(value)) for index, value in enumerate(values)
    ]
    [event] = _read(build_log([_event(data=tuple(data), provider_guid=GUID)]))
    assert event["EventData"] == {f"Field{index}": value for index, value in enumerate(values)}


@given(st.lists(st.integers(0, 31_600), min_size=1, max_size=12), st.integers(1, 2**40))
def test_records_of_any_size_are_numbered_without_a_gap(sizes: list[int], first: int) -> None:
    log = build_log([_event(data=((None, "x" * size),)) for size in sizes], first_record=first)
    assert [event["number"] for event in _read(log)] == list(range(first, first + len(sizes)))


@given(st.lists(st.integers(1, 9), min_size=2, max_size=9), st.data())
def test_wrapping_moves_chunks_and_loses_none(sizes: list[int], data: st.DataObject) -> None:
    slots = -(-sum(sizes) // 3)
    wrapped_at = data.draw(st.integers(0, slots - 1))
    events = [_event()] * sum(sizes)
    log = build_log(events, records_per_chunk=3, wrapped_at=wrapped_at)
    assert sorted(event["number"] for event in _read(log)) == list(range(1, len(events) + 1))


@given(st.datetimes(datetime(1601, 1, 1), datetime(9999, 12, 31), timezones=st.just(UTC)))  # noqa: DTZ001 (bounds take none)
def test_a_filetime_counts_tenths_of_a_microsecond(time: datetime) -> None:
    counted = ticks(time)
    assert counted % 10 == 0
    assert (
        counted // 10
        == ((time - datetime(1601, 1, 1, tzinfo=UTC)).days * 86_400_000_000)
        + ((time.hour * 60 + time.minute) * 60 + time.second) * 1_000_000
        + time.microsecond
    )
