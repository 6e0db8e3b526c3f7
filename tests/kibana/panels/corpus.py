"""What the demo's week lacks and the panels ask for; SYNTHETIC, as the week is.

Requests that got stuck, imports, failures without a reason, requests without a device, what the catalog does not know,
alerts, and the heartbeats of two shippers.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from shipper.ecs import EcsSettings
from shipper.operations.document import Whose, heartbeat
from shipper.operations.lag import SourceLag
from shipper.operations.pauses import Pause
from shipper.operations.vitals import Reading
from shipper.pipeline import Counts
from shipper.rules.alert import Alert
from shipper.rules.alert_document import alert_document
from shipper.rules.loading import load_rules
from shipper.rules.model import Finding
from shipper.testing.connector import Dice, legacy, unified
from shipper.testing.connector.events import legacy_event, unified_event
from shipper.testing.evtx_writer import EventSpec, write_log

HOST = "pki01.corp.example"
_MINUTE = timedelta(minutes=1)
#: Of PKCS, and as many of SCEP.
UNNAMED_FAILURES = 3
ENDED_REQUEST = "5f3c2a10-77aa-4b1e-9c55-0d1e2f3a4b5c"


def write_extra(folder: Path, until: datetime) -> list[Path]:
    """Write one log of the extra events, a file a channel; the last are half an hour old."""
    dice = Dice(11)
    events = sorted(_events(until - timedelta(hours=2), dice), key=lambda event: (event.channel, event.time))
    paths = []
    for number, channel in enumerate(sorted({event.channel for event in events})):
        path = folder / f"extra-{number}.evtx"
        write_log(path, [event for event in events if event.channel == channel], first_record=2_000_000)
        paths.append(path)
    return paths


def _events(at: datetime, dice: Dice) -> Iterator[EventSpec]:
    for number in range(4):
        yield from islice(unified.issue(HOST, at + number * _MINUTE, dice), 2)
        yield from islice(legacy.scep("ndes01.corp.example", at + number * _MINUTE, dice), 1)
        yield from _imported(at + 10 * number * _MINUTE, dice)
        yield unified_event(HOST, 1999, at + number * _MINUTE, (("DeviceId", dice.guid()),))
    device = (("DeviceId", dice.guid()),)
    yield legacy_event("ndes01.corp.example", 20102, at, device, code="0x00000777", texts=("Something new.",))
    yield from _failed_without_a_reason(at, dice)
    yield from _ended_without_a_device(at, dice)


def _failed_without_a_reason(at: datetime, dice: Dice) -> Iterator[EventSpec]:
    """Yield failures that say neither a code nor an error: ``event.reason`` is absent."""
    for number in range(UNNAMED_FAILURES):
        fields = (("RequestId", dice.guid()), ("DeviceId", dice.guid()))
        yield unified_event(HOST, 1001, at + number * _MINUTE, fields, activity_id=dice.guid())
        yield unified_event(HOST, 4001, at + number * _MINUTE, fields, activity_id=dice.guid())


def _ended_without_a_device(at: datetime, dice: Dice) -> Iterator[EventSpec]:
    """Yield a request whose last event does not name the device."""
    request = (("RequestId", ENDED_REQUEST),)
    yield unified_event(HOST, 1020, at, (*request, ("DeviceId", dice.guid())))
    yield unified_event(HOST, 1000, at + _MINUTE, request)


def _imported(at: datetime, dice: Dice) -> Iterator[EventSpec]:
    request = dice.request()
    fields = (("RequestId", request.request_id), ("DeviceId", request.device_id), ("UserId", request.user_id))
    for step, event_id in enumerate((2020, 2050, 2102, 2000)):
        yield unified_event(HOST, event_id, at + step * _MINUTE / 3, fields, activity_id=request.activity_id)


def heartbeats(namespace: str, now: datetime) -> Iterator[dict[str, Any]]:
    """Yield the documents of two shippers over the last three hours; one of them waited for a while."""
    for number, name in enumerate(("ndes01.corp.example", "wec01.corp.example")):
        settings = EcsSettings(
            namespace=namespace, agent_name=name, agent_id=f"agent-{number}", agent_ephemeral_id=f"run-{number}"
        )
        whose = Whose(settings, "elasticsearch", 100 + number, 60.0)
        for beat in range(180):
            body = heartbeat(whose, _reading(number, beat), beat, now - (180 - beat) * _MINUTE)
            yield msgspec.json.decode(body)


def _reading(number: int, beat: int) -> Reading:
    waits = number == 1 and 60 <= beat < 75
    counts = Counts()
    counts.read = counts.shipped = 40 * beat
    counts.dead = counts.missed = number * (beat // 100)
    counts.retried = beat // 10
    pause = Pause("cluster_block_exception", 0.0) if waits else None
    return Reading(
        state="waiting" if waits else "running" if beat else "starting",
        counts=counts,
        uptime_s=60.0 * beat,
        turned_s=0.1,
        queued=500 if waits else beat % 7,
        queued_bytes=1_000_000 if waits else 1500,
        lags=(SourceLag("Operational.evtx", 900 if waits else 2, 0.0 if waits else None),),
        lag_s=60.0 * (beat - 59) if waits else 0.4,
        pause=pause,
        pause_s=60.0 * (beat - 59) if waits else 0.0,
        now_s=60.0 * beat,
    )


def alerts(namespace: str, now: datetime) -> Iterator[dict[str, Any]]:
    """Yield one alert of each shipped rule, an hour apart, the last of them now."""
    for number, rule in enumerate(load_rules()):
        at_ms = int(now.timestamp() * 1000) - 3_600_000 * number
        group = tuple(HOST for _ in rule.by)
        finding = Finding(rule.id, group, (f"event{number:015}",), 1, at_ms, at_ms)
        alert = Alert(rule, finding, at_ms, f"alert{number:015}", {"host.name": HOST})
        document = alert_document(alert, namespace=namespace, lang="en", agent=EcsSettings(namespace=namespace))
        body: dict[str, Any] = msgspec.json.decode(document.body)
        body["event"]["ingested"] = body["@timestamp"]
        yield body
