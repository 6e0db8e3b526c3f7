"""The ``winlog`` part, as Winlogbeat would write it."""

from collections.abc import Callable
from typing import Any

from shipper.model import Event

MAKE = Callable[..., Event]
FIELDS = Callable[..., dict[str, Any]]
GUID = "6f1c2a90-0b1d-4c55-9a53-2f6a6e0c7a11"


def test_unnamed_data_are_params_by_their_place_and_empty_ones_are_left_out(event: MAKE, fields: FIELDS) -> None:
    found = fields(event((None, "one"), (None, ""), ("Data", "three"), ("Named", "four"), ("", "five")))
    assert found["winlog.event_data"] == {"param1": "one", "param3": "three", "Named": "four", "param5": "five"}


def test_the_thousandth_unnamed_data_is_a_param_too(event: MAKE, fields: FIELDS) -> None:
    assert "param1200" in fields(event(*[(None, "x")] * 1200, event_id=7036, channel="System"))["winlog.event_data"]


def test_line_ends_are_those_of_winlogbeat(event: MAKE, fields: FIELDS) -> None:
    assert fields(event(("a", "one\r\ntwo\r\n"), ("b", "x\n")))["winlog.event_data"] == {"a": "one\ntwo", "b": "x"}


def test_a_name_that_comes_twice_has_a_list(event: MAKE, fields: FIELDS) -> None:
    found = fields(event(("a", "1"), ("a", "2"), ("a", "3")))
    assert found["winlog.event_data"] == {"a": ["1", "2", "3"]}


def test_ids_are_texts_and_process_ids_are_numbers(event: MAKE, fields: FIELDS) -> None:
    found = fields(event(process_id=4242, thread_id=17, version=0))
    assert (found["winlog.event_id"], found["winlog.record_id"]) == ("20102", "4208")
    assert (found["winlog.process.pid"], found["winlog.process.thread.id"]) == (4242, 17)
    assert found["winlog.version"] == 0


def test_guids_stand_in_braces_and_upper_case(event: MAKE, fields: FIELDS) -> None:
    found = fields(event(provider_guid=f"{{{GUID}}}", activity_id=GUID, related_activity_id=GUID.upper()))
    names = ("winlog.provider_guid", "winlog.activity_id", "winlog.related_activity_id")
    assert {found[name] for name in names} == {f"{{{GUID.upper()}}}"}


def test_names_of_task_opcode_and_keywords_stand_only_where_they_were_rendered(event: MAKE, fields: FIELDS) -> None:
    plain = fields(event(task=12, opcode=0, keywords="0x8000000000000000"))
    assert not {"winlog.task", "winlog.opcode", "winlog.keywords"} & set(plain)
    rendered = fields(event(task_name="PkcsIssuedFailure", opcode_name="Info", keyword_names=("Classic",)))
    assert rendered["winlog.task"] == "PkcsIssuedFailure"
    assert rendered["winlog.opcode"] == "Info"
    assert rendered["winlog.keywords"] == ["Classic"]


def test_user_data_stand_below_the_name_of_their_element(event: MAKE, fields: FIELDS) -> None:
    found = fields(event(user_data=(("EventXML.Param1", "a"), ("EventXML.Sub.Param2", "b"), ("EventXML.None", ""))))
    assert found["winlog.user_data"] == {"xml_name": "EventXML", "Param1": "a", "Sub.Param2": "b"}
