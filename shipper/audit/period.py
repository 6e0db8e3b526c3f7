"""Times as the audit compares them, and the span of them that it looks at."""

from datetime import UTC, datetime, timedelta

import msgspec

_US = 1_000_000
_US_PER_MS = 1_000
_FRACTION = 20  # where the digits of a fraction begin in 2026-11-24T09:30:00.123456Z
_DIGITS = 6
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Period(msgspec.Struct, frozen=True):
    """From ``since`` to before ``until``; whole milliseconds, since Elasticsearch's ``date`` knows no smaller ones.

    Attributes:
        since_ms: milliseconds since 1970; ``None`` for no beginning.
        until_ms: the same; ``None`` for no end.
    """

    since_ms: int | None = None
    until_ms: int | None = None

    def holds(self, time_us: int) -> bool:
        """Say whether a time (microseconds since 1970) lies in it."""
        if self.since_ms is not None and time_us < self.since_ms * _US_PER_MS:
            return False
        return self.until_ms is None or time_us < self.until_ms * _US_PER_MS

    def bounds(self) -> dict[str, int]:
        """Return what a ``range`` query on a date asks for, in ``epoch_millis``."""
        bounds = {"gte": self.since_ms, "lt": self.until_ms}
        return {name: bound for name, bound in bounds.items() if bound is not None}


def fraction_us(time: str) -> int:
    """Return the microseconds in a time as ``Event.time`` spells it, whatever digits it has."""
    digits = time[_FRACTION : _FRACTION + _DIGITS].rstrip("Z")
    return int(digits.ljust(_DIGITS, "0")) if digits.isdecimal() else 0


def parsed_us(time: str) -> int | None:
    """Return an RFC 3339 time (UTC where it names no zone) in microseconds since 1970; ``None`` where it is none."""
    try:
        whole = datetime.fromisoformat(time)
    except ValueError:
        return None
    aware = whole if whole.tzinfo is not None else whole.replace(tzinfo=UTC)
    return (aware - _EPOCH) // timedelta(microseconds=1)


def spelled(time_us: int) -> str:
    """Return microseconds since 1970 as RFC 3339, UTC, down to milliseconds."""
    time = _EPOCH + timedelta(microseconds=time_us)
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
