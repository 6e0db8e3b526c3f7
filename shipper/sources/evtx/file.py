"""An open event log: reads headers and runs of chunks, and never holds more of the file than it is asked for."""

import io
import os
from types import TracebackType
from typing import Self

from shipper.errors import SourceError
from shipper.sources.evtx.header import (
    CHUNK_BYTES,
    FILE_HEADER_BYTES,
)
from shipper.sources.evtx.inputs import open_log
from shipper.sources.evtx.survey import HEAD_BYTES


class LogFile:
    """An event log that is open for reading; a context manager.

    Raises:
        SourceError: it cannot be opened, is no event log, or fails while it is read.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._file = io.FileIO(open_log(path), closefd=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()

    @property
    def slots(self) -> int:
        """How many slots of chunks the file has, the last perhaps in part; a live log's header does not know."""
        size_bytes = self._file.seek(0, io.SEEK_END)
        return max(0, -(-(size_bytes - FILE_HEADER_BYTES) // CHUNK_BYTES))

    def head(self, slot: int) -> bytes:
        """Return the first bytes of a slot, header and the header of its first record; fewer where the file ends."""
        return self.read_at(FILE_HEADER_BYTES + slot * CHUNK_BYTES, HEAD_BYTES)

    def read_at(self, offset: int, size_bytes: int) -> bytes:
        """Return bytes of the file, fewer where it ends."""
        try:
            self._file.seek(offset)
            return self._file.read(size_bytes) or b""
        except OSError as error:
            raise self._failed(error) from error

    def status(self) -> os.stat_result:
        """Return what the file system says of it."""
        return os.fstat(self._file.fileno())

    def read_slots(self, first: int, buffer: memoryview) -> int:
        """Fill ``buffer`` with the chunks from slot ``first`` on; return how many bytes there were."""
        filled = 0
        try:
            self._file.seek(FILE_HEADER_BYTES + first * CHUNK_BYTES)
            while filled < len(buffer) and (count := self._file.readinto(buffer[filled:])):
                filled += count
        except OSError as error:
            raise self._failed(error) from error
        return filled

    def _failed(self, error: OSError) -> SourceError:
        reason = error.strerror or str(error)
        return SourceError(reason, where=self.path, hint="check the disk and the connection to it")
