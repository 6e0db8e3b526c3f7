"""Times compare to the microsecond, in whatever spelling."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipper.audit import Period
from shipper.audit.period import fraction_us, parsed_us, spelled


@pytest.mark.parametrize(
    ("time", "us"),
    [
        ("2026-11-24T09:30:00Z", 0),
        ("2026-11-24T09:30:00.5Z", 500_000),
        ("2026-11-24T09:30:00.123456Z", 123_456),
        ("2026-11-24T09:30:00.1234567Z", 123_456),
        ("", 0),
    ],
)
def test_a_fraction_has_whatever_digits_it_has(time: str, us: int) -> None:
    assert fraction_us(time) == us


@pytest.mark.parametrize(
    ("time", "us"),
    [
        ("1970-01-01T00:00:01Z", 1_000_000),
        ("1970-01-01T01:00:01+01:00", 1_000_000),
        ("1970-01-01T00:00:01.25", 1_250_000),
        ("1969-12-31T23:59:59.5Z", -500_000),
        ("yesterday", None),
        ("", None),
    ],
)
def test_a_time_is_read_in_any_zone(time: str, us: int | None) -> None:
    assert parsed_us(time) == us


@given(st.integers(0, 2**52))
def test_a_spelled_time_is_read_back_to_the_millisecond(time_us: int) -> None:
    assert parsed_us(spelled(time_us)) == time_us - time_us % 1000


def test_a_period_holds_its_beginning_and_not_its_end() -> None:
    period = Period(since_ms=10, until_ms=20)
    assert [period.holds(time_us) for time_us in (9_999, 10_000, 19_999, 20_000)] == [False, True, True, False]
    assert period.bounds() == {"gte": 10, "lt": 20}


def test_a_period_without_bounds_holds_everything() -> None:
    assert Period().holds(-(2**62))
    assert Period().bounds() == {}
