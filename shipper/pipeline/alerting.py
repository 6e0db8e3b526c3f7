"""From documents that are final to alerts on their way: rules look, an outbox keeps, couriers carry."""

import threading
import time
from collections.abc import Callable, Sequence

import msgspec

from shipper.alerts import Courier, Memory, Outbox
from shipper.model import Document
from shipper.pipeline.counts import Counts
from shipper.pipeline.listening import Listener
from shipper.pipeline.progress import Progress
from shipper.pipeline.refused import RefusedFile, undelivered
from shipper.rules.alert import Alert
from shipper.rules.evaluator import Evaluator
from shipper.rules.model import Seen
from shipper.rules.seeing import Viewer

_LOOKS_EVERY_S = 0.1
#: Time that goes by within a batch is told in steps of so much: nothing is judged more exactly, and each step costs.
_STEP_MS = 1000
#: What ends within this time after it was interrupted had only to be told.
_ENDS_WITHIN_S = 1.0


class Rulebook(msgspec.Struct, frozen=True):
    """The rules that run here, ready to look.

    Attributes:
        view: reads documents for them.
        evaluator: looks at what was read.
        tell: makes a document of an alert.
    """

    view: Viewer
    evaluator: Evaluator
    tell: Callable[[Alert], Document]


class Mail(msgspec.Struct, frozen=True):
    """What carries alerts.

    Attributes:
        outbox: where they wait.
        couriers: one an outlet.
        refused: keeps what will never be taken.
        keeps: what waits at the end is kept for the next run.
    """

    outbox: Outbox
    couriers: tuple[Courier, ...]
    refused: RefusedFile
    keeps: bool


class Pace(msgspec.Struct, frozen=True):
    """How time is measured.

    Attributes:
        lateness_ms: how long after its time an event may come and still be judged in its place.
        drain_within_s: how long, at the end, nothing may move before what waits is left.
        follows: once everything has been read, time goes by with the clock; else it is that of the events alone.
        clock: seconds since 1970.
        monotonic: seconds.
    """

    lateness_ms: int
    drain_within_s: float
    follows: bool = False
    clock: Callable[[], float] = time.time
    monotonic: Callable[[], float] = time.monotonic


class Alerting:
    """The ``Watching`` of a run; used from the one thread that runs.

    Time moves by a watermark, in milliseconds since 1970: while reading is behind, the newest time of an event, less
    the lateness; once everything has been read, the clock, less the lateness (not
    while a log cannot be opened). It never moves back: events of a log that is read after another one, and is older, do
    not move it. Nor does an event whose clock is ahead of ours.
    """

    def __init__(self, rulebook: Rulebook, mail: Mail, pace: Pace, listener: Listener) -> None:
        self._rulebook = rulebook
        self._mail = mail
        self._pace = pace
        self._listener = listener
        self._newest_ms = self._watermark_ms = 0
        self._raised = 0
        self._changes = mail.outbox.changes
        self._paused = False

    def see(self, documents: Sequence[Document]) -> None:
        """Let the rules look at documents, in their order."""
        view = self._rulebook.view.view
        self.look([seen for document in documents if document.id and (seen := view(document.body)) is not None])

    def look(self, seen: Sequence[Seen]) -> None:
        """Let the rules look at documents that have been read for them."""
        here: list[Seen] = []
        now_ms = self._now_ms()
        for one in seen:
            time_ms = min(one.time_ms, now_ms)
            if time_ms - self._pace.lateness_ms >= self._watermark_ms + _STEP_MS:
                self._send(self._rulebook.evaluator.see(here))
                here = []
                self._advance(time_ms - self._pace.lateness_ms)
            self._newest_ms = max(self._newest_ms, time_ms)
            here.append(one)
        self._send(self._rulebook.evaluator.see(here))

    def turn(self, counts: Counts, progress: Progress, *, caught_up: bool) -> None:
        """Move the time where it moves by itself, and start to carry."""
        if caught_up and self._pace.follows:
            self._advance(self._now_ms() - self._pace.lateness_ms)
        for courier in self._mail.couriers:
            courier.start()  # at the first turn, when every process has been forked
        self._raise_faults()
        self._account(counts, progress)

    def has_room(self, timeout_s: float) -> bool:
        """Say whether more may be read; where not, wait for that, so long at most."""
        outbox = self._mail.outbox
        if outbox.is_full:
            if not self._paused:
                self._listener.pause(f"alerts_waiting: {outbox.waiting:,} alerts wait for outlets that take none")
            self._paused = True
            outbox.wait_for_change(timeout_s)
        elif self._paused:
            self._paused = False
            self._listener.resume()
        return not outbox.is_full

    def finish(self) -> None:
        """Judge what has to be judged by the time of the newest event."""
        self._watermark_ms = max(self._watermark_ms, self._newest_ms)
        self._send(self._rulebook.evaluator.finish(self._watermark_ms))

    def memory(self, position: bytes = b"") -> Memory:
        """Return what the next run begins with."""
        return Memory(self._rulebook.evaluator.snapshot(), tuple(self._mail.outbox.letters()), position)

    def close(self, counts: Counts, progress: Progress, stop: threading.Event) -> None:
        """Bring away what waits while anything moves; what is left is kept for the next run, or in a file."""
        for courier in self._mail.couriers:
            courier.start()
        self._mail.outbox.close()
        self._drain(counts, progress, stop)
        for courier in self._mail.couriers:
            courier.interrupt()
        for courier in self._mail.couriers:
            courier.join(_ENDS_WITHIN_S)
        if self._paused:
            self._listener.resume()
        self._tell_of_the_rest()
        self._account(counts, progress)
        self._raise_faults()

    def _drain(self, counts: Counts, progress: Progress, stop: threading.Event) -> None:
        monotonic, outbox = self._pace.monotonic, self._mail.outbox
        changes, ends_at_s = outbox.changes, monotonic() + self._pace.drain_within_s
        while not all(courier.join(0) for courier in self._mail.couriers) and monotonic() < ends_at_s:
            if outbox.changes != changes and not stop.is_set():
                changes, ends_at_s = outbox.changes, monotonic() + self._pace.drain_within_s
            outbox.wait_for_change(_LOOKS_EVERY_S)
            self._account(counts, progress)
            progress.keep_if_due()  # else a crash now would send again what was sent since the last event

    def _tell_of_the_rest(self) -> None:
        letters = self._mail.outbox.letters()
        if not letters:
            return
        many = f"{len(letters):,} alert{'s'[: len(letters) != 1]}"
        if self._mail.keeps:
            self._listener.say(f"{many} could not be brought away; the next run with --alerts goes on with that")
            return
        self._mail.refused.take(letters, undelivered("the run ended before, and keeps no state"))
        for letter in letters:
            for outlet in letter.outlets:
                self._mail.outbox.settle(outlet, [letter.document])
        self._listener.say(f"{many} could not be brought away: kept in {self._mail.refused.path}")

    def _send(self, alerts: Sequence[Alert]) -> None:
        for alert in alerts:
            self._raised += 1
            self._mail.outbox.add(self._rulebook.tell(alert))

    def _now_ms(self) -> int:
        return int(self._pace.clock() * 1000)

    def _advance(self, time_ms: int) -> None:
        if time_ms > self._watermark_ms:
            self._watermark_ms = time_ms
            self._send(self._rulebook.evaluator.advance(time_ms))

    def _account(self, counts: Counts, progress: Progress) -> None:
        counts.alerts = self._raised
        counts.alerts_waiting = self._mail.outbox.waiting
        counts.alerts_refused = self._mail.refused.count
        if self._mail.outbox.changes != self._changes:
            self._changes = self._mail.outbox.changes
            progress.touched()

    def _raise_faults(self) -> None:
        for courier in self._mail.couriers:
            if courier.fault is not None:
                raise courier.fault
