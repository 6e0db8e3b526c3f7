"""One run: everything a source has, delivered to a sink."""

import threading
import time
from collections.abc import Callable
from typing import Protocol

from shipper.errors import SourceError
from shipper.model import Problem
from shipper.pipeline.counts import Counts
from shipper.pipeline.delivery import Delivery, DeliverySettings, Rejections
from shipper.pipeline.preparation import Prepared, Recipe, prepare
from shipper.sinks import Sink

#: What a source yields while it waits: see ``Source.read``.
_IDLE = Prepared([])


class Observer(Protocol):
    """Whoever wants to know how a run goes; called from the thread that runs it."""

    def problem(self, problem: Problem) -> None:
        """Hear of something that could not be read."""
        ...

    def advanced(self, size_bytes: int, counts: Counts) -> None:
        """Hear that ``size_bytes`` more of the source are done."""
        ...


def run(
    recipe: Recipe,
    sink: Sink,
    rejections: Rejections,
    observer: Observer,
    *,
    counts: Counts | None = None,
    workers: int = 1,
    settings: DeliverySettings | None = None,
    stop: threading.Event | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Counts:
    """Deliver all that the source has and return the account.

    When ``stop`` is set, reading ends, what was read is delivered, and the account is returned as usual. A caller that
    wants the account of a run that failed passes its own ``counts``.

    Raises:
        SourceError: the source cannot be read at all, or not to its end; what was read before has been delivered.
        SinkError: the sink cannot take documents for good; what it had taken stays, the rest is untouched.
    """
    counts = Counts() if counts is None else counts
    started = clock()
    try:
        with Delivery(sink, rejections, counts, settings or DeliverySettings()) as delivery:
            try:
                for prepared in prepare(recipe, workers):
                    _deliver(prepared, delivery, counts, observer)
                    if stop is not None and stop.is_set():
                        break
            except SourceError:
                delivery.finish()  # what was read before is delivered all the same
                if stop is None or not stop.is_set():
                    raise  # a stop may reach the processes that decode, too
            delivery.finish()
    finally:
        counts.seconds = round(clock() - started, 3)
        observer.advanced(0, counts)
    return counts


def _deliver(prepared: Prepared, delivery: Delivery, counts: Counts, observer: Observer) -> None:
    counts.read += len(prepared.documents) + prepared.filtered
    counts.filtered += prepared.filtered
    counts.skipped += prepared.skipped
    for problem in prepared.problems:
        counts.lose(problem)
        observer.problem(problem)
    if prepared == _IDLE:
        delivery.flush()
    delivery.add(prepared.documents)
    delivery.settle_finished()
    observer.advanced(prepared.size_bytes, counts)
