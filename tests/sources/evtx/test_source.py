"""Reading sound logs: order, filter, counts, values."""

import pickle
import struct
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from shipper.channels import parse_channels
from shipper.model import Position, Unit
from shipper.sources.evtx import EvtxSource, source
from shipper.sources.evtx.header import CHUNK_BYTES
from shipper.testing.evtx_writer import EventSpec, Rendering, build_log

ADMIN = "Microsoft-Intune-CertificateConnectors/Admin"
DECODERS = ["rust", "reference"]
Spec = Callable[..., EventSpec]
Log = Callable[..., bytes]
Reader = Callable[..., Any]


@pytest.mark.parametrize("decoder", DECODERS)
def test_every_record_is_read_in_order(log: Log, read: Reader, decoder: str) -> None:
    assert read(log(25), decoder=decoder).numbers == list(range(1, 26))


def test_a_wrapped_log_is_read_from_its_oldest_chunk(log: Log, read: Reader) -> None:
    assert read(log(40, wrapped_at=2)).numbers == list(range(1, 41))


def test_a_live_log_is_read_to_its_end_whatever_its_header_counts(log: Log, read: Reader) -> None:
    result = read(log(40, live=True))
    assert result.numbers == list(range(1, 41))
    assert result.problems == []


def test_slots_allocated_ahead_are_no_problem(log: Log, read: Reader) -> None:
    result = read(log(10, empty_slots=3))
    assert (len(result.events), result.problems) == (10, [])


def test_a_position_is_the_file_s_own_record_number_and_its_place(spec: Spec, read: Reader, tmp_path: Path) -> None:
    content = build_log([spec(1), spec(2, record_id=90_001)], records_per_chunk=1, first_record=500)
    event = read(content).events[1]
    assert event.position == Position(str(tmp_path / "log.evtx"), 501, 4096 + CHUNK_BYTES + 512, 1)
    assert event.record_id == 90_001
    assert struct.unpack_from("<I8xQ", content, event.position.offset)[0] == 0x2A2A


def test_system_is_read_field_by_field(spec: Spec, read: Reader) -> None:
    written = spec(
        provider="Microsoft-Intune-CertificateConnectors",
        provider_guid="{54849625-5478-4994-a5ba-3e3b0328c30d}",
        event_id=1001,
        channel=ADMIN,
        data=(("Name", "value"),),
        version=2,
        level=2,
        task=5,
        opcode=1,
        keywords=0x8000000000000001,
        process_id=4242,
        thread_id=17,
        activity_id="{01020304-0506-0708-090a-0b0c0d0e0f10}",
        user_sid="S-1-5-21-1-2-3-500",
        record_id=7,
    )
    (event,) = read(build_log([written])).events
    assert (event.provider, event.provider_guid) == (written.provider, written.provider_guid)
    assert (event.event_id, event.channel, event.computer, event.record_id) == (1001, ADMIN, written.computer, 7)
    assert (event.version, event.level, event.task, event.opcode) == (2, 2, 5, 1)
    assert (event.process_id, event.thread_id) == (4242, 17)
    assert (event.keywords, event.activity_id) == ("0x8000000000000001", written.activity_id)
    assert (event.user_sid, event.related_activity_id, event.missing) == ("S-1-5-21-1-2-3-500", None, ())


def test_qualifiers_are_kept_apart_from_the_event_id(spec: Spec, read: Reader) -> None:
    (event,) = read(build_log([spec(qualifiers=0x8000)])).events
    assert (event.event_id, event.qualifiers) == (20102, 0x8000)


def test_keywords_have_sixteen_digits(spec: Spec, read: Reader) -> None:
    assert read(build_log([spec()])).events[0].keywords == "0x0080000000000000"


def test_the_time_has_100_ns_where_the_record_header_tells_the_same_microsecond(spec: Spec, read: Reader) -> None:
    (event,) = read(build_log([spec(time=133_000_000_001_234_567)])).events
    assert (event.time, event.time_s) == ("2022-06-18T04:26:40.1234567Z", 1_655_526_400)


def test_the_time_is_system_s_own_in_a_forwarded_log(spec: Spec, read: Reader) -> None:
    (event,) = read(build_log([spec(time=133_000_000_001_234_567, header_time=133_000_000_071_234_567)])).events
    assert event.time == "2022-06-18T04:26:40.123456Z"


def test_a_time_before_1970_is_rounded_down(spec: Spec, read: Reader) -> None:
    (event,) = read(build_log([spec(time=datetime(1969, 12, 31, 23, 59, 59, 500_000, tzinfo=UTC))])).events
    assert event.time_s == -1


def test_rendering_info_of_a_forwarded_event_is_kept(spec: Spec, read: Reader) -> None:
    rendering = Rendering("Line one.\r\nLine two.", level="Error", task="Enrol", opcode="Info", keywords=("A", "B"))
    (event,) = read(build_log([spec(rendering=rendering)])).events
    assert event.message == "Line one.\nLine two."
    assert (event.level_name, event.task_name, event.opcode_name) == ("Error", "Enrol", "Info")
    assert event.keyword_names == ("A", "B")


def test_line_ends_are_those_that_a_reader_of_xml_sees(spec: Spec, read: Reader) -> None:
    assert read(build_log([spec(1, "a\r\nb\rc")])).events[0].data == ((None, "a\nb\nc"),)


def test_chunks_without_the_channel_are_passed_over_and_counted(log: Log, read: Reader) -> None:
    result = read(log(40, channel="Application"), "connector")
    assert (len(result.events), result.filtered, result.skipped) == (0, 0, 40)


def test_records_of_other_channels_in_a_decoded_chunk_are_filtered_and_counted(spec: Spec, read: Reader) -> None:
    result = read(build_log([spec(1), spec(2, channel="Application"), spec(3)]), "connector")
    assert (result.numbers, result.filtered, result.skipped) == ([1, 3], 1, 0)


def test_a_foreign_event_that_quotes_the_channel_is_not_taken_for_one(spec: Spec, read: Reader) -> None:
    result = read(build_log([spec(1, "Microsoft Intune Connector", channel="Application")]), "connector")
    assert (result.events, result.filtered) == ([], 1)


def test_a_channel_is_wanted_whatever_the_case_of_the_log(spec: Spec, read: Reader) -> None:
    events = [spec(1, "Microsoft Intune Connector", channel="MICROSOFT INTUNE CONNECTOR")]
    assert len(read(build_log(events), "connector").events) == 1


def test_every_record_is_counted_once(spec: Spec, read: Reader) -> None:
    channels = ["Application", "Microsoft Intune Connector", "System"]
    content = build_log([spec(number, channel=channels[number % 3]) for number in range(50)], records_per_chunk=2)
    result = read(content, "connector")
    assert len(result.events) + result.filtered + result.skipped == 50
    assert len(result.events) == 17


def test_the_text_is_kept_when_asked_for(log: Log, read: Reader) -> None:
    (event,) = read(log(1), keep_raw=True).events
    assert event.raw is not None
    assert event.raw.startswith("<Event ")
    assert "text 1" in event.raw


def test_the_text_is_not_kept_otherwise(log: Log, read: Reader) -> None:
    assert read(log(1)).events[0].raw is None


def test_a_plan_cuts_a_log_into_units_that_hold_each_slot_once(
    log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "UNIT_SLOTS", 3)
    path = tmp_path / "log.evtx"
    path.write_bytes(log(70, wrapped_at=5))
    units = list(EvtxSource((str(path),), parse_channels("all")).plan())
    assert [unit.slots for unit in units] == [(5, 6, 0), (1, 2, 3), (4,)]
    assert [unit.size_bytes for unit in units] == [3 * CHUNK_BYTES, 3 * CHUNK_BYTES, CHUNK_BYTES]


def test_a_source_can_be_pickled(log: Log, tmp_path: Path) -> None:
    path = tmp_path / "log.evtx"
    path.write_bytes(log(5))
    there = pickle.loads(pickle.dumps(EvtxSource((str(path),), parse_channels("connector"))))  # noqa: S301
    assert sum(len(batch.events) for unit in there.plan() for batch in there.read(unit)) == 5


def test_batches_stay_small(log: Log, read: Reader) -> None:
    result = read(log(4000, records_per_chunk=100))
    assert len(result.batches) > 1
    assert max(len(batch.events) for batch in result.batches) < 2600


def test_batches_stand_for_the_bytes_of_the_file(log: Log, read: Reader) -> None:
    assert sum(batch.size_bytes for batch in read(log(40), "connector").batches) == 4 * CHUNK_BYTES


def test_an_empty_batch_is_not_given_while_there_is_more_to_scan(log: Log, read: Reader) -> None:
    batches = read(log(40, channel="Application"), "connector").batches
    assert [bool(batch.skipped) for batch in batches] == [True]


def test_a_unit_without_slots_has_no_batches(log: Log, tmp_path: Path) -> None:
    path = tmp_path / "log.evtx"
    path.write_bytes(log(5))
    assert list(EvtxSource((str(path),), parse_channels("all")).read(Unit(str(path)))) == []
