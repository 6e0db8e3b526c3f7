"""The file that dead letters are added to: durable, bounded, whole lines alone."""

import contextlib
import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from shipper.dead_letters.access import FILE_NAME, changing
from shipper.dead_letters.letter import DeadLetter, letter
from shipper.durable import explained, make_private_folder, open_private, sync_folder, write_all
from shipper.errors import StateError
from shipper.model import Document, Outcome

#: How large the file may become where nothing is said.
MOST_BYTES = 1 << 30


class DeadLetterFile:
    """Appends dead letters to ``dead-letters.ndjson`` in a folder; nothing is made before the first one.

    What ``append`` has returned from is on the disk; what it has raised for is not in the file. The file is opened for
    each call, because a replay may have put another in its place.

    Args:
        folder: made when missing.
        max_bytes: how large the file may become.
        now: the time of day.
        name: of the file; another one keeps what is no document of an event.
    """

    def __init__(
        self,
        folder: Path,
        max_bytes: int = MOST_BYTES,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        name: str = FILE_NAME,
    ) -> None:
        self.path = folder / name
        self._max_bytes = max_bytes
        self._now = now
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
            StateError: the file is full or cannot be written; none of them is in it.
        """
        time = self._now()
        self.append([letter(document, outcome, time) for document, outcome in rejected])

    def append(self, letters: Sequence[DeadLetter]) -> None:
        """Write ``letters`` as lines, in their order; durable when this returns.

        Raises:
            StateError: the file is full or cannot be written; none of them is in it.
        """
        if not letters:
            return
        lines = self._encoder.encode_lines(letters)
        with explained(self.path):
            make_private_folder(self.path.parent)
            with changing(self.path.parent):
                is_new = not self.path.exists()
                descriptor = open_private(self.path, os.O_RDWR | os.O_APPEND)
                try:
                    self._add(descriptor, lines)
                finally:
                    os.close(descriptor)
                if is_new:
                    sync_folder(self.path.parent)

    def _add(self, descriptor: int, lines: bytes) -> None:
        size_bytes = os.fstat(descriptor).st_size
        end = b"" if _ends_whole(descriptor, size_bytes) else b"\n"  # a line that a crash cut short costs itself alone
        if size_bytes + len(end) + len(lines) > self._max_bytes:
            raise StateError(
                f"the dead letters are full: {size_bytes:,} of {self._max_bytes:,} bytes, "
                f"and {len(lines):,} more to keep; nothing was thrown away",
                where=str(self.path),
                hint="shipper replay, move the file away, or raise dead_letters_max_mb; then start again",
            )
        try:
            write_all(descriptor, end + lines)
            os.fsync(descriptor)
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(descriptor, size_bytes)
            raise

    def close(self) -> None:
        """Do nothing: every call of ``append`` leaves the file closed."""


def _ends_whole(descriptor: int, size_bytes: int) -> bool:
    if not size_bytes:
        return True
    os.lseek(descriptor, -1, os.SEEK_END)
    return os.read(descriptor, 1) == b"\n"
