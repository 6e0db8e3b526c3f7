"""What each server of the week goes through, as flows of events."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from shipper.testing.connector import Dice, Flow, legacy, unified
from shipper.testing.evtx_writer import EventSpec
from shipper.testing.week.rhythm import DAY, HOUR, Calendar, Window, arrivals

_WARNING = 3
_STORM_PER_HOUR = 300
_UNSIGNED_PER_HOUR = 40
_YEAR = 365 * DAY


class Server(msgspec.Struct, frozen=True):
    """A connector server.

    Attributes:
        host: FQDN.
        generation: which connector runs on it.
        requests_per_hour: at full office hours.
    """

    host: str
    generation: Literal["legacy", "unified"]
    requests_per_hour: float


SERVERS = (
    Server("ndes01.corp.example", "legacy", 25),
    Server("pki01.corp.example", "unified", 45),
    Server("pki02.corp.example", "unified", 30),
)


class Planned(msgspec.Struct, frozen=True):
    """An event, and the incident it belongs to where it is a warning or an error."""

    event: EventSpec
    time: datetime
    incident: str | None


def plan_server(server: Server, calendar: Calendar, dice: Dice) -> list[Planned]:
    """Return everything that the connector on a server logs in the week, in order of time.

    A flow that has begun and is not finished at the end of the week is cut there.
    """
    scenes = _legacy_scenes if server.generation == "legacy" else _unified_scenes
    planned = [
        plan
        for flow, at, incident in scenes(server, calendar, dice)
        for plan in _play(flow, server.host, at, dice, incident)
        if plan.time in calendar.week
    ]
    return sorted(planned, key=lambda plan: plan.time)


def plan_archive(server: Server, calendar: Calendar, dice: Dice) -> list[Planned]:
    """Return two quiet working days of a year ago, as an archived log would hold them."""
    week = calendar.week
    window = Window(week.begin - _YEAR, week.begin - _YEAR + 2 * DAY)
    times = arrivals(window, 4, dice, office_hours=False)
    return [plan for at in times for plan in _play(legacy.issue, server.host, at, dice, None)]


Scene = tuple[Flow, datetime, str | None]


def _play(flow: Flow, host: str, at: datetime, dice: Dice, incident: str | None) -> Iterator[Planned]:
    for event in flow(host, at, dice):
        time = event.time
        if isinstance(time, int):
            raise TypeError("flows give times, not FILETIMEs")
        yield Planned(event, time, incident if event.level <= _WARNING else None)


def _legacy_scenes(server: Server, calendar: Calendar, dice: Dice) -> Iterator[Scene]:
    unsigned = calendar.missing_signing_certificate
    for at in arrivals(calendar.week, server.requests_per_hour, dice):
        yield from _legacy_scene(at, calendar, dice)
    for at in arrivals(unsigned, _UNSIGNED_PER_HOUR, dice, office_hours=False):
        yield legacy.scep_without_signing_certificate, at, "missing-signing-certificate"
    for at in arrivals(calendar.challenge_storm, _STORM_PER_HOUR, dice, office_hours=False):
        yield legacy.scep_expired, at, "expired-challenge-storm"
    yield legacy.restart, unsigned.end, None
    yield legacy.renew, unsigned.end + 14 * HOUR, None


def _legacy_scene(at: datetime, calendar: Calendar, dice: Dice) -> Iterator[Scene]:
    pkcs, scep = dice.chance(0.65), dice.chance(0.75)
    if at in calendar.ca_outage:
        if pkcs:
            yield legacy.issue_without_ca, at, "ca-outage"
    elif pkcs:
        denied = dice.chance(0.01)
        yield (legacy.issue_denied, at, "denied-by-policy-module") if denied else (legacy.issue, at, None)
    elif not scep:
        denied = dice.chance(0.12)
        yield (legacy.revoke_denied, at, "revocation-not-permitted") if denied else (legacy.revoke, at, None)
    elif at not in calendar.missing_signing_certificate:
        yield legacy.scep, at, None


def _unified_scenes(server: Server, calendar: Calendar, dice: Dice) -> Iterator[Scene]:
    for at in arrivals(calendar.week, server.requests_per_hour, dice):
        yield from _unified_scene(at, calendar, dice)
    at = calendar.week.begin + dice.span(0, 3600)
    while at in calendar.week:
        retried = dice.chance(0.02)
        yield (unified.health_retried, at, "health-upload-retried") if retried else (unified.health, at, None)
        at += HOUR + timedelta(seconds=dice.between(-20, 20))


def _unified_scene(at: datetime, calendar: Calendar, dice: Dice) -> Iterator[Scene]:
    pkcs, scep = dice.chance(0.65), dice.chance(0.78)
    if at in calendar.ca_outage:
        if pkcs:
            yield unified.issue_without_ca, at, "ca-outage"
    elif pkcs:
        denied = dice.chance(0.008)
        yield (unified.issue_denied, at, "denied-by-policy-module") if denied else (unified.issue, at, None)
    else:
        yield (unified.scep if scep else unified.revoke), at, None
