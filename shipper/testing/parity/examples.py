"""One document of each kind that the shipper makes: every event with every code of the catalog, neighbours, notices."""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache

import msgspec

from shipper.assets import Body
from shipper.catalog import EventEntry, format_code, load
from shipper.ecs import EcsSettings, build_documents, build_notices
from shipper.model import Cursor, Event, Notice, Position
from shipper.testing.connector import Dice, legacy_event, unified_event
from shipper.testing.connector.texts import RPC_UNAVAILABLE
from shipper.testing.evtx_writer import EventSpec
from shipper.testing.parity.noise import event_of, heartbeat_body

_HOST = "example01.corp.example"
_AT = datetime(2026, 11, 2, tzinfo=UTC)
_AT_S = int(_AT.timestamp())


@cache
def examples() -> tuple[Body, ...]:
    """Return the documents, decoded; not to be changed."""
    dice = Dice(11)
    events = [event_of(spec, _AT, number) for number, spec in enumerate(_specs(dice))] + list(_neighbours())
    documents = build_documents(events, load(), EcsSettings(), _AT_S) + build_notices(
        list(_notices()), _HOST, EcsSettings(), _AT_S
    )
    bodies: list[Body] = [msgspec.json.decode(document.body) for document in documents]
    return (*bodies, heartbeat_body(_HOST, "default"))


def _specs(dice: Dice) -> Iterator[EventSpec]:
    for entry in load().events("legacy").values():
        for code in _codes(entry):
            yield legacy_event(_HOST, entry.id, _AT, _data(dice), code=code, texts=_texts(entry))
    for entry in load().events("unified").values():
        for code in _codes(entry):
            data = (*_data(dice), ("DiagnosticCode", code), *(("ErrorMessage", text) for text in _texts(entry)))
            yield unified_event(_HOST, entry.id, _AT, data, activity_id=dice.guid())
    yield unified_event(_HOST, 9999, _AT, _data(dice))


def _codes(entry: EventEntry) -> list[str]:
    """Return what the event may carry; zero where the catalog lists none."""
    return [format_code(code) for code in sorted(entry.codes)] or ["0x00000000"]


def _texts(entry: EventEntry) -> tuple[str, ...]:
    return () if entry.outcome == "success" else (RPC_UNAVAILABLE,)


def _data(dice: Dice) -> tuple[tuple[str, str], ...]:
    request = dice.request()
    return (
        ("RequestId", request.request_id),
        ("TransactionId", request.transaction_id),
        ("DeviceId", request.device_id),
        ("UserId", request.user_id),
        ("PolicyId", request.policy_id),
        ("CAName", "ca09.corp.example\\Corp Issuing CA 9"),
        ("CertificateTemplateName", request.template),
        ("CertificateThumbprint", request.thumbprint),
        ("CertificateSerialNumber", request.serial_number),
        ("SubjectName", request.subject),
        ("UploadState", "Completed"),
    )


def _neighbours() -> Iterator[Event]:
    for neighbour in load().neighbours:
        for event_id in neighbour.ids or (1,):
            yield Event(
                position=Position("System.evtx", 1),
                provider=neighbour.provider or "Application",
                event_id=event_id,
                channel=neighbour.channel,
                computer=_HOST,
                record_id=event_id,
                time=f"{_AT:%Y-%m-%dT%H:%M:%S}Z",
                time_s=_AT_S,
                data=tuple((f"param{number}", service) for number, service in enumerate(neighbour.services[:1], 1)),
                level=4,
            )


def _notices() -> Iterator[Notice]:
    before = Cursor("connector.evtx", 4711)
    yield Notice(Position("connector.evtx", 1), "log-cleared", -1, -1, 0, "2026-11-02T00:00:00Z", _AT_S, before)
    yield Notice(Position("connector.evtx", 9), "records-missed", 4712, 4799, 88, "2026-11-02T00:00:00Z", _AT_S, before)
