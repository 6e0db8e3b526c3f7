"""Lone surrogates become U+FFFD and are counted, whichever text they stand in."""

from collections.abc import Callable
from time import process_time
from typing import Any

import pytest

from shipper.testing.evtx_writer import EventSpec, Rendering, build_log

Spec = Callable[..., EventSpec]
Reader = Callable[..., Any]


CASES = [
    ("a\ud800b", "a\ufffdb", 1),
    ("\udc00b", "\ufffdb", 1),
    ("cut off \ud83d", "cut off \ufffd", 1),
    ("\ud800\ud800 two", "\ufffd\ufffd two", 2),
    ("\u6f22\ud83d\u6f22", "\u6f22\ufffd\u6f22", 1),
    ("è \udfff è", "è \ufffd è", 1),
    ("\ud800", "\ufffd", 1),
    ("\ud8dc\u0101", "\ufffd\u0101", 1),
    ("a\udc01\u01d3", "a\ufffd\u01d3", 1),
    ("a pair \U0001f600 stays", "a pair \U0001f600 stays", 0),
    ("\ufffd was there before", "\ufffd was there before", 0),
]


# python-evtx tears arrays of texts apart at any character U+xx00: classic events are the wheel's alone here.
@pytest.mark.parametrize("by", [("rust", None), ("rust", "Name"), ("reference", "Name")])
@pytest.mark.parametrize("case", CASES)
def test_a_lone_surrogate_is_replaced_and_counted(
    spec: Spec, read: Reader, by: tuple[str, str | None], case: tuple[str, str, int]
) -> None:
    (decoder, name), (written, read_back, replaced) = by, case
    content = build_log([spec(1), spec(2, data=((name, written),)), spec(3)])
    events = read(content, decoder=decoder).events
    assert events[1].data == ((name, read_back),)
    assert [event.replaced for event in events] == [0, replaced, 0]


def test_a_lone_surrogate_in_a_rendered_message_is_replaced(spec: Spec, read: Reader) -> None:
    (event,) = read(build_log([spec(rendering=Rendering("cut \ud83d"))])).events
    assert (event.message, event.replaced) == ("cut \ufffd", 1)


def test_a_long_text_of_nothing_but_pairs_costs_no_more_than_its_length(spec: Spec, read: Reader) -> None:
    """Each pair by itself, in the whole of its text, took 20 seconds: found by the fuzzer."""
    content = build_log([spec(1, "\U0001f600" * 15_000 + "\ud83d")])
    begin = process_time()
    (event,) = read(content).events
    assert event.replaced == 1
    assert process_time() - begin < 2


def test_bytes_of_a_guid_are_not_taken_for_text(spec: Spec, read: Reader) -> None:
    activity = "{d8d8d8d8-dcdc-d9d9-dada-dbdbdddddede}"
    (event,) = read(build_log([spec(1, "\u6f22", activity_id=activity, process_id=0xD800, thread_id=0xDC00)])).events
    assert (event.activity_id, event.process_id, event.replaced) == (activity, 0xD800, 0)


def test_a_surrogate_in_the_middle_of_many_records_is_found(spec: Spec, read: Reader) -> None:
    content = build_log([spec(number, f"text {number}" + "\udabc" * (number == 37)) for number in range(60)])
    assert [event.position.record for event in read(content).events if event.replaced] == [38]
