"""Following event logs: what is new in files that grow, come round, are archived, cleared, replaced, or go away."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Literal

from shipper.errors import SourceError
from shipper.model import Cursor, Unit
from shipper.sources import Standing
from shipper.sources.evtx.examination import examine
from shipper.sources.evtx.file import LogFile
from shipper.sources.evtx.header import CHUNK_BYTES
from shipper.sources.evtx.inputs import iterate_logs
from shipper.sources.evtx.live import Settling
from shipper.sources.evtx.plan import LogPlan, plan_log
from shipper.sources.evtx.pulse import Pulse, feel, mark_of, seen
from shipper.sources.evtx.source import EvtxSource
from shipper.sources.evtx.survey import SlotHead
from shipper.sources.evtx.watch import Watcher, folders_of

#: A log that was there is missed for so long before it is told: a rotation takes a moment.
_AWAY_S = 2.0
#: Between two looks, so that reading does not eat what it gains by being told of every write; and how many times as
#: long as the last look took, so that thousands of logs do not keep a processor busy.
_PAUSE_S, _PAUSE_FACTOR = 0.05, 4.0
#: How often a wait looks whether it is to end.
_SLICE_S = 0.1
_AGAIN = "it can be read again"


class _Followed:
    """What is remembered of one log while it is followed.

    Attributes:
        newest: number of the newest record that was seen.
        pending: there was something that could not be believed yet.
        idle: there was nothing to read.
        pulse: how it looked; a log of the same pulse is not read again.
        done: checksums of damaged slots that were read as they are, by slot.
        fault, fault_since, told: why it cannot be read, since when, and whether that was said.
    """

    def __init__(self, settling: Settling) -> None:
        self.settling = settling
        self.newest = -1
        self.pending = False
        self.idle = False
        self.pulse: Pulse | None = None
        self.done: dict[int, int] = {}
        self.fault = ""
        self.fault_since = 0.0
        self.told = False


class LogFollower:
    """Follows what an ``EvtxSource`` names; see ``shipper.sources.Follower``.

    What it guarantees: a record is given when a checksum covers it, or when it has not changed for ``settle_s``; a
    half-written one later. Records that were overwritten or removed before they could be read are reported as a gap, a
    log whose numbers start again as cleared. Files are opened for the moment of a look and closed again, so that a
    service may rename them.
    What it does not: what was written and wiped between two looks leaves no trace but the gap in the numbers, and none
    where the numbers start again.

    Args:
        source: files, folders, patterns; ``from_end`` holds for the logs that are there at the first look.
        poll_interval_s: how often at least the logs are looked at.
        settle_s: how long a record that no checksum covers must stay the same.
        watch: ``auto`` is told of changes besides, ``poll`` is not.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        source: EvtxSource,
        *,
        poll_interval_s: float = 1.0,
        settle_s: float = 0.5,
        watch: Literal["auto", "poll"] = "auto",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._source = source
        self._poll_interval_s = poll_interval_s
        self._settle_s = settle_s
        self._clock = clock
        self._logs: dict[str, _Followed] = {}
        self._is_first, self._held = True, False
        self._ended, self._looked_s = clock(), 0.0
        self._changed = threading.Event()
        self._watcher = Watcher(folders_of(source.paths), self._changed) if watch == "auto" else None

    def plan(self, cursors: Sequence[Cursor]) -> Iterator[Unit]:
        """Yield what is new since the last call, beyond ``cursors``; every log is looked at, few are read."""
        self._changed.clear()
        self._held = False
        self._looked_s, since = 0.0, self._clock()
        for unit in self._look(cursors):
            self._looked_s += self._clock() - since
            yield unit
            since = self._clock()  # what a caller does with a unit is no part of the look
        self._ended = self._clock()
        self._looked_s += self._ended - since

    def _look(self, cursors: Sequence[Cursor]) -> Iterator[Unit]:
        known = {cursor.source: cursor for cursor in cursors}
        seen: set[str] = set()
        for log in iterate_logs(self._source.paths):
            if isinstance(log, SourceError):
                seen.add(str(log.where))
                yield from self._fault(str(log.where), log)
            elif log not in seen:
                yield from self._plan_of(log, known, seen)
        for path in self._logs.keys() - seen:
            del self._logs[path]
        self._is_first = False

    def wait(self, stop: threading.Event) -> None:
        """Return when something has changed, after the poll interval at the latest, within 0.1 s on ``stop``."""
        waiting = any(followed.pending for followed in self._logs.values())
        longest_s = min(self._poll_interval_s, self._settle_s) if waiting else self._poll_interval_s
        now = self._clock()
        earliest = self._ended + max(_PAUSE_S, _PAUSE_FACTOR * self._looked_s)
        latest = earliest if self._held else max(now + longest_s, earliest)
        while (now := self._clock()) < latest and not stop.is_set():
            if now < earliest:
                stop.wait(min(_SLICE_S, earliest - now))
            elif self._changed.wait(min(_SLICE_S, latest - now)):
                return

    def standings(self) -> Sequence[Standing]:
        """Return how far each log reached when it was last looked at."""
        complete = not self._held
        return [Standing(path, log.newest, not log.fault, complete) for path, log in self._logs.items()]

    def close(self) -> None:
        """End the watching."""
        if self._watcher is not None:
            self._watcher.close()

    def _followed(self, path: str) -> _Followed:
        if path not in self._logs:
            self._logs[path] = _Followed(Settling(self._settle_s, self._clock))
        return self._logs[path]

    def _plan_of(self, path: str, known: Mapping[str, Cursor], seen: set[str]) -> Iterator[Unit]:
        """Yield what is new in a log, and in archives that hold what it held before."""
        seen.add(path)
        if self._is_quiet(path, known):
            self._logs[path].idle = True
            return
        from_end = self._source.from_end and self._is_first
        try:
            for plan in plan_log(path, known, from_end=from_end):
                if plan.path != path and plan.path not in seen:
                    seen.add(plan.path)
                    yield from self._units_of(plan, known)
                if plan.path == path:
                    yield from self._units_of(plan, known)
                elif not self._followed(plan.path).idle:
                    # Its cursor leads to the archive only as long as it stays: the log waits until that is read.
                    self._held = True
                    return
        except SourceError as error:
            yield from self._fault(path, error)

    def _is_quiet(self, path: str, known: Mapping[str, Cursor]) -> bool:
        """Say whether all of a log has been read and nothing about it has changed."""
        log = self._logs.get(path)
        if log is None or log.pulse is None or log.pending or log.fault:
            return False
        if log.newest > (known[path].record if path in known else -1):
            return False
        try:
            with LogFile(path) as file:
                return feel(file, log.pulse) == log.pulse
        except SourceError:
            return False

    def _units_of(self, plan: LogPlan, known: Mapping[str, Cursor]) -> Iterator[Unit]:
        log = self._followed(plan.path)
        if log.told:
            yield Unit(plan.path, fault=_AGAIN)
        log.fault, log.told = "", False
        log.settling.begin()
        with LogFile(plan.path) as file:
            mark = mark_of(file)
            found = examine(file, plan, log.settling, log.done, must_have_cursor=plan.path not in known)
            log.pulse = seen(plan.survey, mark, found.newest_slot, found.end_offset, found.tail)
        log.newest, log.pending = found.newest, found.pending
        log.idle = not (found.damaged or found.readable.slots or found.pending)
        for head, crc in found.damaged:
            yield self._unit(plan, [head], live=False)
            log.done[head.slot] = crc
            if head.first >= 0:
                # What stands behind it is planned when it has been read: it may have been overwritten by then.
                self._held = True
                return
        if found.readable.slots:
            yield self._unit(plan, found.readable.slots, live=True, until=found.until)

    def _unit(self, plan: LogPlan, run: Sequence[SlotHead], *, live: bool, until: int = -1) -> Unit:
        """Return a unit of slots; one for all, so that reading that ends early ends for all behind it."""
        slots = tuple(head.slot for head in run)
        # A slot that tells no number has no place in the order: whatever stands in it is given, if it was given before
        # by an earlier run then once more.
        after = plan.resumption.after if run[0].first >= 0 else -1
        return Unit(
            plan.path,
            slots,
            len(slots) * CHUNK_BYTES,
            after,
            tuple(head.first for head in run),
            live,
            until,
            self._source.since_s if plan.resumption.fate == "new" else 0.0,
            tuple(plan.notices[slot] for slot in slots if slot in plan.notices),
        )

    def _fault(self, path: str, error: SourceError) -> Iterator[Unit]:
        """Yield a unit that tells why a log cannot be read: once, and at once only if it never could be."""
        log, now = self._followed(path), self._clock()
        text = "; ".join(filter(None, (error.message, error.hint)))
        if text != log.fault:
            log.fault, log.fault_since, log.told = text, now, False
        was_there = log.pulse is not None
        if not log.told and now - log.fault_since >= (_AWAY_S if was_there else 0):
            log.told = True
            yield Unit(path, fault=f"{text}; it is tried again")
