"""A log that grows at a pace, written by a process of its own, which is also the oracle of what it wrote."""

import multiprocessing
import time
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

import msgspec

from shipper.testing.chaos.ledger import event_ids
from shipper.testing.connector.events import legacy_event
from shipper.testing.evtx_writer import PROMPT, EventSpec, GrowingLog, Lazy

_BEGIN = datetime(2026, 11, 16, 6, tzinfo=UTC)
_HOST = "pki01.corp.example"
#: Between two events; and besides where the log was cleared: its numbers begin again, and an ``_id`` has whole seconds.
_STEP, _AFTER_CLEARING = timedelta(microseconds=200), timedelta(seconds=2)
#: How often the writer writes.
_TICK_S = 0.02
_ANSWERS_WITHIN_S = 30.0
_Call = Literal["clear", "stop"]


class Pace(msgspec.Struct, frozen=True):
    """What the writer does for a while.

    Attributes:
        seconds: for how long, unless it is stopped before.
        events_per_s: how many events.
        rotate_every_s: the log is archived so often; 0 for never.
    """

    seconds: float
    events_per_s: float
    rotate_every_s: float = 0.0


class Written(msgspec.Struct, frozen=True):
    """What has been written so far.

    Attributes:
        events: how many, over all; they are numbered from 0.
        begun: for each time that the record numbers began at 1 the number of the first event.
        on_disk: the record numbers that the log itself holds now.
        ended_s: monotonic time of the last write.
        late_s: how far the writer was behind its pace at the worst.
    """

    events: int
    begun: tuple[int, ...]
    on_disk: range
    ended_s: float
    late_s: float

    def generations(self) -> list[list[str]]:
        """Return the ``_id`` of each event in the order of its record number, from 1; a list a generation."""
        ends = (*self.begun[1:], self.events)
        ranges = map(range, self.begun, ends)
        return [ids_of(numbers, generation) for generation, numbers in enumerate(ranges)]

    @property
    def last_id(self) -> str:
        """The ``_id`` of the last event."""
        last = failure(self.events - 1, len(self.begun) - 1)
        return event_ids([last], first_record=self.events - self.begun[-1])[0]


def failure(number: int, generation: int = 0) -> EventSpec:
    """Make a synthetic failure to issue.

    Args:
        number: from 0; it counts on when the log is cleared.
        generation: how often the log has been cleared.
    """
    details = (("DeviceId", f"00000000-0000-4000-8000-{number:012}"), ("CAName", "CA01"))
    time = _BEGIN + number * _STEP + generation * _AFTER_CLEARING
    return legacy_event(_HOST, 20102, time, details, code="0x00000400", texts=("gone",))


def ids_of(numbers: range, generation: int = 0) -> list[str]:
    """Return the ``_id`` of failures that stand in one log in a row, the first of them as record 1."""
    return event_ids(failure(number, generation) for number in numbers)


class Growth:
    """The log and its writer. A context manager that leaves no process behind.

    Args:
        path: of the log.
        max_chunks: see ``GrowingLog``.
        lazy: what is written late.
    """

    def __init__(self, path: Path, *, max_chunks: int | None = None, lazy: Lazy = PROMPT) -> None:
        self._path = path
        self._ends_by_s = 0.0
        # A spawned process has none of the tester's threads and sockets.
        context = multiprocessing.get_context("spawn")
        self._line, theirs = context.Pipe()
        self._process = context.Process(target=_write, args=(theirs, path, max_chunks, lazy), daemon=True)
        self._process.start()
        theirs.close()
        self._answer()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.terminate()
        self._process.join()
        self._line.close()

    def begin(self, pace: Pace) -> None:
        """Let the writer begin; ``finish`` waits for its end."""
        self._ends_by_s = time.monotonic() + pace.seconds
        self._line.send(pace)

    def clear(self) -> int:
        """Let a writer that has begun clear the log in full flow; return the number of the first event after that."""
        self._line.send("clear")
        return msgspec.convert(self._answer(), int)

    def stop(self) -> None:
        """Let a writer that has begun come to its end now."""
        self._line.send("stop")

    def finish(self) -> Written:
        """Wait until the writer has come to its end, and return all that it has written so far.

        Raises:
            TimeoutError: it takes much longer than it should.
            EOFError: it failed; its traceback is on standard error.
        """
        answer = self._answer(max(0.0, self._ends_by_s - time.monotonic()))
        return msgspec.convert(answer, Written)

    def grow(self, pace: Pace) -> Written:
        """Begin and finish."""
        self.begin(pace)
        return self.finish()

    def _answer(self, seconds: float = 0.0) -> object:
        if not self._line.poll(seconds + _ANSWERS_WITHIN_S):
            raise TimeoutError(f"the writer of {self._path} does not answer")
        return self._line.recv()


def _write(line: Connection, path: Path, max_chunks: int | None, lazy: Lazy) -> None:
    """Do what comes over the line until it is closed."""
    with GrowingLog(path, max_chunks=max_chunks, lazy=lazy) as log:
        writer = _Writer(log, line)
        line.send(0)
        while True:
            try:
                line.send(writer.grow(line.recv()))
            except EOFError:
                return


class _Writer:
    def __init__(self, log: GrowingLog, line: Connection) -> None:
        self._log = log
        self._line = line
        self._events = 0
        self._begun = [0]

    def grow(self, pace: Pace) -> Written:
        began, first, rotations, late_s = time.monotonic(), self._events, 1, 0.0
        while (passed := time.monotonic() - began) < pace.seconds and not self._is_stopped():
            due = first + int(passed * pace.events_per_s)
            late_s = max(late_s, (due - self._events) / pace.events_per_s - _TICK_S)
            self._append(due)
            if pace.rotate_every_s and passed >= rotations * pace.rotate_every_s:
                self._log.rotate()
                rotations += 1
            time.sleep(_TICK_S)
        return Written(self._events, tuple(self._begun), self._log.on_disk, time.monotonic(), late_s)

    def _append(self, until: int) -> None:
        generation = len(self._begun) - 1
        self._log.append(failure(number, generation) for number in range(self._events, until))
        self._events = until

    def _is_stopped(self) -> bool:
        if not self._line.poll():
            return False
        call: _Call = self._line.recv()
        if call == "clear":
            self._log.clear()
            self._begun.append(self._events)
            self._line.send(self._events)
        return call == "stop"
