"""What a run looks like from outside: fed by the threads of the run, read by those that tell of it."""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Literal

import msgspec

from shipper.model import Cursor, Document, Outcome
from shipper.operations.lag import Lags, SourceLag
from shipper.operations.latency import Durations, Histogram
from shipper.operations.pauses import Pause, Pauses
from shipper.pipeline import Counts, Delivery, Progress
from shipper.pipeline.delivery import Write
from shipper.sources import Follower

State = Literal["starting", "running", "waiting", "stopping"]

#: Lags are looked at no more often, and so many times as long after a look as it took: a turn comes after every chunk,
#: and there may be thousands of logs.
_LOOK_EVERY_S, _LOOK_FACTOR = 0.25, 50.0


class Reading(msgspec.Struct, frozen=True):
    """A run at one moment.

    Attributes:
        state: ``starting`` until the first turn, ``waiting`` while the sink says that it waits.
        counts: as they are just now; a copy.
        uptime_s: since the run began.
        turned_s: since the thread that runs last had a turn.
        writing: batches that the sink has in hand.
        writing_s: for how long it has had the oldest of them.
        queued, queued_bytes: documents that are read and not settled, and their bodies.
        lags: of the logs that are followed.
        unkept_s: how long progress has waited to be made durable; ``None`` where no state is kept.
        pause: why the sink waits; ``None`` where it does not.
        pause_s: for how long.
        batches: how long batches took.
    """

    state: State
    counts: Counts
    uptime_s: float
    turned_s: float
    writing: int = 0
    writing_s: float = 0.0
    queued: int = 0
    queued_bytes: int = 0
    lags: tuple[SourceLag, ...] = ()
    lag_s: float = 0.0
    unkept_s: float | None = None
    pause: Pause | None = None
    pause_s: float = 0.0
    batches: Durations = Durations()
    now_s: float = 0.0

    @property
    def lag_records(self) -> int:
        """Lags of all logs added up, as far as they are known."""
        return sum(max(lag.records, 0) for lag in self.lags)


class Vitals:
    """A ``Routine`` of a run that remembers how it goes; ``read`` may be called from any thread at any time.

    Args:
        counts: the account of the run, which the run goes on to change.
        stop: set when the run is to end.
        pauses: of the sink; on the same clock.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        counts: Counts,
        stop: threading.Event,
        pauses: Pauses,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._pauses = pauses
        self._counts = counts
        self._stop = stop
        self._clock = clock
        self._batches = Histogram()
        self._writing: dict[int, float] = {}
        self._follower: Follower | None = None
        self._lags = Lags()
        self._lags_seen: tuple[SourceLag, ...] = ()
        self._look_at = float("-inf")
        self._shared: tuple[Progress, Delivery] | None = None
        self._began_at = self._turned_at = clock()
        self._ended = False

    def follow(self, follower: Follower | None) -> None:
        """Ask ``follower`` how far logs reach, at each turn from now on."""
        self._follower = follower

    def turn(self, counts: Counts, progress: Progress, delivery: Delivery) -> None:
        """Note that the run goes on, and how far it is."""
        del counts  # they are known from the beginning
        self._shared = (progress, delivery)
        self._turned_at = now_s = self._clock()
        if self._follower is not None and now_s >= self._look_at:
            standings = self._follower.standings()
            self._lags_seen = self._lags.update(standings, _records(progress.read), _records(progress.final), now_s)
            ended_s = self._clock()
            self._look_at = ended_s + max(_LOOK_EVERY_S, _LOOK_FACTOR * (ended_s - now_s))

    def watch(self, write: Write) -> Write:
        """Return ``write`` with its duration measured, and with the pauses of its thread ended when it returns."""

        def watched(documents: Sequence[Document]) -> list[Outcome]:
            began_at, thread, settled = self._clock(), threading.get_ident(), False
            self._writing[thread] = began_at
            try:
                outcomes = write(documents)
                settled = True
            finally:
                del self._writing[thread]
                self._pauses.end(settled=settled)
            self._batches.observe(self._clock() - began_at)
            return outcomes

        return watched

    def end(self) -> None:
        """Note that the run is over."""
        self._ended = True

    def read(self) -> Reading:
        """Return how the run is just now."""
        now_s, pause, lags, shared = self._clock(), self._pauses.longest(), self._lags_seen, self._shared
        progress, delivery = shared if shared is not None else (None, None)
        writing = list(self._writing.values())
        return Reading(
            state=self._state(pause),
            counts=msgspec.structs.replace(self._counts),
            uptime_s=now_s - self._began_at,
            turned_s=now_s - self._turned_at,
            writing=len(writing),
            writing_s=now_s - min(writing, default=now_s),
            queued=delivery.waiting if delivery is not None else 0,
            queued_bytes=delivery.waiting_bytes if delivery is not None else 0,
            lags=lags,
            lag_s=max((lag.seconds(now_s) for lag in lags), default=0.0),
            unkept_s=progress.unkept_s if progress is not None else None,
            pause=pause,
            pause_s=now_s - pause.since_s if pause is not None else 0.0,
            batches=self._batches.read(),
            now_s=now_s,
        )

    def _state(self, pause: Pause | None) -> State:
        if self._ended or self._stop.is_set():
            return "stopping"
        if pause is not None:
            return "waiting"
        return "running" if self._shared is not None else "starting"


def _records(cursors: Sequence[Cursor]) -> dict[str, int]:
    return {cursor.source: cursor.record for cursor in cursors}
