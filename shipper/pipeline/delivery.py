"""From documents to outcomes: batches by count, size and age, several under way, settled in order."""

import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Protocol, Self, TypeAlias

import msgspec

from shipper.model import Cursor, Document, Outcome
from shipper.pipeline.counts import Counts
from shipper.pipeline.progress import Progress
from shipper.sinks import ResumableSink, Sink


class Rejections(Protocol):
    """Where documents go that a sink refuses for good."""

    def keep(self, rejected: Sequence[tuple[Document, Outcome]]) -> None:
        """Keep each document whole with its reason; durable when this returns."""
        ...


class Witness(Protocol):
    """Whoever looks at documents once they are final."""

    def see(self, documents: Sequence[Document]) -> None:
        """See documents that are final, in the order in which they were read, dead letters among them.

        Where a source gives cursors, a call comes just before the cursor behind its last document passes.
        """
        ...


Write: TypeAlias = Callable[[Sequence[Document]], list[Outcome]]
#: What is put around a sink's ``write``, to see how long it takes and what comes of it; it changes neither.
Around: TypeAlias = Callable[[Write], Write]


def bare(write: Write) -> Write:
    """Put nothing around it."""
    return write


class DeliverySettings(msgspec.Struct, frozen=True):
    """How batches are formed.

    Attributes:
        batch_age_s: how long a document may wait for its batch to fill.
        clock: monotonic seconds.
        around: put around the sink's ``write``, which several threads may call at once.
        witness: sees what is final.
    """

    batch_age_s: float = 1.0
    clock: Callable[[], float] = time.monotonic
    around: Around = bare
    witness: Witness | None = None


#: So many documents are kept for the witness while they wait for their cursor; more are shown without it.
_MOST_UNSEEN = 50_000


class Delivery:
    """Delivers documents to one sink and settles their outcomes in the order they were added.

    At most ``sink.in_flight`` batches are under way, each in a thread, so that writing overlaps with decoding; a
    further one waits, and with it the reading: that is all the back-pressure there is. Use it as a context manager;
    ``finish`` returns when every document is settled.

    A cursor passes on to ``progress`` when every document that was added before it is settled. Where the sink's output
    is a file to go on with, a batch ends at each cursor, so that its size belongs to the cursor alone.

    A witness sees a document when its cursor passes, so that what it knows belongs to the cursors that are final: after
    a crash the documents behind them come again, and no others. Those of standard input, which has no cursors, it sees
    as soon as they are settled.
    """

    def __init__(
        self, sink: Sink, rejections: Rejections, counts: Counts, settings: DeliverySettings, progress: Progress
    ) -> None:
        self._sink = sink
        self._write = settings.around(sink.write)
        self._output = sink if isinstance(sink, ResumableSink) else None
        self._rejections = rejections
        self._counts = counts
        self._settings = settings
        self._progress = progress
        self._cursors: deque[tuple[int, Cursor]] = deque()
        self._added = self._settled = self._seen = 0
        self._unseen: deque[Document] = deque()
        self._broken = False
        self._batch: list[Document] = []
        self._batch_bytes = self._waiting_bytes = 0
        self._batch_since = 0.0
        self._under_way: deque[tuple[list[Document], int, Future[list[Outcome]]]] = deque()
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

    @property
    def waiting(self) -> int:
        """How many documents have been added and are not settled; may be asked from any thread."""
        return self._added - self._settled

    @property
    def waiting_bytes(self) -> int:
        """How many bytes of bodies those documents have; may be asked from any thread."""
        return self._waiting_bytes

    def add(self, documents: Sequence[Document], cursor: Cursor | None = None) -> None:
        """Take documents, and how far the source is behind once they are final; send what makes a full batch."""
        sink = self._sink
        self._added += len(documents)
        for document in documents:
            size_bytes = len(document.body)
            if self._batch and self._batch_bytes + size_bytes > sink.batch_bytes:
                self.flush()
            if not self._batch:
                self._batch_since = self._settings.clock()
            self._batch.append(document)
            self._batch_bytes += size_bytes
            self._waiting_bytes += size_bytes
            if len(self._batch) >= sink.batch_docs:
                self.flush()
        if cursor is not None:
            self._cursors.append((self._added, cursor))
        aged = self._batch and self._settings.clock() - self._batch_since > self._settings.batch_age_s
        if aged or (self._output is not None and cursor is not None):
            self.flush()

    def flush(self) -> None:
        """Send what has been taken so far, full batch or not."""
        if not self._batch:
            return
        while len(self._under_way) >= self._sink.in_flight:
            self._settle_oldest()
        batch, size_bytes, self._batch, self._batch_bytes = self._batch, self._batch_bytes, [], 0
        self._under_way.append((batch, size_bytes, self._pool.submit(self._write, batch)))

    def settle_finished(self) -> None:
        """Settle the oldest batches as far as they have been answered, without waiting."""
        while self._under_way and self._under_way[0][2].done():
            self._settle_oldest()
        self._pass_cursors()

    def finish(self) -> None:
        """Send the rest and wait for every answer."""
        self.flush()
        while self._under_way:
            self._settle_oldest()
        self._pass_cursors()
        self._show(self._settled)

    def _settle_the_answered(self) -> None:
        """Settle what was answered although the run failed: it is counted, and its dead letters are kept.

        No cursor passes a batch that has no answer.
        """
        while self._under_way:
            batch, size_bytes, future = self._under_way.popleft()
            if not future.cancelled() and future.exception() is None:
                self._settle(batch, size_bytes, future.result())
            else:
                self._broken = True

    def _settle_oldest(self) -> None:
        batch, size_bytes, future = self._under_way.popleft()
        try:
            outcomes = future.result()
            self._settle(batch, size_bytes, outcomes)
        except BaseException:
            self._broken = True
            raise

    def _settle(self, batch: Sequence[Document], size_bytes: int, outcomes: Sequence[Outcome]) -> None:
        rejected = [pair for pair in zip(batch, outcomes, strict=True) if pair[1].status == "rejected"]
        if rejected:
            self._rejections.keep(rejected)
        self._counts.settle(outcomes)
        self._settled += len(batch)
        self._waiting_bytes -= size_bytes
        if self._settings.witness is not None and not self._broken:
            self._unseen.extend(batch)
        self._pass_cursors()

    def _pass_cursors(self) -> None:
        while self._cursors and self._cursors[0][0] <= self._settled and not self._broken:
            place, cursor = self._cursors.popleft()
            self._show(place)
            self._progress.passed(cursor, self._output.output_bytes if self._output is not None else -1)
        if self._unseen and not self._broken:
            has_no_cursors = self._unseen[0].position.source == "-"
            self._show(self._settled if has_no_cursors else self._settled - _MOST_UNSEEN)

    def _show(self, place: int) -> None:
        """Show the witness every document up to the one that was added as number ``place``."""
        count = min(place - self._seen, len(self._unseen))
        if self._settings.witness is None or count <= 0:
            return
        documents = [self._unseen.popleft() for _ in range(count)]
        self._seen += count
        self._settings.witness.see(documents)
