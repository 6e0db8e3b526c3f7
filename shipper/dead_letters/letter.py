"""One document that was refused for good, with everything a replay needs."""

from datetime import UTC, datetime

import msgspec

from shipper.model import Document, Outcome, Position

_NO_DOCUMENT = msgspec.Raw(b"null")


class DeadLetter(msgspec.Struct, frozen=True, omit_defaults=True):
    """One document that was refused for good, with everything a replay needs.

    Attributes:
        time: when it was given up first, RFC 3339, UTC.
        error_type: as the sink named it: ``document_parsing_exception``.
        reason: why, one line; where it has been replayed, why the last time.
        attempts: how often it was sent, replays included.
        position: where its event was read.
        id: its ``_id``; empty where there is no document.
        data_stream: where it was to go.
        ingested_at: offset of ``event.ingested`` in ``document``; -1 where there is none.
        document: the body as it was sent, but for the time of sending; JSON's ``null`` where none could be made.
        raw: the event's text, where no document could be made.
        replayed: when a replay last sent it, RFC 3339, UTC; empty where none has.
    """

    time: str
    error_type: str
    reason: str
    attempts: int
    position: Position
    id: str = msgspec.field(default="", name="_id")
    data_stream: str = ""
    ingested_at: int = -1
    document: msgspec.Raw = _NO_DOCUMENT
    raw: str = ""
    replayed: str = ""

    def as_document(self) -> Document | None:
        """Return the document to send again; ``None`` where there was none."""
        if self.document == _NO_DOCUMENT:
            return None
        return Document(self.id, self.data_stream, bytes(self.document), self.ingested_at, self.position)

    def refused_again(self, outcome: Outcome, time: datetime) -> "DeadLetter":
        """Return the letter after a replay at ``time`` (aware) that ended in ``outcome``."""
        return msgspec.structs.replace(
            self,
            error_type=outcome.error_type,
            reason=outcome.reason,
            attempts=self.attempts + outcome.attempts,
            replayed=_text(time),
        )


def letter(document: Document, outcome: Outcome, time: datetime) -> DeadLetter:
    """Return the dead letter for ``document``, refused with ``outcome`` at ``time`` (aware)."""
    return DeadLetter(
        time=_text(time),
        error_type=outcome.error_type,
        reason=outcome.reason,
        attempts=outcome.attempts,
        position=document.position,
        id=document.id,
        data_stream=document.data_stream,
        ingested_at=document.ingested_at,
        document=msgspec.Raw(document.body),
    )


def _text(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
