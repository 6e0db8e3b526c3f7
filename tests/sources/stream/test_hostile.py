"""Input that is broken, or made to break its reader: each is a ``Problem`` or an honest event, never an exception."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shipper.channels import parse_channels
from shipper.errors import SourceError
from shipper.sources.stream import StreamSource
from shipper.sources.text_repair import repair_json, repair_xml

Line = Callable[..., bytes]
Element = Callable[..., bytes]
Reader = Callable[..., Any]


def test_a_lone_surrogate_in_json_becomes_a_replacement_and_is_counted(read: Reader, line: Line) -> None:
    (event,) = read(line(event_data={"param1": "a\ud800b\udc00"})).events
    assert event.data == ((None, "a\ufffdb\ufffd"),)
    assert event.replaced == 2


def test_a_surrogate_pair_in_json_is_one_character(read: Reader, line: Line) -> None:
    (event,) = read(line(event_data={"param1": "\U0001f600\ud800"})).events
    assert (event.data, event.replaced) == (((None, "\U0001f600\ufffd"),), 1)


def test_an_escaped_backslash_before_u_is_no_surrogate(read: Reader, line: Line) -> None:
    (event,) = read(line(event_data={"param1": "C:\\ud800 \ud800"})).events
    assert (event.data, event.replaced) == (((None, "C:\\ud800 \ufffd"),), 1)


def test_bytes_that_are_no_utf_8_are_replaced_and_counted(read: Reader, line: Line) -> None:
    (event,) = read(line(event_data={"param1": "x"}).replace(b'"x"', b'"a\xffb"')).events
    assert (event.data, event.replaced) == (((None, "a\ufffdb"),), 1)


def test_an_honest_replacement_character_is_not_counted(read: Reader, line: Line) -> None:
    (event,) = read(line(event_data={"param1": "x"}).replace(b'"x"', '"\ufffd'.encode() + b'\xff"')).events
    assert event.replaced == 1


def test_control_characters_in_a_json_string_are_kept(read: Reader, line: Line) -> None:
    (event,) = read(line(event_data={"param1": "x"}).replace(b'"x"', b'"a\x00\x01\tb"')).events
    assert event.data == ((None, "a\x00\x01\tb"),)


def test_deep_json_in_a_field_that_is_read_is_a_problem(read: Reader, line: Line) -> None:
    deep = line().replace(b'"param1": ', b'"param1": ' + b"[" * 100_000 + b"]" * 100_000 + b', "param2": ')
    given = read(deep + b"\n" + line())
    assert given.reasons == ["JSON nested too deeply"]
    assert len(given.events) == 1


def test_objects_nested_to_the_limit_of_the_decoder_are_a_problem_or_text(read: Reader, line: Line) -> None:
    for depth in range(900, 1010, 10):
        deep = b'{"a":' * depth + b"1" + b"}" * depth
        given = read(line().replace(b'"param1": ', b'"param1": ' + deep + b', "param2": '))
        assert len(given.events) + len(given.problems) == 1


@pytest.mark.parametrize("broken", [b'{"a":1', b'{"a":tru}', b"{}}", b'{"a":1}{"b":2}', b'{"a":"\\x"}', b"{'a':1}"])
def test_malformed_json_is_a_problem_at_its_line(read: Reader, line: Line, broken: bytes) -> None:
    given = read(line() + b"\n" + broken + b"\n" + line())
    assert [problem.position.record for problem in given.problems] == [2]
    assert given.reasons[0].startswith("malformed JSON")
    assert len(given.events) == 2


def test_a_last_line_that_was_cut_off_is_a_problem(read: Reader, line: Line) -> None:
    given = read(line() + b"\n" + line()[:-10])
    assert given.reasons == ["malformed JSON: Input data was truncated"]
    assert len(given.events) == 1


def test_a_last_line_without_a_line_feed_is_read(read: Reader, line: Line) -> None:
    assert len(read(line()).events) == 1


def test_an_entity_bomb_does_not_go_off(read: Reader, element: Element) -> None:
    entities = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))
    bomb = b"<!DOCTYPE Events [<!ENTITY l0 'lol'>" + entities + b"]>\n"
    given = read(bomb + element(data="<Data>&l9;</Data>") + element())
    assert "document type definition is refused" in given.reasons[0]
    assert given.reasons[1].startswith("malformed XML: undefined entity")
    assert len(given.events) == 1


def test_a_document_type_definition_inside_an_event_is_malformed(read: Reader, element: Element) -> None:
    given = read(element(after="<!DOCTYPE Event [<!ENTITY a 'b'>]>") + b"\n" + element())
    assert [reason.partition(":")[0] for reason in given.reasons] == ["malformed XML"]
    assert len(given.events) == 1


def test_external_entities_are_not_fetched(read: Reader, element: Element, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    definition = f"<!DOCTYPE Event [<!ENTITY x SYSTEM '{secret.as_uri()}'>]>\n".encode()
    given = read(definition + element(data="<Data>&x;</Data>"))
    assert given.events == []
    assert len(given.problems) == 2


@pytest.mark.parametrize("character", [b"\x01", b"&#1;", b"&#xD800;", b"&#x110000;", b"\xff", b"\xed\xa0\x80", b"\x00"])
def test_a_character_that_xml_does_not_have_is_replaced_and_counted(
    read: Reader, element: Element, character: bytes
) -> None:
    (event,) = read(element(data="<Data>a-b</Data>").replace(b"a-b", b"a" + character + b"b")).events
    assert (event.data, event.replaced) == (((None, "a\ufffdb"),), 1)


def test_references_that_xml_has_are_not_touched_by_the_repair(read: Reader, element: Element) -> None:
    (event,) = read(element(data="<Data>&#x1F600;&#13;&amp;#1;&#1;</Data>")).events
    assert (event.data, event.replaced) == (((None, "\U0001f600\r&#1;\ufffd"),), 1)


def test_user_data_without_bottom_is_a_problem(read: Reader, element: Element) -> None:
    deep = "<UserData>" + "<a>" * 100_000 + "</a>" * 100_000 + "</UserData>"
    given = read(element(after=deep) + element())
    assert given.reasons == ["UserData nested deeper than 64 levels"]
    assert len(given.events) == 1


def test_an_event_without_system_is_a_problem(read: Reader, element: Element) -> None:
    assert read(element() + b"<Event><EventData/></Event>").reasons == ["an event without System"]


def test_huge_numbers_cost_no_time(read: Reader, line: Line) -> None:
    huge = "9" * 5_000_000
    (event,) = read(line(record_id=huge)).events
    assert event.missing == ("record_id",)


def test_duplicated_and_strange_params_cost_no_memory(read: Reader, line: Line) -> None:
    (event,) = read(line(event_data={"param9999": "x", "param99999999999": "y"})).events
    assert event.data[-1] == ("param99999999999", "y")
    assert len(event.data) == 2


MEMORY = """
import resource, sys
from shipper.channels import parse_channels
from shipper.sources.stream import StreamSource
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
source = StreamSource(sys.argv[1], parse_channels("all"))
events = problems = 0
for unit in source.plan():
    for batch in source.read(unit):
        events, problems = events + len(batch.events), problems + len(batch.problems)
print(events, problems, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="resource is a module of POSIX systems")
def test_a_line_of_100_mb_is_passed_over_in_bounded_memory(line: Line, tmp_path: Path) -> None:
    path = tmp_path / "long.ndjson"
    with path.open("wb") as file:
        file.write(line() + b'\n{"a":"')
        for _ in range(100):
            file.write(b"x" * 1_000_000)
        file.write(b'"}\n' + line() + b"\n")
    done = subprocess.run([sys.executable, "-c", MEMORY, str(path)], capture_output=True, check=True, text=True)  # noqa: S603 - our own code
    events, problems, grown_mb = map(int, done.stdout.split())
    assert (events, problems) == (2, 1)
    assert grown_mb < 60


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_in_a_line_never_raise(content: bytes) -> None:
    _read_bytes(b'{"winlog":{"channel":"a"},"x":"' + content + b'"}\n{"winlog":{}}\n' + content)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary(max_size=100), st.binary(max_size=100))
def test_any_bytes_in_an_element_never_raise(name: bytes, text: bytes) -> None:
    _read_bytes(
        b"<Event><System><Channel>" + text + b"</Channel><EventRecordID>" + name + b"</EventRecordID></System>"
        b"<EventData><Data Name='"
        + name
        + b"'>"
        + text
        + b"</Data></EventData><UserData>"
        + name
        + b"</UserData></Event>"
    )


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
NAMES = ["channel", "computer_name", "provider_name", "event_id", "record_id", "event_data", "user_data", "keywords"]
MORE_NAMES = ["opcode", "task", "version", "process", "user", "provider_guid", "activity_id", "time_created"]


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(NAMES + MORE_NAMES), JSON), JSON, JSON)
def test_any_types_in_any_field_never_raise(winlog: dict[str, object], timestamp: object, event: object) -> None:
    whole = {"@timestamp": timestamp, "winlog": winlog, "event": event, "log": event, "message": timestamp}
    _read_bytes(json.dumps(whole).encode())


@given(st.binary())
def test_repairs_leave_utf_8(content: bytes) -> None:
    repair_json(content)[0].decode()
    repair_xml(content)[0].encode()


def _read_bytes(content: bytes) -> None:
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        source = StreamSource(file.name, parse_channels("all"))
        try:
            for unit in source.plan():
                for batch in source.read(unit):
                    assert batch.events or batch.problems or batch.filtered or batch.size_bytes
        except SourceError as error:
            assert error.hint  # noqa: PT017 - only some content is refused, and then with a hint
