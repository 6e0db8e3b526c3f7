"""Standard output: one document a line, as it would be indexed."""

import os
import sys
from collections.abc import Sequence
from typing import BinaryIO

from shipper.errors import SinkError
from shipper.model import INDEXED, Document, Outcome
from shipper.sinks.lines import Stamp, as_lines, stamp_now


class StdoutSink:
    """Writes documents to standard output and flushes after each call.

    A document counts as indexed when the operating system has taken its bytes; whether the reader of a pipe makes
    anything of them is not known here. A reader that goes away raises ``BrokenPipeError``, which is the caller's to
    judge: ``| head`` is no fault.

    Args:
        stream: where to write instead, bytes.
        stamp: the time of writing, for ``event.ingested``.
    """

    target = "-"
    in_flight = 1
    batch_docs = 1000
    batch_bytes = 8 << 20

    def __init__(self, stream: BinaryIO | None = None, stamp: Stamp = stamp_now) -> None:
        self._stream = sys.stdout.buffer if stream is None else stream
        self._stamp = stamp

    def write(self, documents: Sequence[Document]) -> list[Outcome]:
        """Write and flush; return one ``indexed`` per document.

        Raises:
            BrokenPipeError: nobody reads any more.
            SinkError: the file that standard output was sent to takes no more.
        """
        try:
            self._stream.write(as_lines(documents, self._stamp()))
            self._stream.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            fault = error.strerror or os.strerror(error.errno or 0)
            raise SinkError(f"cannot be written: {fault}", where="standard output") from error
        return [INDEXED] * len(documents)

    def interrupt(self) -> None:
        """Do nothing: a write to a pipe ends when its reader takes it or goes away."""

    def close(self, *, complete: bool) -> None:
        """Do nothing: every call of ``write`` has flushed."""
        del complete
