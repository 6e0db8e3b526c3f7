"""When things happen: office hours, and the working days on which the incidents fall."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import msgspec

from shipper.testing.connector import Dice

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
_SATURDAY = 5
#: Share of the full rate by hour of the day, UTC.
_OFFICE_HOURS = {6: 0.4, 7: 0.8, 8: 1.0, 9: 1.0, 10: 1.0, 11: 0.9, 12: 0.6, 13: 0.9, 14: 1.0, 15: 0.9, 16: 0.6, 17: 0.3}
_NIGHT = 0.04
_WEEKEND = 0.08


class Window(msgspec.Struct, frozen=True):
    """A span of time, its end excluded."""

    begin: datetime
    end: datetime

    def __contains__(self, at: datetime) -> bool:
        """Tell whether a time lies in it."""
        return self.begin <= at < self.end


class Calendar(msgspec.Struct, frozen=True):
    """The week and the windows of its incidents."""

    week: Window
    ca_outage: Window
    challenge_storm: Window
    missing_signing_certificate: Window


def plan_calendar(until: datetime) -> Calendar:
    """Lay the incidents on the three working days before the last day of the week.

    Args:
        until: the end, aware.

    Raises:
        ValueError: the time has no zone.
    """
    if until.tzinfo is None:
        raise ValueError("until needs a zone")
    end = until.astimezone(UTC)
    first, second, third = _working_days_before(end)
    return Calendar(
        week=Window(end - 7 * DAY, end),
        ca_outage=_on(first, 9, 40, minutes=105),
        challenge_storm=_on(second, 14, 0, minutes=70),
        missing_signing_certificate=_on(third, 6, 40, minutes=130),
    )


def arrivals(window: Window, per_hour: float, dice: Dice, *, office_hours: bool = True) -> Iterator[datetime]:
    """Yield random times in order.

    Args:
        window: when.
        per_hour: how many an hour on average; at office hours, where those are asked for.
        dice: chance.
        office_hours: follow the rhythm of a week; else the rate is constant.
    """
    begin = window.begin
    while begin < window.end:
        end = min(begin.replace(minute=0, second=0, microsecond=0) + HOUR, window.end)
        mean = per_hour * ((end - begin) / HOUR) * (_rhythm(begin) if office_hours else 1)
        length_s = (end - begin).total_seconds()
        yield from sorted(begin + dice.span(0, length_s) for _ in range(dice.count(mean)))
        begin = end


def _rhythm(at: datetime) -> float:
    return _OFFICE_HOURS.get(at.hour, _NIGHT) * (_WEEKEND if at.weekday() >= _SATURDAY else 1)


def _working_days_before(end: datetime) -> list[datetime]:
    """Return midnight of the three working days before the day of ``end``, latest first: at most five days back."""
    midnight = end.replace(hour=0, minute=0, second=0, microsecond=0)
    days = (midnight - number * DAY for number in range(1, 7))
    return [day for day in days if day.weekday() < _SATURDAY][:3]


def _on(day: datetime, hour: int, minute: int, *, minutes: int) -> Window:
    begin = day.replace(hour=hour, minute=minute)
    return Window(begin, begin + timedelta(minutes=minutes))
