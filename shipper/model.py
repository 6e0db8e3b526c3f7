"""The nouns: what travels from a source to a sink, and what stays behind as proof of it.

    Unit -> Batch[Event] -> Document -> Outcome -> Cursor

Every noun is a frozen value. A room of the package imports these and the errors, never a sibling room.
"""

from collections.abc import Sequence
from typing import Literal

import msgspec

#: Width in bytes of the ``event.ingested`` stamp inside an encoded document: ``2026-11-24T09:30:00.000Z``.
INGESTED_WIDTH = 24
#: What stands there until a sink overwrites it at the moment of sending.
INGESTED_PLACEHOLDER = "0000-00-00T00:00:00.000Z"


class Position(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where an event stands in its source.

    Attributes:
        source: path of the file as the user gave it, or ``-`` for standard input.
        record: in an .evtx the record number of the *record header* (never System/EventRecordID);
            in a stream of lines the line number, from 1.
        offset: byte offset of the record in the source; -1 where it is not known.
        chunk: in an .evtx the slot of the 64 KB chunk, from 0; -1 elsewhere.
    """

    source: str
    record: int
    offset: int = -1
    chunk: int = -1

    def __str__(self) -> str:
        """Say the position as errors show it: ``file, chunk 3, record 120, offset 200704``."""
        parts = [self.source]
        if self.chunk >= 0:
            parts.append(f"chunk {self.chunk}")
        if self.record >= 0:
            parts.append(f"record {self.record}" if self.chunk >= 0 else f"line {self.record}")
        if self.offset >= 0:
            parts.append(f"offset {self.offset}")
        return ", ".join(parts)


class Cursor(msgspec.Struct, frozen=True, omit_defaults=True):
    """How far a source has been read: every record up to ``record`` is behind, whatever became of it.

    A name alone does not say which log it is: logs are renamed when they are archived, cleared, replaced, and circular
    ones overwrite themselves. So a cursor also knows one record that was there, the anchor.

    Attributes:
        source: path of the file as the source names it.
        record: in an .evtx the number of a *record header*, in a stream how many pieces (lines, ``<Event>`` elements)
            have been read; -1 before the first.
        anchor: in an .evtx the number of the first record of the chunk in which ``record`` stands, in a stream how many
            bytes of its beginning ``fingerprint`` covers; -1 where there is none.
        fingerprint: in an .evtx the FILETIME in the header of that record (100 ns since 1601), in a stream 63 bits of
            BLAKE2b over those bytes.
    """

    source: str
    record: int
    anchor: int = -1
    fingerprint: int = 0


class Event(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """One Windows event as its source carries it, before anything is read into it.

    Source: https://learn.microsoft.com/windows/win32/wes/eventschema-systempropertiestype-complextype

    Attributes:
        position: where it was read.
        provider: System/Provider/@Name (``EventSourceName`` only where Name is absent).
        event_id: System/EventID, 0..65535.
        channel: System/Channel.
        computer: System/Computer, as written.
        record_id: System/EventRecordID: counted by the originating computer.
        time: System/TimeCreated as RFC 3339, UTC, ``Z``; six fraction digits, seven where the source is sure of them,
            fewer where the source carries fewer.
        time_s: the same in whole seconds since 1970-01-01T00:00:00Z, rounded down.
        data: EventData in order: (name, text); the name is ``None`` for an unnamed Data.
        user_data: UserData leaves in order: (dotted path below UserData, text).
        message: the rendered message, where the collector rendered one.
        keywords: the mask as ``0x`` and 16 digits, as System carries it.
        level_name, task_name, opcode_name, keyword_names: as rendered by the collector, where it did.
        replaced: how many lone surrogates or undecodable characters became U+FFFD.
        missing: names of the identity parts that the source lacks; such an event gets a weak ``_id``.
        raw: the event as text where the source was asked to keep it (``preserve_original``), or where a part of its
            identity is missing.
    """

    position: Position
    provider: str
    event_id: int
    channel: str
    computer: str
    record_id: int
    time: str
    time_s: int
    data: tuple[tuple[str | None, str], ...] = ()
    user_data: tuple[tuple[str, str], ...] = ()
    message: str | None = None
    provider_guid: str | None = None
    qualifiers: int | None = None
    version: int | None = None
    level: int | None = None
    task: int | None = None
    opcode: int | None = None
    keywords: str | None = None
    process_id: int | None = None
    thread_id: int | None = None
    activity_id: str | None = None
    related_activity_id: str | None = None
    user_sid: str | None = None
    level_name: str | None = None
    task_name: str | None = None
    opcode_name: str | None = None
    keyword_names: tuple[str, ...] = ()
    replaced: int = 0
    missing: tuple[str, ...] = ()
    raw: str | None = None


class Foreign(msgspec.Struct, frozen=True):
    """An event of another channel, kept untouched because ``--others pass`` asks for it."""

    position: Position
    line: bytes


#: ``Problem.records`` where records may be lost and nobody can say how many.
UNCOUNTED = -1


class Problem(msgspec.Struct, frozen=True):
    """Something in a source that could not be read; never an exception, always counted and shown.

    Attributes:
        position: as near as it is known.
        reason: a sentence without a full stop: ``record size 0 is below the minimum of 28``.
        records: how many records are lost by it; 0 for none, ``UNCOUNTED`` where that cannot be told.
    """

    position: Position
    reason: str
    records: int = 1


class Notice(msgspec.Struct, frozen=True):
    """Something that happened to a log itself and that no event in it tells; it becomes a document of its own.

    Attributes:
        position: of the first record that stands behind it.
        action: ``log-cleared``: its numbers start again. ``records-missed``: records were overwritten or removed before
            they were read.
        first, last: numbers of the records that were missed; -1 where there are none, or nobody can say which.
        records: how many; 0 for none, ``UNCOUNTED`` where nobody can say.
        time: when the record at ``position`` was written, RFC 3339, UTC.
        time_s: the same in whole seconds since 1970.
        before: the cursor that stood there before; with ``position`` it makes the ``_id``, so that a notice that is
            given twice is stored once.
    """

    position: Position
    action: Literal["log-cleared", "records-missed"]
    first: int
    last: int
    records: int
    time: str
    time_s: int
    before: Cursor


#: ``Unit.until`` of a chunk that is not written to any more; no record has this number.
EVERY_RECORD = 2**64 - 1


class Unit(msgspec.Struct, frozen=True):
    """A part of a source that can be read on its own, perhaps in another process.

    Attributes:
        source: path of the file, or ``-``.
        slots: in an .evtx the chunk slots to read, in the order of their record numbers; empty elsewhere.
        size_bytes: how much there is to read, for progress; 0 where it is not known.
        after: records (of a stream: pieces) up to this number are behind and passed over without a word; -1 for none.
        firsts: number of the first record of each slot when the unit was planned; where it has changed since, reading
            ends and leaves the rest to the next plan. Empty: whatever stands there is read.
        live: the log is being written to: a chunk that cannot be believed whole ends the reading without a word, and so
            does one that was overwritten meanwhile; the rest is left to the next plan.
        until: records of the last slot up to this number are believed without a checksum, -1 for none. In the slots
            before, and in the last with ``EVERY_RECORD``, a chunk is believed when each of its records is in its place.
        since_s: events older than this (seconds since 1970) count as filtered; 0 for none.
        notices: what the plan found out about the log, each to be handed on with the chunk that it is positioned at.
        fault: why the log cannot be read at present; it is told, and the log is tried again.
    """

    source: str
    slots: tuple[int, ...] = ()
    size_bytes: int = 0
    after: int = -1
    firsts: tuple[int, ...] = ()
    live: bool = False
    until: int = -1
    since_s: float = 0.0
    notices: tuple[Notice, ...] = ()
    fault: str = ""


class Batch(msgspec.Struct, frozen=True):
    """Events of one unit, in the order of the source.

    Attributes:
        events: what goes on.
        problems: what could not be read.
        filtered: records decoded (or looked at) and left out because their channel was not asked for.
        skipped: records in chunks passed over without decoding, from the chunk headers.
        size_bytes: bytes of the source this batch stands for, for progress.
        notices: what happened to the log itself.
        cursor: how far the source is behind once this batch and all before it are final; ``None`` where that cannot
            be said (standard input, the middle of a chunk).
    """

    events: Sequence[Event | Foreign]
    problems: Sequence[Problem] = ()
    filtered: int = 0
    skipped: int = 0
    size_bytes: int = 0
    notices: Sequence[Notice] = ()
    cursor: Cursor | None = None


class Document(msgspec.Struct, frozen=True, gc=False):
    """An ECS document, encoded once, ready for a sink.

    Attributes:
        id: the ``_id``; empty for a foreign line that is only passed through.
        data_stream: where it goes: ``logs-intune_connector.events-default``.
        body: one JSON object, UTF-8, no line feed.
        ingested_at: offset in ``body`` of the 24 bytes of ``event.ingested``; -1 where there are none.
        position: where its event was read.
    """

    id: str
    data_stream: str
    body: bytes
    ingested_at: int
    position: Position

    def stamped(self, ingested: bytes) -> bytes:
        """Return the body with ``event.ingested`` set to the 24 bytes of ``ingested``."""
        if self.ingested_at < 0:
            return self.body
        return b"".join((self.body[: self.ingested_at], ingested, self.body[self.ingested_at + INGESTED_WIDTH :]))


Status = Literal["indexed", "duplicate", "redirected", "rejected", "retry"]


class Outcome(msgspec.Struct, frozen=True):
    """What became of one document; a sink returns one per document, in the same order.

    ``retry`` is what a single attempt may end in; a sink that returns to the pipeline has resolved it.

    Attributes:
        status: ``indexed``, ``duplicate`` (409, already there) and ``redirected`` (failure store) are final;
            ``rejected`` becomes a dead letter.
        error_type: Elasticsearch's ``error.type`` for a rejected document.
        reason: its reason, one line.
        attempts: how often it was sent.
    """

    status: Status
    error_type: str = ""
    reason: str = ""
    attempts: int = 1


INDEXED = Outcome("indexed")
DUPLICATE = Outcome("duplicate")
