"""Winlogbeat and Elastic Agent lines, in every layout they are met in."""

import json
from collections.abc import Callable
from typing import Any

import pytest

Line = Callable[..., bytes]
Reader = Callable[..., Any]


def test_a_winlogbeat_8_line_becomes_the_event_it_reports(read: Reader, line: Line) -> None:
    (event,) = read(line()).events
    assert (event.channel, event.event_id, event.record_id) == ("Microsoft Intune Connector", 20102, 4711)
    assert (event.computer, event.provider) == ("ndes01.contoso.com", "Intune Connector (synthetic)")
    assert event.data == ((None, "DiagnosticCode: 0x00000400"),)
    assert (event.message, event.level_name, event.task_name) == ("the rendered message", "error", "None")
    assert event.keyword_names == ("Classic",)
    assert event.missing == ()
    assert event.raw is None


def test_time_is_the_timestamp_and_not_when_winlogbeat_read_it(read: Reader, line: Line) -> None:
    (event,) = read(line()).events
    assert (event.time, event.time_s) == ("2026-11-20T09:30:00.123Z", 1795167000)


def test_ids_may_be_numbers_or_strings(read: Reader, line: Line) -> None:
    numbers, strings = read(
        line(event_id=20102, record_id=4711) + b"\n" + line(event_id="20102", record_id="4711")
    ).events
    assert (numbers.event_id, numbers.record_id) == (strings.event_id, strings.record_id) == (20102, 4711)


def test_named_data_keeps_its_order(read: Reader, line: Line) -> None:
    guid = "{0D59D6CF-1F5F-4D4A-9C35-3A1C9B4F0A11}"
    (event,) = read(line(event_data={"Zeta": "1", "Alpha": "2"}, provider_guid=guid)).events
    assert event.data == (("Zeta", "1"), ("Alpha", "2"))


def test_params_without_a_manifest_are_unnamed_data_by_number(read: Reader, line: Line) -> None:
    (event,) = read(line(event_data={"param10": "j", "param2": "b", "Binary": "00FF"})).events
    assert event.data[1] == (None, "b")
    assert event.data[9:] == ((None, "j"), ("Binary", "00FF"))


def test_empty_unnamed_data_that_winlogbeat_left_out_has_its_place_back(read: Reader, line: Line) -> None:
    (event,) = read(line(event_data={"param1": "a", "param3": "c"})).events
    assert event.data == ((None, "a"), (None, ""), (None, "c"))


def test_params_of_a_provider_with_a_manifest_are_names(read: Reader, line: Line) -> None:
    guid = "{555908d1-a6d7-4695-8e1e-26931d2012f4}"
    (event,) = read(line(event_data={"param1": "Service", "param2": "running"}, provider_guid=guid)).events
    assert event.data == (("param1", "Service"), ("param2", "running"))


def test_guids_are_in_braces_and_lower_case(read: Reader, line: Line) -> None:
    upper = "{555908D1-A6D7-4695-8E1E-26931D2012F4}"
    (event,) = read(line(provider_guid=upper, activity_id=upper.strip("{}"))).events
    assert event.provider_guid == event.activity_id == upper.lower()


def test_process_thread_and_user_are_read(read: Reader, line: Line) -> None:
    (event,) = read(line(process={"pid": 4, "thread": {"id": 8}}, user={"identifier": "S-1-5-18"})).events
    assert (event.process_id, event.thread_id, event.user_sid) == (4, 8, "S-1-5-18")


def test_user_data_goes_below_the_name_of_its_element(read: Reader, line: Line) -> None:
    (event,) = read(line(user_data={"SubjectUserName": "joe", "xml_name": "LogFileCleared"}, event_data=None)).events
    assert event.user_data == (("LogFileCleared.SubjectUserName", "joe"),)


def test_windows_line_ends_become_line_feeds(read: Reader, line: Line) -> None:
    (event,) = read(line(event_data={"param1": "a\r\nb"})).events
    assert event.data == ((None, "a\nb"),)


def _dotted(tree: dict[str, Any], path: str = "") -> dict[str, Any]:
    leaves: dict[str, Any] = {}
    for name, value in tree.items():
        here = f"{path}.{name}" if path else name
        leaves.update(_dotted(value, here) if isinstance(value, dict) else {here: value})
    return leaves


def test_dotted_names_say_the_same_as_nested_ones(read: Reader, line: Line) -> None:
    nested = line(process={"pid": 4, "thread": {"id": 8}}, user={"identifier": "S-1-5-18"})
    dotted = json.dumps(_dotted(json.loads(nested))).encode()
    assert read(dotted).events == read(nested).events


def test_a_hit_of_an_elasticsearch_export_is_read_below_its_source(read: Reader, line: Line) -> None:
    hit = json.dumps({"_index": "winlogbeat-1", "_id": "x", "_source": json.loads(line())}).encode()
    assert read(hit).events == read(line()).events


def test_lists_of_one_value_say_the_value(read: Reader, line: Line) -> None:
    fields = {
        name: [value] if isinstance(value, str | int) else value for name, value in _dotted(json.loads(line())).items()
    }
    assert read(json.dumps(fields).encode()).events == read(line()).events


def test_the_layout_before_winlogbeat_7_is_read(read: Reader, line: Line) -> None:
    old = {
        "@timestamp": "2026-11-20T09:30:00.123Z",
        "log_name": "Microsoft Intune Connector",
        "source_name": "Intune Connector (synthetic)",
        "computer_name": "ndes01.contoso.com",
        "event_id": 20102,
        "record_number": "4711",
        "event_data": {"param1": "DiagnosticCode: 0x00000400"},
        "keywords": ["Classic"],
        "level": "error",
        "task": "None",
        "message": "the rendered message",
        "type": "wineventlog",
    }
    assert read(json.dumps(old).encode()).events == read(line()).events


def test_values_of_another_type_are_read_as_text(read: Reader, line: Line) -> None:
    guid = "{555908d1-a6d7-4695-8e1e-26931d2012f4}"
    odd = {"Count": 3, "Flag": True, "Nothing": None, "Items": ["a", "b"], "Deep": {"er": "x"}}
    (event,) = read(line(event_data=odd, provider_guid=guid)).events
    assert dict(event.data) == {"Count": "3", "Flag": "true", "Nothing": "", "Items": '["a","b"]', "Deep.er": "x"}


@pytest.mark.parametrize("part", ["record_id", "computer_name", "provider_name"])
def test_a_missing_part_of_the_identity_is_named_and_the_line_kept(read: Reader, line: Line, part: str) -> None:
    text = line(**{part: None})
    (event,) = read(text).events
    assert event.missing == ({"computer_name": "computer", "provider_name": "provider"}.get(part, part),)
    assert event.raw == text.decode()


def test_a_record_id_beyond_64_bits_counts_as_missing(read: Reader, line: Line) -> None:
    (event,) = read(line(record_id=2**64)).events
    assert (event.record_id, event.missing) == (0, ("record_id",))


def test_without_its_own_time_an_event_has_the_time_of_collection_and_a_weak_identity(read: Reader, line: Line) -> None:
    text = line().replace(b'"@timestamp"', b'"@elsewhere"')
    (event,) = read(text).events
    assert (event.time, event.missing) == ("2026-11-20T09:30:02.000Z", ("time",))


def test_the_original_is_kept_when_asked_for(read: Reader, line: Line) -> None:
    text = line().replace(b'"kind": "event"', b'"original": "<Event/>"')
    assert [event.raw for event in read(text, keep_raw=True).events] == ["<Event/>"]


def test_the_line_is_kept_when_there_is_no_original(read: Reader, line: Line) -> None:
    assert [event.raw for event in read(line(), keep_raw=True).events] == [line().decode()]


def test_an_object_that_is_no_windows_event_is_foreign_even_where_every_channel_is_wanted(read: Reader) -> None:
    assert read(b'{"message":"hello"}\n').filtered == 1
