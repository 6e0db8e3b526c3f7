"""What is read of a JSON line of Winlogbeat 7 and later, and of Elastic Agent.

Source: https://www.elastic.co/docs/reference/beats/winlogbeat/exported-fields-winlog
"""

import msgspec

#: Ids were numbers up to Winlogbeat 7 and are strings since 8.
Scalar = str | int | None


class Thread(msgspec.Struct, frozen=True, gc=False):
    """``winlog.process.thread``."""

    id: Scalar = None


class Process(msgspec.Struct, frozen=True, gc=False):
    """``winlog.process``."""

    pid: Scalar = None
    thread: Thread = Thread()


class User(msgspec.Struct, frozen=True, gc=False):
    """``winlog.user``."""

    identifier: str | None = None


class Winlog(msgspec.Struct, frozen=True, gc=False):
    """``winlog``; ``event_data`` and ``user_data`` are whatever an event has."""

    channel: str | None = None
    computer_name: str | None = None
    provider_name: str | None = None
    event_id: Scalar = None
    record_id: Scalar = None
    time_created: str | None = None
    provider_guid: str | None = None
    event_data: dict[str, str] | None = None
    user_data: dict[str, str] | None = None
    activity_id: str | None = None
    related_activity_id: str | None = None
    keywords: list[str] | None = None
    opcode: Scalar = None
    task: Scalar = None
    version: Scalar = None
    process: Process | None = None
    user: User | None = None


class EventPart(msgspec.Struct, frozen=True, gc=False):
    """``event``; ``created`` is when Winlogbeat read it, not when it happened."""

    code: Scalar = None
    created: str | None = None
    original: str | None = None
    provider: str | None = None


class Log(msgspec.Struct, frozen=True, gc=False):
    """``log``."""

    level: str | None = None


class Line(msgspec.Struct, frozen=True, gc=False):
    """What is read of a line."""

    timestamp: str | None = msgspec.field(default=None, name="@timestamp")
    message: str | None = None
    winlog: Winlog | None = None
    event: EventPart | None = None
    log: Log | None = None
