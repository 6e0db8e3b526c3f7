"""Documents that could not be delivered, each whole, with its reason: one JSON object a line.

The file holds personal data: its folder is made with mode 0700, the file with 0600.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from shipper.errors import StateError
from shipper.model import Document, Outcome, Position, Problem

FILE_NAME = "dead-letters.ndjson"

_PRIVATE_FOLDER = 0o700
_PRIVATE_FILE = 0o600
_FLAGS = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)

_NO_DOCUMENT = msgspec.Raw(b"null")


class DeadLetter(msgspec.Struct, frozen=True, omit_defaults=True):
    """One document that was refused for good, with everything a replay needs.

    Attributes:
        time: when it was given up, RFC 3339, UTC.
        error_type: as the sink named it: ``document_parsing_exception``.
        reason: why, one line.
        attempts: how often it was sent.
        position: where its event was read.
        id: its ``_id``; empty where there is no document.
        data_stream: where it was to go.
        ingested_at: offset of ``event.ingested`` in ``document``; -1 where there is none.
        document: the body as it was sent, but for the time of sending; JSON's ``null`` where none could be made.
        raw: the event's text, where no document could be made.
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

    def as_document(self) -> Document | None:
        """Return the document to send again; ``None`` where there was none."""
        if self.document == _NO_DOCUMENT:
            return None
        return Document(self.id, self.data_stream, bytes(self.document), self.ingested_at, self.position)


def letter(document: Document, outcome: Outcome, time: datetime) -> DeadLetter:
    """Return the dead letter for ``document``, refused with ``outcome`` at ``time`` (aware)."""
    return DeadLetter(
        time=time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        error_type=outcome.error_type,
        reason=outcome.reason,
        attempts=outcome.attempts,
        position=document.position,
        id=document.id,
        data_stream=document.data_stream,
        ingested_at=document.ingested_at,
        document=msgspec.Raw(document.body),
    )


class DeadLetterFile:
    """Appends dead letters to ``dead-letters.ndjson`` in a folder; nothing is made before the first one.

    What ``append`` has returned from is on the disk. A line that a crash cut short is ended before the next one is
    written, so that it costs itself alone.

    Args:
        folder: made when missing.
        now: the time of day.
    """

    def __init__(self, folder: Path, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.path = folder / FILE_NAME
        self._now = now
        self._descriptor = -1
        self._encoder = msgspec.json.Encoder()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def keep(self, rejected: Sequence[tuple[Document, Outcome]]) -> None:
        """Keep each refused document; durable when this returns.

        Raises:
            StateError: the file cannot be written.
        """
        time = self._now()
        self.append([letter(document, outcome, time) for document, outcome in rejected])

    def append(self, letters: Sequence[DeadLetter]) -> None:
        """Write ``letters`` as lines, in their order; durable when this returns.

        Raises:
            StateError: the file cannot be written.
        """
        if not letters:
            return
        try:
            if self._descriptor < 0:
                self._descriptor = _opened(self.path)
            _write_all(self._descriptor, self._encoder.encode_lines(letters))
            os.fsync(self._descriptor)
        except OSError as error:
            raise StateError(
                f"cannot be written: {error.strerror}",
                where=str(self.path),
                hint="check --state, its permissions and space",
            ) from None

    def close(self) -> None:
        """Close the file, if it was opened."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def read(path: Path) -> Iterator[DeadLetter | Problem]:
    """Yield the dead letters of a file in their order; a line that is none is a problem with its position.

    Raises:
        StateError: the file cannot be read.
    """
    decoder = msgspec.json.Decoder(DeadLetter)
    offset = 0
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                yield _letter_or_problem(decoder, line, Position(str(path), number, offset))
                offset += len(line)
    except OSError as error:
        raise StateError(f"cannot be read: {error.strerror}", where=str(path), hint="check --state") from None


def _letter_or_problem(
    decoder: msgspec.json.Decoder[DeadLetter], line: bytes, position: Position
) -> DeadLetter | Problem:
    try:
        return decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return Problem(position, f"no dead letter: {error}")


def _opened(path: Path) -> int:
    path.parent.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
    descriptor = os.open(path, _FLAGS, _PRIVATE_FILE)
    try:
        with suppress(AttributeError):  # Windows has no fchmod; there the folder's rights are inherited
            os.fchmod(descriptor, _PRIVATE_FILE)
        _end_cut_line(descriptor)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _end_cut_line(descriptor: int) -> None:
    size = os.lseek(descriptor, 0, os.SEEK_END)
    if not size:
        return
    os.lseek(descriptor, -1, os.SEEK_END)
    if os.read(descriptor, 1) != b"\n":
        _write_all(descriptor, b"\n")


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
