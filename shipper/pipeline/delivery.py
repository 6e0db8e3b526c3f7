"""From documents to outcomes: batches by count, size and age, several under way, settled in order."""

import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Protocol, Self

import msgspec

from shipper.model import Document, Outcome
from shipper.pipeline.counts import Counts
from shipper.sinks import Sink


class Rejections(Protocol):
    """Where documents go that a sink refuses for good."""

    def keep(self, rejected: Sequence[tuple[Document, Outcome]]) -> None:
        """Keep each document whole with its reason; durable when this returns."""
        ...


class DeliverySettings(msgspec.Struct, frozen=True):
    """How batches are formed.

    Attributes:
        batch_age_s: how long a document may wait for its batch to fill.
        clock: monotonic seconds.
    """

    batch_age_s: float = 1.0
    clock: Callable[[], float] = time.monotonic


class Delivery:
    """Delivers documents to one sink and settles their outcomes in the order they were added.

    At most ``sink.in_flight`` batches are under way, each in a thread, so that writing overlaps with decoding; a
    further one waits, and with it the reading: that is all the back-pressure there is. Use it as a context manager;
    ``finish`` returns when every document is settled.
    """

    def __init__(self, sink: Sink, rejections: Rejections, counts: Counts, settings: DeliverySettings) -> None:
        self._sink = sink
        self._rejections = rejections
        self._counts = counts
        self._settings = settings
        self._batch: list[Document] = []
        self._batch_bytes = 0
        self._batch_since = 0.0
        self._under_way: deque[tuple[list[Document], Future[list[Outcome]]]] = deque()
        self._pool = ThreadPoolExecutor(sink.in_flight, "sink")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self._sink.interrupt()
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._settle_the_answered()

    def add(self, documents: Sequence[Document]) -> None:
        """Take documents; send what makes a full batch."""
        sink = self._sink
        for document in documents:
            size_bytes = len(document.body)
            if self._batch and self._batch_bytes + size_bytes > sink.batch_bytes:
                self.flush()
            if not self._batch:
                self._batch_since = self._settings.clock()
            self._batch.append(document)
            self._batch_bytes += size_bytes
            if len(self._batch) >= sink.batch_docs:
                self.flush()
        if self._batch and self._settings.clock() - self._batch_since > self._settings.batch_age_s:
            self.flush()

    def flush(self) -> None:
        """Send what has been taken so far, full batch or not."""
        if not self._batch:
            return
        batch, self._batch, self._batch_bytes = self._batch, [], 0
        while len(self._under_way) >= self._sink.in_flight:
            self._settle_oldest()
        self._under_way.append((batch, self._pool.submit(self._sink.write, batch)))

    def settle_finished(self) -> None:
        """Settle the oldest batches as far as they have been answered, without waiting."""
        while self._under_way and self._under_way[0][1].done():
            self._settle_oldest()

    def finish(self) -> None:
        """Send the rest and wait for every answer."""
        self.flush()
        while self._under_way:
            self._settle_oldest()

    def _settle_the_answered(self) -> None:
        """Settle what was answered although the run failed: it is counted, and its dead letters are kept."""
        for batch, future in self._under_way:
            if not future.cancelled() and future.exception() is None:
                self._settle(batch, future.result())
        self._under_way.clear()

    def _settle_oldest(self) -> None:
        batch, future = self._under_way.popleft()
        self._settle(batch, future.result())

    def _settle(self, batch: Sequence[Document], outcomes: Sequence[Outcome]) -> None:
        rejected = [pair for pair in zip(batch, outcomes, strict=True) if pair[1].status == "rejected"]
        if rejected:
            self._rejections.keep(rejected)
        self._counts.settle(outcomes)
