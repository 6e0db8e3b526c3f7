"""Alerts as lines: one document a line, on standard output or at the end of a file."""

import os
import stat
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO

from shipper.alerts.outlet import TAKEN, Refused, Taken, Unavailable
from shipper.durable import sync_folder
from shipper.errors import UsageError
from shipper.model import Document

#: Gives the 24 bytes of ``event.ingested``.
Stamp = Callable[[], bytes]
_FLAGS = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


def as_lines(alerts: Sequence[Document], ingested: bytes) -> bytes:
    """Return one line an alert."""
    return b"".join(alert.stamped(ingested) + b"\n" for alert in alerts)


class StdoutOutlet:
    """Writes to standard output; a reader that goes away raises ``BrokenPipeError``."""

    name = "-"
    most = 100

    def __init__(self, stamp: Stamp, stream: BinaryIO | None = None) -> None:
        self._stamp = stamp
        self._stream = sys.stdout.buffer if stream is None else stream

    def deliver(self, alerts: Sequence[Document]) -> list[Taken | Refused]:
        """Write and flush."""
        self._stream.write(as_lines(alerts, self._stamp()))
        self._stream.flush()
        return [TAKEN] * len(alerts)

    def interrupt(self) -> None:
        """Do nothing: a write to a pipe ends when its reader takes it or goes away."""

    def close(self) -> None:
        """Do nothing: it is not ours to close."""


class FileOutlet:
    """Adds lines to a file, durably; an alert that comes again after a crash stands there twice, with the same id.

    The file is readable by its owner alone, since alerts hold personal data, and is opened for each call: whoever
    rotates logs may move it away at any time.

    Args:
        path: made when missing.
        stamp: the time of writing, for ``event.ingested``.

    Raises:
        UsageError: a folder, a link or something else stands there.
    """

    most = 1000

    def __init__(self, path: Path, stamp: Stamp) -> None:
        self.name = f"ndjson:{path}"
        self._path = path.absolute()
        self._stamp = stamp
        if path.suffix.lower() in {".gz", ".zst"}:
            raise UsageError("alerts are added to a plain file", where=self.name, hint=f"ndjson:{path.with_suffix('')}")
        if path.is_symlink():
            hint = "name what it leads to: nothing is written through a link that somebody may have laid"
            raise UsageError("is a symbolic link", where=self.name, hint=hint)
        if path.exists() and not stat.S_ISREG(path.stat().st_mode):
            raise UsageError("is no regular file", where=self.name, hint="name a file, or - for standard output")

    def deliver(self, alerts: Sequence[Document]) -> list[Taken | Refused]:
        """Write and sync."""
        lines = as_lines(alerts, self._stamp())
        try:
            is_new = not self._path.exists()
            descriptor = os.open(self._path, _FLAGS, 0o600)
            try:
                self._add(descriptor, lines)
            finally:
                os.close(descriptor)
            if is_new:
                sync_folder(self._path.parent)  # else a loss of power may take the name, and all that stands under it
        except OSError as error:
            raise Unavailable(f"cannot be written: {error.strerror or error}") from None
        return [TAKEN] * len(alerts)

    @staticmethod
    def _add(descriptor: int, lines: bytes) -> None:
        size_bytes = os.fstat(descriptor).st_size
        if size_bytes and os.pread(descriptor, 1, size_bytes - 1) != b"\n":
            lines = b"\n" + lines  # a line that a crash cut short costs itself alone
        view = memoryview(lines)
        while view:
            view = view[os.write(descriptor, view) :]
        os.fsync(descriptor)

    def interrupt(self) -> None:
        """Do nothing: a write to a file does not wait for anybody."""

    def close(self) -> None:
        """Do nothing: the file is closed after each call."""
