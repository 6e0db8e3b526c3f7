"""``@timestamp`` as milliseconds since 1970, as Elasticsearch keeps it: further digits are cut off."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
#: ``2026-11-24T09:30:`` is looked up, ``00`` and the fraction are read.
_MINUTE_END, _SECOND_END, _FRACTION, _FRACTION_END = 17, 19, 20, 23
#: Those of seconds and milliseconds.
_DIGITS = 5


def to_ms(stamp: str) -> int:
    """Return the milliseconds of an RFC 3339 time; one without an offset is UTC.

    Raises:
        ValueError: it is none.
    """
    digits = stamp[_MINUTE_END:_SECOND_END] + stamp[_FRACTION:_FRACTION_END]
    if len(digits) == _DIGITS and digits.isdecimal() and stamp[_SECOND_END] == "." and stamp[-1] == "Z":
        return _minute(stamp[:_MINUTE_END]) + int(digits)
    return _any_to_ms(stamp)


def to_text(time_ms: int) -> str:
    """Return milliseconds as RFC 3339 with three digits, UTC; what no calendar has is the nearest it has."""
    bounded = min(max(time_ms, -62_135_596_800_000), 253_402_300_799_999)
    return (_EPOCH + bounded * _MILLISECOND).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@lru_cache(maxsize=4096)
def _minute(stamp: str) -> int:
    """Many events share a minute: looking it up costs a third of reading it."""
    return _any_to_ms(f"{stamp}00Z")


def _any_to_ms(stamp: str) -> int:
    time = datetime.fromisoformat(stamp)
    aware = time if time.tzinfo is not None else time.replace(tzinfo=UTC)
    return (aware - _EPOCH) // _MILLISECOND
