from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shipper.rules.instants import to_ms, to_text

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TIMES = st.datetimes(datetime(1601, 1, 1), datetime(9999, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 (strategies take naive bounds)


@settings(deadline=None)
@given(TIMES, st.integers(0, 7))
def test_digits_below_a_millisecond_are_cut_off(time: datetime, digits: int) -> None:
    fraction = f"{time.microsecond:06d}0"[:digits]
    stamp = f"{time:%Y-%m-%dT%H:%M:%S}".zfill(19) + (f".{fraction}Z" if fraction else "Z")
    whole = (time.replace(microsecond=0) - EPOCH) // timedelta(milliseconds=1)
    assert to_ms(stamp) == whole + int(fraction[:3].ljust(3, "0"))


@settings(deadline=None)
@given(TIMES)
def test_a_time_said_and_read_again_is_the_same(time: datetime) -> None:
    time_ms = (time - EPOCH) // timedelta(milliseconds=1)
    assert to_ms(to_text(time_ms)) == time_ms


def test_an_offset_counts() -> None:
    assert to_ms("2026-11-24T01:00:00.000+01:00") == to_ms("2026-11-24T00:00:00.000Z")


@pytest.mark.parametrize(
    "stamp", ["", "Z", "today", "2026-13-01T00:00:00.000Z", "2026-11-24T00:00:0x.000Z", "2026-11-2"]
)
def test_what_is_no_time_is_refused(stamp: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 (whatever it says)
        to_ms(stamp)


@pytest.mark.parametrize("time_ms", [-(10**18), 10**18])
def test_a_time_that_no_calendar_has_is_said_as_the_nearest(time_ms: int) -> None:
    assert len(to_text(time_ms)) == len("0001-01-01T00:00:00.000Z")
