"""The JSON of one record as the wheel writes it, typed: what does not fit is no record of the usual kind.

Source: https://docs.rs/evtx, JSON output: attributes under ``#attributes``, text beside them under ``#text``.
"""

from typing import Any

import msgspec


def _attributes() -> Any:
    return msgspec.field(name="#attributes")


class _ProviderAttributes(msgspec.Struct, frozen=True, gc=False):
    Name: str | None = None
    Guid: str | None = None
    EventSourceName: str | None = None


class _Provider(msgspec.Struct, frozen=True, gc=False):
    attributes: _ProviderAttributes = _attributes()


class _EventIdAttributes(msgspec.Struct, frozen=True, gc=False):
    Qualifiers: int | None = None


class EventId(msgspec.Struct, frozen=True, gc=False):
    """System/EventID of an event with qualifiers."""

    number: int = msgspec.field(name="#text")
    attributes: _EventIdAttributes = _attributes()


class _TimeAttributes(msgspec.Struct, frozen=True, gc=False):
    SystemTime: str


class _Time(msgspec.Struct, frozen=True, gc=False):
    attributes: _TimeAttributes = _attributes()


class _CorrelationAttributes(msgspec.Struct, frozen=True, gc=False):
    ActivityID: str | None = None
    RelatedActivityID: str | None = None


class _Correlation(msgspec.Struct, frozen=True, gc=False):
    attributes: _CorrelationAttributes = _attributes()


class _ExecutionAttributes(msgspec.Struct, frozen=True, gc=False):
    ProcessID: int | None = None
    ThreadID: int | None = None


class _Execution(msgspec.Struct, frozen=True, gc=False):
    attributes: _ExecutionAttributes = _attributes()


class _SecurityAttributes(msgspec.Struct, frozen=True, gc=False):
    UserID: str | None = None


class _Security(msgspec.Struct, frozen=True, gc=False):
    attributes: _SecurityAttributes = _attributes()


class System(msgspec.Struct, frozen=True, gc=False):
    """System as the wheel writes it; where a value has another type the record is ambiguous."""

    Provider: _Provider
    EventID: int | EventId
    TimeCreated: _Time
    EventRecordID: int
    Channel: str
    Computer: str
    Version: int | None = None
    Level: int | None = None
    Task: int | None = None
    Opcode: int | None = None
    Keywords: str | None = None
    Correlation: _Correlation | None = None
    Execution: _Execution | None = None
    Security: _Security | None = None


#: What stands for an absent element.
NO_CORRELATION = _CorrelationAttributes()
NO_EXECUTION = _ExecutionAttributes()


class Rendering(msgspec.Struct, frozen=True, gc=False):
    """What the collector rendered; only forwarded events have it."""

    Message: str | None = None
    Level: str | None = None
    Task: str | None = None
    Opcode: str | None = None
    Keywords: dict[str, str] | None = None


#: EventData or UserData that is empty or absent.
NULL = msgspec.Raw(b"null")


class _Content(msgspec.Struct, frozen=True, gc=False):
    System: System
    EventData: msgspec.Raw = NULL
    UserData: msgspec.Raw = NULL
    RenderingInfo: Rendering | None = None


class Record(msgspec.Struct, frozen=True, gc=False):
    """One record as the wheel writes it."""

    Event: _Content


decode_record = msgspec.json.Decoder(Record).decode
