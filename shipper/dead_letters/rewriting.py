"""Taking letters out of the file, or changing them, while a shipper goes on adding to it."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import msgspec

from shipper.dead_letters.access import FILE_NAME, changing, replaying
from shipper.dead_letters.letter import DeadLetter
from shipper.dead_letters.reading import Line, read_lines
from shipper.durable import explained, open_private, publish

_PIECE_BYTES = 1 << 20


class Rewriting:
    """A context manager for the letters that are there when it is entered; one process at a time may use one.

    ``drop`` and ``replace`` lines, in their order; what is not spoken of stays. ``commit`` puts the new file in the
    place of the old one, with what was appended meanwhile. Without it, or after a crash at any moment, the old file
    stands as it was.

    Args:
        folder: of the dead letters.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE_NAME
        self._part = folder / f".{FILE_NAME}.part"
        self._held = contextlib.ExitStack()
        self._old: BinaryIO | None = None
        self._new: BinaryIO | None = None
        self._end = 0
        self._copied = 0
        self._changed = False
        self._encoder = msgspec.json.Encoder()

    def __enter__(self) -> Self:
        """Take the letters there are.

        Raises:
            StateError: another replay is under way, or the file cannot be read.
        """
        with contextlib.ExitStack() as held, explained(self.path, "cannot be rewritten"):
            if self.path.exists():  # else there is nothing to do, and nothing is made
                held.enter_context(replaying(self.path.parent))
                self._old = held.enter_context(self.path.open("rb"))
                with changing(self.path.parent):
                    self._end = os.fstat(self._old.fileno()).st_size
                self._held = held.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._new is not None:
            with contextlib.suppress(OSError):
                self._new.close()
            with contextlib.suppress(OSError):
                self._part.unlink(missing_ok=True)
        self._held.close()

    @property
    def size_bytes(self) -> int:
        """How large the file was when it was taken."""
        return self._end

    def lines(self) -> Iterator[Line]:
        """Yield the lines there were at the beginning.

        Raises:
            StateError: the file cannot be read.
        """
        return read_lines(self.path, self._end) if self._old is not None else iter(())

    def drop(self, line: Line) -> None:
        """Take a line out.

        Raises:
            StateError: the new file cannot be written.
        """
        self._instead(line, b"")

    def replace(self, line: Line, letter: DeadLetter) -> None:
        """Put ``letter`` in the place of a line.

        Raises:
            StateError: the new file cannot be written.
        """
        self._instead(line, self._encoder.encode(letter) + b"\n")

    def commit(self) -> None:
        """Put the new file in the place of the old one, durably; where nothing was changed, do nothing.

        Raises:
            StateError: the new file cannot be written; the old one stands.
        """
        if not self._changed or self._old is None or self._new is None:
            return
        with explained(self._part, "the rest of the dead letters cannot be written"):
            self._copy(os.fstat(self._old.fileno()).st_size)
            self._sync(self._new)  # all but what comes in the meantime, so that nobody waits long for the lock
            with changing(self.path.parent):
                self._copy(os.fstat(self._old.fileno()).st_size)
                self._sync(self._new)
                self._old.close()  # Windows renames nothing over an open file
                self._new.close()
                publish(self._part, self.path)
        self._new = None

    def _instead(self, line: Line, text: bytes) -> None:
        with explained(self._part, "the rest of the dead letters cannot be written"):
            if self._new is None:
                self._new = os.fdopen(open_private(self._part, os.O_WRONLY | os.O_TRUNC), "wb")
            self._copy(line.start)
            self._new.write(text)
        self._copied = line.end
        self._changed = True

    def _copy(self, until: int) -> None:
        """Copy what stands in the old file from where copying has got to."""
        if self._old is None or self._new is None:
            return
        self._old.seek(self._copied)
        while self._copied < until:
            piece = self._old.read(min(_PIECE_BYTES, until - self._copied))
            if not piece:
                break
            self._new.write(piece)
            self._copied += len(piece)

    @staticmethod
    def _sync(file: BinaryIO) -> None:
        file.flush()
        os.fsync(file.fileno())
