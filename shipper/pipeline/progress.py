"""How far a run has got: what has been read, what is final, and what of it is durable."""

import time
from collections.abc import Callable, Sequence
from typing import Protocol

from shipper.model import Cursor

#: What rules know may be megabytes: where keeping takes longer than this, so many times as long lies between two times.
_LONG_S, _KEEP_FACTOR = 0.1, 10.0


class Keeper(Protocol):
    """Whoever makes progress durable."""

    def keep(self, cursors: Sequence[Cursor], output_bytes: int) -> None:
        """Make it durable that everything up to ``cursors`` is final; it is when this returns."""
        ...


class Progress:
    """Cursors of a run; used from the one thread that runs it.

    ``read`` decides what is planned next, ``final`` what the next run begins with. A cursor becomes final when every
    document up to it has a final outcome, and in the order in which it was read.

    Args:
        began: where an earlier run has got to.
        keeper: makes final cursors durable; ``None`` where no state is kept.
        interval_s: how often, at most; what is final at the end is always kept.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        began: Sequence[Cursor] = (),
        keeper: Keeper | None = None,
        interval_s: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._read = {cursor.source: cursor for cursor in began}
        self._final = dict(self._read)
        self._output_bytes = -1
        self._keeper = keeper
        self._interval_s = interval_s
        self._clock = clock
        self._kept_at = clock()
        self._took_s = 0.0
        self._changed = False
        self._changed_at = self._kept_at

    @property
    def unkept_s(self) -> float | None:
        """How long final cursors have waited to be made durable; 0 while all are, ``None`` where no state is kept.

        May be asked from any thread.
        """
        if self._keeper is None:
            return None
        return max(self._clock() - self._changed_at, 0.0) if self._changed else 0.0

    @property
    def read(self) -> list[Cursor]:
        """Where reading has got to, one cursor a log."""
        return list(self._read.values())

    @property
    def final(self) -> list[Cursor]:
        """Up to where everything is final, one cursor a log."""
        return list(self._final.values())

    def took(self, cursor: Cursor) -> None:
        """Note that everything up to ``cursor`` has been read."""
        self._read[cursor.source] = cursor

    def passed(self, cursor: Cursor, output_bytes: int) -> None:
        """Note that everything up to ``cursor`` is final.

        Args:
            cursor: the next of those that were taken, in their order.
            output_bytes: size of the sink's output with exactly that in it; -1 where it is not a file.
        """
        self._final[cursor.source] = cursor
        self._output_bytes = output_bytes
        if not self._changed:
            self._changed_at = self._clock()
        self._changed = True

    def touched(self) -> None:
        """Note that something has changed which is kept together with the cursors."""
        if not self._changed:
            self._changed_at = self._clock()
        self._changed = True

    def keep_if_due(self) -> None:
        """Make progress durable, unless that was done just now.

        Raises:
            StateError: it cannot be made durable.
        """
        rest_s = _KEEP_FACTOR * self._took_s if self._took_s > _LONG_S else 0.0
        if self._changed and self._clock() - self._kept_at >= max(self._interval_s, rest_s):
            self.keep()

    def keep(self) -> None:
        """Make progress durable, if there is any.

        Raises:
            StateError: it cannot be made durable.
        """
        began_s = self._clock()
        if self._changed and self._keeper is not None:
            self._keeper.keep(self.final, self._output_bytes)
            self._changed = False
        self._kept_at = self._clock()
        self._took_s = self._kept_at - began_s
