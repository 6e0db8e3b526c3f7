"""What goes on while nothing is planted: six servers over some days, failures among it, and heartbeats of shippers."""

import re
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import groupby

import msgspec

from shipper.assets import Body
from shipper.catalog import load
from shipper.ecs import EcsSettings, build_documents
from shipper.model import Event, Position
from shipper.operations.document import Whose, heartbeat
from shipper.operations.vitals import Reading
from shipper.pipeline import Counts
from shipper.rules.instants import to_text
from shipper.testing import foreign
from shipper.testing.connector import Dice, Flow, legacy, unified
from shipper.testing.evtx_writer import EventSpec
from shipper.testing.parity.documents import HOUR_MS, Draft, Kept
from shipper.testing.week.rhythm import Window, arrivals

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)
#: These last digits of a millisecond are for the edges of executions (0), plants (5) and heartbeats (7 to 9).
RESERVED_DIGITS = (0, 5, 7, 8, 9)
#: Device and owner in the JSON of the legacy log.
_OWNED = re.compile('("DeviceId":")([^"]+)(","UserId":")[^"]+')
_HEARTBEAT_EVERY = timedelta(minutes=5)
SHIPPERS = ("ndes01.corp.example", "pki01.corp.example", "wec01.corp.example")
_USUAL_LEGACY: tuple[tuple[Flow, float], ...] = (
    (legacy.issue, 0.6),
    (legacy.scep, 0.27),
    (legacy.revoke, 0.08),
    (legacy.issue_without_ca, 0.01),
    (legacy.issue_denied, 0.01),
    (legacy.revoke_denied, 0.01),
    (legacy.scep_expired, 0.01),
    (legacy.scep_without_signing_certificate, 0.01),
)
_USUAL_UNIFIED: tuple[tuple[Flow, float], ...] = (
    (unified.issue, 0.6),
    (unified.scep, 0.25),
    (unified.revoke, 0.08),
    (unified.health, 0.04),
    (unified.issue_without_ca, 0.01),
    (unified.issue_denied, 0.01),
    (unified.health_retried, 0.01),
)


class Server(msgspec.Struct, frozen=True):
    """A connector server of the corpus, its CA, and its requests an hour at full office hours."""

    host: str
    ca: str
    requests_per_hour: float
    usual: tuple[tuple[Flow, float], ...]


SERVERS = (
    Server("ndes01.corp.example", "Corp Issuing CA 1", 18, _USUAL_LEGACY),
    Server("ndes02.corp.example", "Corp Issuing CA 2", 12, _USUAL_LEGACY),
    Server("pki01.corp.example", "Corp Issuing CA 1", 26, _USUAL_UNIFIED),
    Server("pki02.corp.example", "Corp Issuing CA 2", 22, _USUAL_UNIFIED),
    Server("pki03.lab.example", "Lab CA", 10, _USUAL_UNIFIED),
    Server("pki04.corp.example", "Corp Issuing CA 3", 12, _USUAL_UNIFIED),
)


def noise(begin: datetime, events_from: datetime, end: datetime, namespace: str, seed: int) -> list[Kept]:
    """Return heartbeats of ``[begin, end)`` and events of ``[events_from, end)``, all at distinct milliseconds.

    The shipper's own stages build them. Times keep their microseconds in the text of ``@timestamp``; an index cuts
    them off.
    """
    dice, window = Dice(seed), Window(events_from, end)
    specs = [spec for server in SERVERS for spec in _specs(server, window, dice)]
    timed = list(_distinct(sorted(((_time(spec), spec) for spec in specs), key=lambda pair: pair[0])))
    return [
        *_documents([pair for pair in timed if pair[0] < end], namespace),
        *_heartbeats(Window(begin, end), namespace),
    ]


def heartbeat_body(host: str, namespace: str, sequence: int = 1) -> Body:
    """Return a heartbeat of a shipper that has nothing to complain of."""
    settings = EcsSettings(namespace=namespace, agent_name=host, agent_id=f"agent-of-{host}", agent_ephemeral_id="1")
    reading = Reading("running", Counts(), uptime_s=300.0 * sequence, turned_s=0.1)
    whose = Whose(settings, "https://elasticsearch.corp.example:9200", 4711, _HEARTBEAT_EVERY.total_seconds())
    body: Body = msgspec.json.decode(heartbeat(whose, reading, sequence, EPOCH))
    return body


def event_of(spec: EventSpec, time: datetime, number: int) -> Event:
    """Return the event that a source would read."""
    return Event(
        position=Position(f"{spec.channel.replace('/', '%4')}.evtx", number),
        provider=spec.provider,
        event_id=spec.event_id,
        channel=spec.channel,
        computer=spec.computer,
        record_id=number,
        time=time.isoformat(timespec="microseconds").replace("+00:00", "Z"),
        time_s=(time - EPOCH) // timedelta(seconds=1),
        data=tuple((name, str(value)) for name, value in spec.data),
        provider_guid=spec.provider_guid,
        version=spec.version,
        level=spec.level,
        keywords=f"0x{spec.keywords:016X}",
        process_id=spec.process_id,
        thread_id=spec.thread_id,
        activity_id=spec.activity_id,
        user_sid=spec.user_sid,
    )


def _specs(server: Server, window: Window, dice: Dice) -> Iterator[EventSpec]:
    for at in arrivals(window, server.requests_per_hour, dice):
        for spec in _usual(server, dice)(server.host, at, dice):
            yield _at_home(spec, server.ca)
    for at in arrivals(window, 0.5, dice, office_hours=False):
        yield foreign.neighbour(server.host, at, dice)
    if server.usual is _USUAL_LEGACY:
        for at in arrivals(window, 0.02, dice, office_hours=False):
            yield from legacy.restart(server.host, at, dice)
        yield from legacy.renew(server.host, window.begin + dice.span(0, 400_000), dice)


def _usual(server: Server, dice: Dice) -> Flow:
    left = dice.between(0, 9_999) / 10_000
    for flow, share in server.usual:
        if left < share:
            return flow
        left -= share
    return server.usual[0][0]


def _at_home(spec: EventSpec, ca: str) -> EventSpec:
    """Have a request go to the server's CA, and come from the one person whose device it is."""
    said = dict(spec.data)
    data = []
    for name, value in spec.data:
        text = str(value).replace("Corp Issuing CA 1", ca)
        if name == "UserId":
            text = _owner(str(said["DeviceId"]))
        data.append((name, _OWNED.sub(lambda found: f"{found[1]}{found[2]}{found[3]}{_owner(found[2])}", text)))
    return msgspec.structs.replace(spec, data=tuple(data))


def _owner(device_id: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, device_id))


def _time(spec: EventSpec) -> datetime:
    if isinstance(spec.time, int):
        raise TypeError("flows give times, not FILETIMEs")
    return spec.time


def _distinct(timed: Iterable[tuple[datetime, EventSpec]]) -> Iterator[tuple[datetime, EventSpec]]:
    last_ms = -1
    for time, spec in timed:
        wanted_ms = (time - EPOCH) // _MS
        time_ms = max(wanted_ms, last_ms + 1)
        while time_ms % 10 in RESERVED_DIGITS:
            time_ms += 1
        last_ms = time_ms
        yield time + (time_ms - wanted_ms) * _MS, spec


def _documents(timed: list[tuple[datetime, EventSpec]], namespace: str) -> Iterator[Kept]:
    settings, numbers = EcsSettings(namespace=namespace, agent_name="wec01.corp.example"), Counter[tuple[str, str]]()
    for hour, pairs in groupby(timed, key=lambda pair: pair[0].replace(minute=0, second=0, microsecond=0)):
        several = list(pairs)
        events = []
        for time, spec in several:
            numbers[spec.computer, spec.channel] += 1
            events.append(event_of(spec, time, numbers[spec.computer, spec.channel]))
        shipped_at_s = (hour - EPOCH) // timedelta(seconds=1) + HOUR_MS // 1000
        for (time, _), document in zip(several, build_documents(events, load(), settings, shipped_at_s), strict=True):
            time_ms = (time - EPOCH) // _MS
            yield Kept(document.id, time_ms, "events", document.stamped(to_text(time_ms).encode()))


def _heartbeats(window: Window, namespace: str) -> Iterator[Kept]:
    from shipper.testing.parity.documents import kept

    for number, host in enumerate(SHIPPERS):
        body = heartbeat_body(host, namespace)
        times = range((window.begin - EPOCH) // _MS, (window.end - EPOCH) // _MS, _HEARTBEAT_EVERY // _MS)
        for sequence, begin_ms in enumerate(times):
            body["intune_connector"]["shipper"]["sequence"] = sequence
            # Each shipper has a last digit of its own.
            yield kept(Draft(begin_ms + 7 + number, body), -1 - number - len(SHIPPERS) * sequence, namespace)
