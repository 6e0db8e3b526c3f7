"""One run: everything a source has, or goes on to have, delivered to a sink."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from typing import Protocol

import msgspec

from shipper.errors import SinkError, SourceError, StateError
from shipper.model import Notice, Problem
from shipper.pipeline.counts import Counts
from shipper.pipeline.delivery import Around, Delivery, DeliverySettings, Rejections, bare
from shipper.pipeline.following import prepare_following
from shipper.pipeline.preparation import BEHIND, IDLE, Prepared, Recipe, prepare
from shipper.pipeline.progress import Progress
from shipper.pipeline.watching import Watching
from shipper.sinks import Sink
from shipper.sources import Follower

#: How long reading stands still at once while too many alerts wait.
_ROOM_WITHIN_S = 0.5


class Observer(Protocol):
    """Whoever wants to know how a run goes; called from the thread that runs it."""

    def problem(self, problem: Problem) -> None:
        """Hear of something that could not be read."""
        ...

    def notice(self, notice: Notice) -> None:
        """Hear of something that happened to a log itself."""
        ...

    def advanced(self, size_bytes: int, counts: Counts) -> None:
        """Hear that ``size_bytes`` more of the source are done."""
        ...


class Routine(Protocol):
    """What is done besides, over and over, by the thread that runs: see ``run``."""

    def turn(self, counts: Counts, progress: Progress, delivery: Delivery) -> None:
        """Do what is due; called after each batch and at least once each poll interval."""
        ...


class RunSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How a run goes.

    Attributes:
        workers: processes that decode; one that follows decodes in this one.
        batch_age_s: how long a document may wait for its batch to fill.
        follower: tells what is new, for a run that goes on until it is stopped.
        routine: what is done besides.
        around: put around the sink's ``write``.
        watching: looks at what is final.
        clock: monotonic seconds.
    """

    workers: int = 1
    batch_age_s: float = 1.0
    follower: Follower | None = None
    routine: Routine | None = None
    around: Around = bare
    watching: Watching | None = None
    clock: Callable[[], float] = time.monotonic


def run(
    recipe: Recipe,
    sink: Sink,
    rejections: Rejections,
    observer: Observer,
    *,
    counts: Counts | None = None,
    settings: RunSettings | None = None,
    stop: threading.Event | None = None,
    progress: Progress | None = None,
) -> Counts:
    """Deliver all that the source has beyond ``progress`` and return the account.

    When ``stop`` is set, reading ends, what was read is delivered, and the account is returned as usual. A sink that is
    interrupted then leaves documents undelivered: they do not count as read, and ``progress`` does not pass them. A
    caller that wants the account of a run that failed passes its own ``counts``.

    Raises:
        SourceError: the source cannot be read at all, or not to its end; what was read before has been delivered.
        SinkError: the sink cannot take documents for good; what it had taken stays, the rest is untouched.
        StateError: dead letters or progress cannot be made durable.
    """
    under_way = _Run(recipe, sink, observer, settings or RunSettings(), stop or threading.Event())
    return under_way.carry_out(rejections, Counts() if counts is None else counts, progress)


class _Run:
    """The run under way: what all its steps share."""

    def __init__(
        self, recipe: Recipe, sink: Sink, observer: Observer, settings: RunSettings, stop: threading.Event
    ) -> None:
        self._recipe = recipe
        self._sink = sink
        self._observer = observer
        self._settings = settings
        self._stop = stop

    def carry_out(self, rejections: Rejections, counts: Counts, progress: Progress | None) -> Counts:
        settings = self._settings
        started = settings.clock()
        progress = progress or Progress()
        batches = DeliverySettings(settings.batch_age_s, settings.clock, settings.around, settings.watching)
        delivery = Delivery(self._sink, rejections, counts, batches, progress)
        try:
            with _kept(progress), self._told_to_the_end(counts, progress), delivery:
                self._read_and_deliver(delivery, counts, progress)
        except SinkError:
            if not self._stop.is_set():
                raise
            counts.read -= delivery.waiting  # the next run reads them again
        finally:
            counts.seconds = round(settings.clock() - started, 3)
            self._observer.advanced(0, counts)
        return counts

    @contextlib.contextmanager
    def _told_to_the_end(self, counts: Counts, progress: Progress) -> Iterator[None]:
        """At the end, however it comes, let alerts be brought away."""
        try:
            yield
        finally:
            if self._settings.watching is not None:
                self._settings.watching.close(counts, progress, self._stop)

    def _read_and_deliver(self, delivery: Delivery, counts: Counts, progress: Progress) -> None:
        try:
            for prepared in self._prepared(progress):
                self._deliver(prepared, delivery, counts, progress)
                if self._stop.is_set():
                    break
        except SourceError:
            delivery.finish()  # what was read before is delivered all the same
            if not self._stop.is_set():
                raise  # a stop may reach the processes that decode, too
        delivery.finish()
        if self._settings.watching is not None and self._settings.follower is None and not self._stop.is_set():
            self._settings.watching.finish()

    def _prepared(self, progress: Progress) -> Iterator[Prepared]:
        follower = self._settings.follower
        if follower is None:
            return prepare(self._recipe, self._settings.workers, progress.read)
        return prepare_following(self._recipe, follower, progress, self._stop)

    def _deliver(self, prepared: Prepared, delivery: Delivery, counts: Counts, progress: Progress) -> None:
        counts.read += len(prepared.documents) + prepared.filtered
        counts.filtered += prepared.filtered
        counts.skipped += prepared.skipped
        counts.missed += prepared.missed
        counts.unknown_events += prepared.misses.events
        counts.unknown_codes += prepared.misses.codes
        for problem in prepared.problems:
            counts.lose(problem)
            self._observer.problem(problem)
        for notice in prepared.notices:
            self._observer.notice(notice)
        if prepared in (IDLE, BEHIND):
            delivery.flush()
        if prepared.cursor is not None:
            progress.took(prepared.cursor)
        delivery.add(prepared.documents, prepared.cursor)
        delivery.settle_finished()
        self._turn(delivery, counts, progress, idle=prepared == IDLE)
        self._observer.advanced(prepared.size_bytes, counts)
        watching = self._settings.watching
        while watching is not None and not self._stop.is_set() and not watching.has_room(_ROOM_WITHIN_S):
            delivery.settle_finished()
            self._turn(delivery, counts, progress, idle=False)

    def _turn(self, delivery: Delivery, counts: Counts, progress: Progress, *, idle: bool) -> None:
        """Do what is due besides."""
        if self._settings.watching is not None:
            self._settings.watching.turn(counts, progress, caught_up=idle and not delivery.waiting)
        progress.keep_if_due()
        if self._settings.routine is not None:
            self._settings.routine.turn(counts, progress, delivery)


@contextlib.contextmanager
def _kept(progress: Progress) -> Iterator[None]:
    """Make the progress durable at the end, however it comes; an error on its way says more than a new one."""
    try:
        yield
    except BaseException:
        with contextlib.suppress(StateError):
            progress.keep()
        raise
    progress.keep()
