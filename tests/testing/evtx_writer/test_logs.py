"""Logs of many records and of every shape come back whole from every reader."""

import tracemalloc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree.ElementTree import Element as XmlElement

import pytest

from shipper.testing.evtx_writer import (
    CHUNK_BREAK,
    CHUNK_BYTES,
    FILE_HEADER_BYTES,
    ChunkBreak,
    Element,
    EventSpec,
    build_log,
    write_log,
)

Read = Callable[[Path], list[tuple[int, XmlElement]]]
Make = Callable[..., EventSpec]
GUID = "{0f67e49f-fe51-4e9f-b490-6f2948cc6027}"
CHANNELS = ("Microsoft Intune Connector", "Application", "Microsoft-Intune-CertificateConnectors/Admin")
TIME = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


@pytest.fixture
def mixed(event: Make) -> Callable[[int], list[EventSpec]]:
    """Return a maker of events of three channels, in all four forms of payload."""

    def make(index: int) -> EventSpec:
        text = f"event {index}"
        forms: tuple[dict[str, object], ...] = (
            {"data": ((None, text), (None, "more"))},
            {"data": (("Text", text), ("Other", "x" * (index % 700))), "provider_guid": GUID},
            {"user_data": Element("EventXML", children=(Element("Text", text),)), "provider_guid": GUID},
            {},
        )
        return event(channel=CHANNELS[index % 3], event_id=1000 + index, **forms[index % 4])

    return lambda count: [make(index) for index in range(count)]


def _identity(records: list[tuple[int, XmlElement]]) -> list[tuple[int, str | None, str | None]]:
    return [(number, root.findtext("System/EventID"), root.findtext("System/Channel")) for number, root in records]


def _expected(events: list[EventSpec], first: int = 1) -> list[tuple[int, str, str]]:
    return [(first + index, str(event.event_id), event.channel) for index, event in enumerate(events)]


def test_mixed_channels_over_several_chunks_come_back(
    read: Read, mixed: Callable[[int], list[EventSpec]], tmp_path: Path
) -> None:
    events = mixed(400)
    written = write_log(tmp_path / "log.evtx", events)
    assert written.chunks > 2
    assert _identity(read(tmp_path / "log.evtx")) == _expected(events)


def test_a_text_of_each_of_many_records_comes_back(
    read: Read, mixed: Callable[[int], list[EventSpec]], tmp_path: Path
) -> None:
    write_log(tmp_path / "log.evtx", mixed(120))
    for index, (_, root) in enumerate(read(tmp_path / "log.evtx")):
        texts = [element.text for element in root.iter() if element.tag in {"Data", "Text"}]
        assert (f"event {index}" in texts) is (index % 4 != 3)


def test_a_wrapped_log_has_its_newest_chunks_first(
    read: Read, mixed: Callable[[int], list[EventSpec]], tmp_path: Path
) -> None:
    write_log(tmp_path / "log.evtx", mixed(20), records_per_chunk=5, wrapped_at=1, first_record=101)
    numbers = [number for number, _ in read(tmp_path / "log.evtx")]
    assert numbers == [*range(116, 121), *range(101, 116)]


def test_a_live_log_has_all_its_records_though_its_header_counts_one_chunk(
    read: Read, mixed: Callable[[int], list[EventSpec]], tmp_path: Path
) -> None:
    events = mixed(20)
    write_log(tmp_path / "log.evtx", events, records_per_chunk=5, live=True, empty_slots=2)
    assert _identity(read(tmp_path / "log.evtx")) == _expected(events)


def test_a_forwarded_log_keeps_what_system_says_apart_from_the_record_header(
    read: Read, event: Make, tmp_path: Path
) -> None:
    received = TIME + timedelta(minutes=5)
    events = [
        event(computer=f"srv{index}", record_id=90_000 - index, time=TIME, header_time=received) for index in (1, 2)
    ]
    write_log(tmp_path / "log.evtx", events, first_record=10)
    read_back = [
        (number, root.findtext("System/EventRecordID"), root.findtext("System/Computer"))
        for number, root in read(tmp_path / "log.evtx")
    ]
    assert read_back == [(10, "89999", "srv1"), (11, "89998", "srv2")]


def test_a_chunk_break_begins_a_new_chunk(event: Make, tmp_path: Path) -> None:
    events: list[EventSpec | ChunkBreak] = [event(), CHUNK_BREAK, event(), event(), CHUNK_BREAK]
    assert write_log(tmp_path / "log.evtx", events).chunks == 2


def test_what_was_written_is_counted(event: Make, tmp_path: Path) -> None:
    written = write_log(tmp_path / "log.evtx", [event()] * 7, records_per_chunk=3, first_record=100, empty_slots=1)
    assert (written.records, written.chunks, written.next_record) == (7, 3, 107)
    assert written.size_bytes == (tmp_path / "log.evtx").stat().st_size == FILE_HEADER_BYTES + 4 * CHUNK_BYTES


def test_the_same_events_give_the_same_bytes(mixed: Callable[[int], list[EventSpec]]) -> None:
    assert build_log(mixed(50)) == build_log(mixed(50))


def test_writing_to_a_file_and_to_memory_gives_the_same_bytes(
    mixed: Callable[[int], list[EventSpec]], tmp_path: Path
) -> None:
    write_log(tmp_path / "log.evtx", mixed(50), wrapped_at=1, records_per_chunk=20)
    assert (tmp_path / "log.evtx").read_bytes() == build_log(mixed(50), wrapped_at=1, records_per_chunk=20)


def test_a_record_that_only_just_does_not_fit_goes_to_the_next_chunk_with_its_template(
    read: Read, event: Make, tmp_path: Path
) -> None:
    """The names and templates that it had brought into the full chunk must be forgotten there."""
    filler = [event(data=((None, "x" * 15_000),)) for _ in range(2)]
    newcomer = event(data=(("Unseen", "y" * 5_000),))
    events = [*filler, newcomer, event(data=((None, "short"),)), newcomer]
    assert write_log(tmp_path / "log.evtx", events).chunks == 2
    assert len(read(tmp_path / "log.evtx")) == 5


def test_an_event_larger_than_a_chunk_is_refused(event: Make, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="larger than a chunk"):
        write_log(tmp_path / "log.evtx", [event(data=((None, "x" * 32_500),))])


def test_a_log_without_events_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="without events"):
        write_log(tmp_path / "log.evtx", [])


def test_wrapping_past_the_last_chunk_is_refused(event: Make) -> None:
    with pytest.raises(ValueError, match="wrapped_at"):
        build_log([event()], wrapped_at=1)


def test_memory_does_not_grow_with_the_log(event: Make, tmp_path: Path) -> None:
    def events() -> Iterator[EventSpec]:
        for index in range(3_000):
            yield event(data=((None, f"{index} " + "x" * 1_000),))

    tracemalloc.start()
    try:
        written = write_log(tmp_path / "log.evtx", events())
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak_bytes < 1_500_000 < written.size_bytes / 4
