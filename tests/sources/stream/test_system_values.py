"""One spelling of System's values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipper.sources import system_values as values


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("2021-07-22T15:44:21.416718300Z", "2021-07-22T15:44:21.4167183Z"),
        ("2021-07-22T15:44:21.416718000Z", "2021-07-22T15:44:21.416718Z"),
        ("2021-07-22T15:44:21.4167183Z", "2021-07-22T15:44:21.4167183Z"),
        ("2021-07-22T15:44:21.000000000Z", "2021-07-22T15:44:21.000000Z"),
        ("2021-07-22T15:44:21.416Z", "2021-07-22T15:44:21.416Z"),
        ("2021-07-22T15:44:21Z", "2021-07-22T15:44:21Z"),
        ("2021-07-22 15:44:21.416718+00:00", "2021-07-22T15:44:21.416718Z"),
        ("2021-07-22T17:44:21.416+02:00", "2021-07-22T15:44:21.416Z"),
        ("2021-07-22T10:14:21-0530", "2021-07-22T15:44:21Z"),
        ("2021-07-22T15:44:21", "2021-07-22T15:44:21Z"),
    ],
)
def test_a_time_is_shown_in_utc_with_the_digits_it_has(written: str, shown: str) -> None:
    assert values.moment(written) == values.Moment(shown, 1626968661)


def test_seconds_are_rounded_down_before_1970() -> None:
    assert values.moment("1969-12-31T23:59:59.5Z") == values.Moment("1969-12-31T23:59:59.5Z", -1)


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "x",
        "2021-13-01T00:00:00Z",
        "2021-07-22",
        "2021-07-22T15:44:61Z",
        "2021-07-22T15:44:21+99:00",
        "0001-01-01T00:00:00+01:00",
    ],
)
def test_what_is_no_time_is_none(text: str | None) -> None:
    assert values.moment(text) is None


@given(st.text())
def test_any_text_is_a_time_or_none(text: str) -> None:
    values.moment(text)
    values.number(text)
    values.guid(text)
    values.mask(text)


@pytest.mark.parametrize(
    ("text", "number"),
    [("7", 7), (" 7 ", 7), ("0x10", 16), (7, 7), ("-1", None), (-1, None), ("", None), ("1" * 99, None)],
)
def test_a_number_is_whole_and_not_negative(text: str | int, number: int | None) -> None:
    assert values.number(text) == number


def test_what_is_no_guid_stays_as_it_is() -> None:
    assert values.guid("not a GUID") == "not a GUID"
