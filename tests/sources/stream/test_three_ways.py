"""One event by three ways: .evtx, event XML and a Winlogbeat line.

The events are synthetic. The .evtx is written by our own writer, the XML and the JSON by hand from what Windows and
Winlogbeat make of the same event (https://www.elastic.co/docs/reference/beats/winlogbeat/exported-fields-winlog).
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import msgspec
import pytest

from shipper import catalog, ecs
from shipper.channels import parse_channels
from shipper.model import Event, Position
from shipper.sources import Source
from shipper.sources.evtx import EvtxSource
from shipper.sources.stream import StreamSource
from shipper.testing.evtx_writer import EventSpec, write_log

GUID = "{0d59d6cf-1f5f-4d4a-9c35-3a1c9b4f0a11}"
SID = "S-1-5-21-2297499104-2362337018-4092230427-1000"
TIME = datetime(2026, 11, 20, 9, 30, 0, 123000, tzinfo=UTC)
DETAILS = '{"Metric":{"Dimensions":{"DeviceId":"x","DiagnosticCode":"0x00000400","DiagnosticText":"è <no> & no"}}}'

LEGACY = EventSpec(
    "Intune Connector (synthetic)",
    20102,
    "Microsoft Intune Connector",
    "NDES01.contoso.com",
    TIME,
    data=((None, DETAILS),),
    record_id=4711,
    level=2,
    qualifiers=0,
)
UNIFIED = EventSpec(
    "Microsoft-Intune-CertificateConnectors",
    1001,
    "Microsoft-Intune-CertificateConnectors/Admin",
    "NDES01.contoso.com",
    TIME,
    data=(("RequestId", "a\r\nb"), ("Empty", ""), ("ErrorCode", "0x800706BA")),
    record_id=4712,
    provider_guid=GUID,
    level=2,
    version=1,
    opcode=0,
    keywords=0x8000000000000000,
    process_id=1234,
    thread_id=5678,
    activity_id=GUID,
    user_sid=SID,
)
SPECS = {"legacy": LEGACY, "unified": UNIFIED}


def as_xml(spec: EventSpec) -> bytes:
    """Return the XML that Windows renders; absent parts are empty elements."""

    def attributes(**named: object) -> str:
        return "".join(f" {name}='{value}'" for name, value in named.items() if value is not None)

    def element(name: str, value: object) -> str:
        return "" if value is None else f"<{name}>{value}</{name}>"

    guid = spec.provider_guid.upper() if spec.provider_guid else None
    data = "".join(f"<Data{attributes(Name=name)}>{escape(str(value))}</Data>" for name, value in spec.data)
    return (
        "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>"
        f"<Provider{attributes(Name=spec.provider, Guid=guid)}/>"
        f"<EventID{attributes(Qualifiers=spec.qualifiers)}>{spec.event_id}</EventID>"
        f"{element('Version', spec.version)}<Level>{spec.level}</Level><Task>{spec.task}</Task>"
        f"{element('Opcode', spec.opcode)}<Keywords>0x{spec.keywords:x}</Keywords>"
        "<TimeCreated SystemTime='2026-11-20T09:30:00.123000000Z'/>"
        f"<EventRecordID>{spec.record_id}</EventRecordID><Correlation{attributes(ActivityID=spec.activity_id)}/>"
        f"<Execution{attributes(ProcessID=spec.process_id, ThreadID=spec.thread_id)}/>"
        f"<Channel>{spec.channel}</Channel><Computer>{spec.computer}</Computer>"
        f"<Security{attributes(UserID=spec.user_sid)}/></System><EventData>{data}</EventData></Event>"
    ).encode()


def as_winlogbeat(spec: EventSpec) -> bytes:
    """Return the line that Winlogbeat 8 writes: no empty values, no mask, no numbers of level, task and opcode."""
    names = [(name or f"param{number}", str(value)) for number, (name, value) in enumerate(spec.data, 1)]
    winlog: dict[str, Any] = {
        "channel": spec.channel,
        "provider_name": spec.provider,
        "computer_name": spec.computer,
        "event_id": str(spec.event_id),
        "record_id": spec.record_id,
        "event_data": {name: value.replace("\r\n", "\n") for name, value in names if value},
        "provider_guid": spec.provider_guid and spec.provider_guid.upper(),
        "version": spec.version,
        "activity_id": spec.activity_id,
        "process": spec.process_id and {"pid": spec.process_id, "thread": {"id": spec.thread_id}},
        "user": spec.user_sid and {"identifier": spec.user_sid},
        "api": "wineventlog",
    }
    return json.dumps(
        {
            "@timestamp": "2026-11-20T09:30:00.123Z",
            "winlog": {name: value for name, value in winlog.items() if value is not None},
            "event": {"code": str(spec.event_id), "kind": "event", "created": "2026-11-20T09:30:05.000Z"},
        }
    ).encode()


Ways = Callable[[EventSpec], tuple[Event, Event, Event]]


def only(source: Source) -> Event:
    """Return the one event of a source, without its position, which is a way's own."""
    (event,) = [event for unit in source.plan() for batch in source.read(unit) for event in batch.events]
    assert isinstance(event, Event)
    return msgspec.structs.replace(event, position=Position("-", 1))


@pytest.fixture
def ways(tmp_path: Path) -> Ways:
    """Return an event by all three ways."""

    def read(spec: EventSpec) -> tuple[Event, Event, Event]:
        write_log(tmp_path / "a.evtx", [spec])
        (tmp_path / "a.xml").write_bytes(as_xml(spec))
        (tmp_path / "a.ndjson").write_bytes(as_winlogbeat(spec))
        channels = parse_channels("connector")
        return (
            only(EvtxSource((str(tmp_path / "a.evtx"),), channels)),
            only(StreamSource(str(tmp_path / "a.xml"), channels)),
            only(StreamSource(str(tmp_path / "a.ndjson"), channels)),
        )

    return read


@pytest.fixture(params=sorted(SPECS))
def spec(request: pytest.FixtureRequest) -> EventSpec:
    return SPECS[request.param]


def test_xml_gives_the_event_of_the_log(ways: Ways, spec: EventSpec) -> None:
    log, xml, _ = ways(spec)
    assert xml == msgspec.structs.replace(log, time=xml.time)
    assert xml.time.rstrip("0Z") == log.time.rstrip("0Z")


def test_winlogbeat_gives_the_event_of_the_log_but_for_what_it_does_not_carry(ways: Ways, spec: EventSpec) -> None:
    log, _, line = ways(spec)
    carried = msgspec.structs.replace(
        log,
        time="2026-11-20T09:30:00.123Z",
        data=tuple((name, value) for name, value in log.data if value),
        qualifiers=None,
        level=None,
        task=None,
        opcode=None,
        keywords=None,
    )
    assert line == carried


def test_the_identity_is_the_same_by_all_three_ways(ways: Ways, spec: EventSpec) -> None:
    assert len({document.id for document in documents(ways(spec))}) == 1


def test_the_document_of_xml_is_the_document_of_the_log(ways: Ways, spec: EventSpec) -> None:
    log, xml, _ = map(json_of, documents(ways(spec)))
    assert {**xml, "@timestamp": ""} == {**log, "@timestamp": ""}


def test_the_document_of_winlogbeat_is_the_document_of_the_log_but_for_the_time(ways: Ways, spec: EventSpec) -> None:
    log, _, line = map(json_of, documents(ways(spec)))
    assert {**line, "@timestamp": ""} == {**log, "@timestamp": ""}


def documents(events: tuple[Event, ...]) -> list[Any]:
    return list(ecs.build_documents(events, catalog.load(), ecs.EcsSettings(), 1_795_200_000))


def json_of(document: Any) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(document.body)
    return body
