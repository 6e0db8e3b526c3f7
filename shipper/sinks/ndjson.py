"""A file of one document a line, plain or compressed, that appears only when it is whole."""

import contextlib
import errno
import gzip
import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, cast

import zstandard

from shipper.errors import SinkError
from shipper.model import INDEXED, Document, Outcome
from shipper.sinks.lines import Stamp, as_lines, stamp_now

#: zlib's and zstd's own defaults of speed against size.
_GZIP_LEVEL, _ZSTD_LEVEL = 6, 3
_HINTS = {
    errno.ENOSPC: "free some space, or name a file on another disk",
    errno.EDQUOT: "the quota is used up: free some space, or name a file on another disk",
    errno.EFBIG: "the file system takes no larger file: use .zst, or another disk",
    errno.EROFS: "the file system is read-only: name a file on another disk",
    errno.EACCES: "no permission to write there: name another folder",
    errno.EPERM: "no permission to write there: name another folder",
    errno.ENOENT: "create the folder first",
    errno.ENOTDIR: "one of the folders named is a file",
    errno.ENAMETOOLONG: "use a shorter name",
}


class NdjsonSink:
    """Writes documents to ``.NAME.part`` beside the file, and renames it when all is written.

    Until then the file is not touched: readers see the former one, or none. An existing file is replaced. On failure
    the part stays, readable line by line. Files are readable by their owner alone: they hold personal data.

    Args:
        path: the file; ``.gz`` and ``.zst`` are compressed.
        stamp: the time of writing, for ``event.ingested``; asked once a batch.

    Raises:
        SinkError: the file cannot be written there.
    """

    in_flight = 1
    batch_docs = 1000
    batch_bytes = 8 << 20

    def __init__(self, path: Path, stamp: Stamp = stamp_now) -> None:
        self.target = f"ndjson:{path}"
        self._stamp = stamp
        self._begun = False
        self._path = real_path(path)
        self._part = self._path.with_name(f".{self._path.name}.part")
        with self._explained():
            self._file = _open_alone(self._part)
            self._stream = _compressed(self._file, self._path.suffix.lower())

    def write(self, documents: Sequence[Document]) -> list[Outcome]:
        """Write; return one ``indexed`` per document.

        Raises:
            SinkError: the file takes no more; the part names what stands so far.
        """
        self._begun = self._begun or bool(documents)
        with self._explained():
            self._stream.write(as_lines(documents, self._stamp()))
        return [INDEXED] * len(documents)

    def interrupt(self) -> None:
        """Do nothing: a write to a file does not wait for anybody."""

    def close(self, *, complete: bool) -> None:
        """Publish the file when ``complete``, else leave the part, unless it is empty.

        Raises:
            SinkError: what was written cannot be made durable or renamed.
        """
        if self._file.closed:
            return
        if not complete:
            self._abandon()
            return
        with self._explained():
            self._finish()
            self._part.replace(self._path)

    def _finish(self) -> None:
        if self._stream is not self._file:
            self._stream.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()

    def _abandon(self) -> None:
        with contextlib.suppress(OSError):
            self._finish()
        with contextlib.suppress(OSError):
            self._file.close()
        if not self._begun:
            self._part.unlink(missing_ok=True)

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            so_far = f"; what was written so far stands in {self._part}" if self._begun else ""
            raise explained(error, self.target, so_far) from error


def explained(error: OSError, target: str, so_far: str = "") -> SinkError:
    """Return the error that says why ``target`` cannot be written, and what to try."""
    fault = f"cannot be written: {error.strerror or error}{so_far}"
    return SinkError(fault, where=target, hint=_HINTS.get(error.errno or 0, ""))


def real_path(path: Path) -> Path:
    """Return where the file really stands, so that a symbolic link stays one and its target is replaced."""
    try:
        real = path.resolve()
        mode = real.stat().st_mode
    except FileNotFoundError:
        return real
    except (OSError, RuntimeError) as error:
        number, reason = (error.errno or 0, error.strerror) if isinstance(error, OSError) else (0, None)
        hint = _HINTS.get(number, "name another file")
        raise SinkError(f"cannot be written: {reason or error}", where=f"ndjson:{path}", hint=hint) from error
    if stat.S_ISDIR(mode):
        raise SinkError("is a folder", where=f"ndjson:{path}", hint=f"name a file: ndjson:{path / 'events.ndjson'}")
    if not stat.S_ISREG(mode):
        raise SinkError("is no regular file", where=f"ndjson:{path}", hint="use - for standard output")
    return real


def _open_alone(part: Path) -> BinaryIO:
    """Open the part, emptied, for this process alone."""
    flags = os.O_WRONLY | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    file = os.fdopen(os.open(part, flags, 0o600), "wb")
    try:
        lock_alone(file.fileno())
        file.truncate()
    except BaseException:
        file.close()
        raise
    return file


def lock_alone(descriptor: int) -> None:
    """Keep other processes from writing the same file; ``OSError`` where one does."""
    try:
        import fcntl
    except ImportError:  # Windows refuses to rename a file that another process has open
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise OSError(errno.EBUSY, "another process is writing it") from error


def _compressed(file: BinaryIO, suffix: str) -> BinaryIO:
    if suffix == ".gz":
        return cast("BinaryIO", gzip.GzipFile("", "wb", _GZIP_LEVEL, file, 0))
    if suffix == ".zst":
        return cast("BinaryIO", zstandard.ZstdCompressor(_ZSTD_LEVEL).stream_writer(file, closefd=False))
    return file
