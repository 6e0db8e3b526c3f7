"""Writes the week."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from shipper.testing import foreign
from shipper.testing.connector import Dice
from shipper.testing.connector.events import LEGACY_CHANNEL
from shipper.testing.evtx_writer import EventSpec, write_log
from shipper.testing.week.incidents import count_incidents
from shipper.testing.week.outline import Kind, LogFile, Week
from shipper.testing.week.rhythm import Calendar, arrivals, plan_calendar
from shipper.testing.week.servers import SERVERS, Planned, Server, plan_archive, plan_server

#: In the log that has wrapped around, the oldest chunk stands in this slot.
_OLDEST_SLOT = 3
_FOREIGN_PER_HOUR = 9
_README = """\
# SYNTHETIC event logs

Written by the shipper's testing kit; no Windows computer has ever seen these events. Event ids, channels, levels and
diagnostic codes are those that Microsoft documents, and the texts of the RPC and policy module failures stand so in its
documentation. Invented are the names of all fields in the details, the source name of the old connector's log, the GUID
of the new one's provider, every host, device, user and certificate, and the week itself.

{since} to {until}, {events} events of the connectors, {foreign} others, {archived} in an archive that is a year old.

| file | events |
|---|---|
{files}
"""


def write_week(folder: Path, *, until: datetime, seed: int = 7) -> Week:
    """Write the logs of the seven days before ``until``: some ten thousand events, in a few seconds.

    A file a server and channel, all in one folder. One log has wrapped around and one is as if copied while it was
    open, so that whoever counts their events proves that such logs are read whole.

    Args:
        folder: made where it does not exist; files of the same names are replaced.
        until: end of the week, aware.
        seed: of everything random.

    Raises:
        ValueError: ``until`` has no zone.
    """
    calendar = plan_calendar(until)
    folder.mkdir(parents=True, exist_ok=True)
    dice = Dice(seed)
    planned = {server: plan_server(server, calendar, dice) for server in SERVERS}
    files = [file for server, plans in planned.items() for file in _write_server(folder, server, plans, dice)]
    files.append(_write_archive(folder, calendar, dice))
    files.extend(_write_application(folder, server, calendar, dice) for server in SERVERS)
    incidents = count_incidents(plan for plans in planned.values() for plan in plans)
    week = Week(folder, calendar.week.begin, calendar.week.end, tuple(files), incidents)
    (folder / "README.md").write_text(_readme(week), encoding="utf-8")
    return week


def _write_server(folder: Path, server: Server, plans: Sequence[Planned], dice: Dice) -> Iterator[LogFile]:
    by_channel: dict[str, list[EventSpec]] = defaultdict(list)
    for plan in plans:
        by_channel[plan.event.channel].append(plan.event)
    for channel, events in sorted(by_channel.items()):
        operational = channel.endswith("/Operational")
        wrapped = operational and server is SERVERS[1]
        live = operational and server is SERVERS[2]
        yield _write(folder, server, f"{_file_name(channel)}.evtx", events, dice, live=live, wrapped=wrapped)


def _write_archive(folder: Path, calendar: Calendar, dice: Dice) -> LogFile:
    server = SERVERS[0]
    events = [plan.event for plan in sorted(plan_archive(server, calendar, dice), key=lambda plan: plan.time)]
    stamp = f"{events[-1].time:%Y-%m-%d-%H-%M-%S-000}"
    return _write(folder, server, f"Archive-{LEGACY_CHANNEL}-{stamp}.evtx", events, dice, kind="archive")


def _write_application(folder: Path, server: Server, calendar: Calendar, dice: Dice) -> LogFile:
    neighbours = 0.01 if server.generation == "unified" else 0
    times = arrivals(calendar.week, _FOREIGN_PER_HOUR, dice, office_hours=False)
    events = [
        (foreign.neighbour if dice.chance(neighbours) else foreign.application)(server.host, at, dice) for at in times
    ]
    return _write(folder, server, "Application.evtx", events, dice, kind="foreign")


def _write(
    folder: Path,
    server: Server,
    name: str,
    events: Sequence[EventSpec],
    dice: Dice,
    *,
    kind: Kind = "connector",
    live: bool = False,
    wrapped: bool = False,
) -> LogFile:
    path = folder / f"{server.host.partition('.')[0]}-{name}"
    write_log(
        path,
        events,
        first_record=dice.between(1_000, 900_000),
        wrapped_at=_OLDEST_SLOT if wrapped else 0,
        live=live,
        empty_slots=2 if live else 0,
    )
    counts = Counter(event.event_id for event in events)
    return LogFile(path, server.host, events[0].channel, kind, dict(sorted(counts.items())), live, wrapped)


def _file_name(channel: str) -> str:
    """Name a log as Windows does, with ``%4`` for the slash."""
    return channel.replace("/", "%4")


def _readme(week: Week) -> str:
    rows = (f"| {file.path.name} | {file.total} |" for file in week.files)
    return _README.format(
        since=f"{week.since:%Y-%m-%d %H:%M}",
        until=f"{week.until:%Y-%m-%d %H:%M} UTC",
        events=week.total("connector"),
        foreign=week.total("foreign"),
        archived=week.total("archive"),
        files="\n".join(rows),
    )
