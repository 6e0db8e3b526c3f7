"""Why delivery waits: a pause begins when the sink says so, and ends when the batch that waited is settled."""

import re
import threading
import time
from collections.abc import Callable

import msgspec

_ERROR_TYPE = re.compile(r"[a-z][a-z0-9_]{0,63}")


class Pause(msgspec.Struct, frozen=True):
    """A batch that waits.

    Attributes:
        reason: as the sink said it: ``TYPE: REASON``; a text from outside.
        since_s: on the clock of the pauses.
    """

    reason: str
    since_s: float

    @property
    def kind(self) -> str:
        """The error type alone, fit for a label: ``cluster_block_exception``."""
        kind = self.reason.partition(":")[0]
        return kind if _ERROR_TYPE.fullmatch(kind) else "other"


class Pauses:
    """The pauses of a run; each thread that writes to the sink has at most one.

    Args:
        on_pause: told each reason as the sink says it.
        on_resume: told, when no batch waits any more, for how many seconds one did.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        on_pause: Callable[[str], None],
        on_resume: Callable[[float], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._on_pause = on_pause
        self._on_resume = on_resume
        self._clock = clock
        self._lock = threading.Lock()
        self._by_thread: dict[int, Pause] = {}
        self._since_s = 0.0

    def begin(self, reason: str) -> None:
        """Note that the batch which this thread writes waits, and say why."""
        thread, now_s = threading.get_ident(), self._clock()
        with self._lock:
            if not self._by_thread:
                self._since_s = now_s
            known = self._by_thread.get(thread)
            self._by_thread[thread] = Pause(reason, known.since_s if known is not None else now_s)
        self._on_pause(reason)

    def end(self, *, settled: bool) -> None:
        """Note that this thread's batch waits no more: it is settled, or given up."""
        with self._lock:
            pause = self._by_thread.pop(threading.get_ident(), None)
            over = pause is not None and settled and not self._by_thread
            paused_s = self._clock() - self._since_s
        if over:
            self._on_resume(paused_s)

    def longest(self) -> Pause | None:
        """Return the pause that has lasted longest, ``None`` where nothing waits."""
        with self._lock:
            return min(self._by_thread.values(), key=lambda pause: pause.since_s, default=None)
