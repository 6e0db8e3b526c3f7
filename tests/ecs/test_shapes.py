"""What is remembered of a payload's names changes nothing that is read from it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipper.catalog import LEGACY_CHANNEL
from shipper.ecs.details import read_details
from shipper.ecs.shapes import named_data
from shipper.ecs.winlog import winlog_part
from shipper.model import Event, Position

# Spellings of one slot beside one another, slots that are read, names that say nothing or are kept otherwise.
NAMES = st.sampled_from(
    [
        *("DeviceId", "Device ID", "CAName", "Thumbprint", "DiagnosticCode", "diag code", "HResult", "Reason"),
        *("ErrorMessage", "StackTrace", "Metric.Name", "Detail", " padded ", "a\0b", "", "Data", "param1", None),
    ]
)
VALUES = st.sampled_from(
    [
        *("", " ", "one", "two words", "0x00000411", "1041", "no code", "0x800706BA", "Denied by Policy Module"),
        *("line\r\nend", "end\n", "bare\rreturn", "\0\n\0", 'Oops. [Exception Message: "0x00000411. Inner"]'),
    ]
)
DATA = st.lists(st.tuples(NAMES, VALUES), max_size=7).map(tuple)


def an_event(data: tuple[tuple[str | None, str], ...]) -> Event:
    return Event(Position("a.evtx", 1), "p", 1052, LEGACY_CHANNEL, "c", 1, "2026-11-24T09:30:00Z", 0, data)


@given(data=DATA)
def test_details_are_the_same_whether_names_are_known_or_asked_for(data: tuple[tuple[str | None, str], ...]) -> None:
    event = an_event(data)
    assert read_details(event, named_data(data)) == read_details(event)


@given(data=DATA)
def test_winlog_is_the_same_whether_names_are_known_or_asked_for(data: tuple[tuple[str | None, str], ...]) -> None:
    event = an_event(data)
    assert winlog_part(event, "1052", named_data(data)) == winlog_part(event, "1052")


@pytest.mark.parametrize(
    "data", [(), (("", "x"),), ((None, "x"),), (("A", "1"), ("A", "2")), (("param1", "x"),), (("A", ""),)]
)
def test_what_needs_a_closer_look_has_no_shape(data: tuple[tuple[str | None, str], ...]) -> None:
    assert named_data(data) is None


def test_empty_values_are_left_out() -> None:
    named = named_data((("DeviceId", "1"), ("Detail", ""), ("UserId", "2")))
    assert named is not None
    assert list(named.values) == ["DeviceId", "UserId"]
