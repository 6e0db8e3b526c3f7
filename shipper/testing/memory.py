"""A source and a sink in memory, so that a crash, a refusal or a pause is an ordinary unit test."""

import threading
from collections.abc import Callable, Iterator, Sequence

from shipper.errors import SinkError
from shipper.model import INDEXED, Batch, Cursor, Document, Outcome, Unit


class MemorySource:
    """Yields the batches it was given, all in one unit."""

    def __init__(self, batches: Sequence[Batch]) -> None:
        self._batches = batches

    def plan(self, cursors: Sequence[Cursor] = ()) -> Iterator[Unit]:
        """Yield the one unit."""
        del cursors
        yield Unit("memory")

    def read(self, unit: Unit) -> Iterator[Batch]:
        """Yield the batches in order."""
        del unit
        yield from self._batches


class MemorySink:
    """Keeps every batch it is given.

    Args:
        judge: what becomes of a document; indexed by default. It may raise.
        in_flight: how many calls of ``write`` may run at once.
        batch_docs: the most documents a call takes.
        batch_bytes: the most body bytes a call takes.
    """

    def __init__(
        self,
        judge: Callable[[Document], Outcome] = lambda _: INDEXED,
        *,
        in_flight: int = 1,
        batch_docs: int = 3,
        batch_bytes: int = 1 << 20,
    ) -> None:
        self.target = "memory"
        self.in_flight = in_flight
        self.batch_docs = batch_docs
        self.batch_bytes = batch_bytes
        self.batches: list[list[Document]] = []
        self.closed: bool | None = None
        self._judge = judge
        self._interrupted = threading.Event()

    def write(self, documents: Sequence[Document]) -> list[Outcome]:
        """Keep the batch and judge each document."""
        if self._interrupted.is_set():
            raise SinkError("interrupted", where=self.target)
        self.batches.append(list(documents))
        return [self._judge(document) for document in documents]

    def interrupt(self) -> None:
        """Refuse every later call."""
        self._interrupted.set()

    def close(self, *, complete: bool) -> None:
        """Remember how it was closed."""
        self.closed = complete
