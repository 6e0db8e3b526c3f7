"""A file of one document a line that a later run goes on with, plain or compressed."""

import contextlib
import gzip
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import zstandard

from shipper.errors import SinkError
from shipper.model import INDEXED, Document, Outcome
from shipper.sinks import UNKNOWN_OUTPUT
from shipper.sinks.lines import Stamp, as_lines, stamp_now
from shipper.sinks.ndjson import explained, lock_alone, real_path


class AppendedNdjsonSink:
    """Writes documents straight into the file; what a checkpoint does not know of is cut off at the beginning.

    With ``.gz`` and ``.zst`` each call of ``write`` adds a member or frame of its own, which every reader of these
    formats takes as one file. Files are readable by their owner alone: they hold personal data.

    Args:
        path: the file; made when missing, which is no fault where it was moved away between two runs.
        known_bytes: size of the file as the checkpoint knows it; ``UNKNOWN_OUTPUT`` where there is none, and then the
            file has to be new.
        stamp: the time of writing, for ``event.ingested``; asked once a batch.

    Raises:
        SinkError: the file cannot be written, or is not as the checkpoint knows it.
    """

    in_flight = 1
    batch_docs = 1000
    batch_bytes = 8 << 20

    def __init__(self, path: Path, known_bytes: int, stamp: Stamp = stamp_now) -> None:
        self.target = f"ndjson:{path}"
        self._stamp = stamp
        self._suffix = path.suffix.lower()
        with self._explained():
            self._file = os.open(real_path(path), _FLAGS, 0o600)
        try:
            with self._explained():
                lock_alone(self._file)
                self.output_bytes = self._cut(known_bytes)
        except SinkError:
            os.close(self._file)
            raise

    def _cut(self, known_bytes: int) -> int:
        """Cut off what the checkpoint does not know of, and return the size."""
        size_bytes = os.fstat(self._file).st_size
        if not size_bytes:
            return 0
        if known_bytes == UNKNOWN_OUTPUT:
            raise SinkError(
                "is there already, and no checkpoint says how much of it is shipped",
                where=self.target,
                hint="name another file or move it away; without --state it would be replaced",
            )
        if size_bytes < known_bytes:
            raise SinkError(
                f"has {size_bytes:,} bytes, and the checkpoint knows of {known_bytes:,}: it was changed since",
                where=self.target,
                hint="name another file; or `shipper state --forget-all` and ship everything again",
            )
        os.ftruncate(self._file, known_bytes)
        os.lseek(self._file, known_bytes, os.SEEK_SET)
        return known_bytes

    def write(self, documents: Sequence[Document]) -> list[Outcome]:
        """Write; return one ``indexed`` per document.

        Raises:
            SinkError: the file takes no more; what it has of this call is cut off again.
        """
        view = memoryview(self._packed(as_lines(documents, self._stamp())))
        size_bytes = self.output_bytes + len(view)
        with self._explained():
            try:
                while view:
                    view = view[os.write(self._file, view) :]
            except OSError:
                with contextlib.suppress(OSError):
                    os.ftruncate(self._file, self.output_bytes)
                raise
        self.output_bytes = size_bytes
        return [INDEXED] * len(documents)

    def sync(self) -> None:
        """Make durable what was written.

        Raises:
            SinkError: it cannot be made durable.
        """
        with self._explained():
            os.fsync(self._file)

    def interrupt(self) -> None:
        """Do nothing: a write to a file does not wait for anybody."""

    def close(self, *, complete: bool) -> None:
        """Close the file; what is in it stays, and the checkpoint says how much of that counts."""
        del complete
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _packed(self, lines: bytearray) -> bytes | bytearray:
        if self._suffix == ".gz":
            return gzip.compress(lines, mtime=0)
        if self._suffix == ".zst":
            return zstandard.ZstdCompressor().compress(lines)
        return lines

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise explained(error, self.target) from error


_FLAGS = os.O_WRONLY | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
