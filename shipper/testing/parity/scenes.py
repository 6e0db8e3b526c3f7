"""Scenes of the corpus: what one is, and when it takes place."""

from itertools import count

import msgspec

from shipper.testing.parity.documents import DAY_MS, HOUR_MS, MINUTE_MS, Draft

#: Planted documents end in this, edges of executions in 0.
EDGE_MS = 5
#: The golden ratio spreads any number of beginnings evenly.
_SPREAD = 0.618_033_988_75


class Plant(msgspec.Struct, frozen=True):
    """A scene, and the execution that must find its group, or must not.

    Attributes:
        rule_id: of which rule.
        what: what happens, in a few words.
        fires: whether the execution finds the group.
        t0_ms, t1_ms: the execution, ``[t0, t1)``.
        group: the values of ``Rule.by``; ``None`` for a match, where the group is the id of the only draft.
        drafts: the documents.
    """

    rule_id: str
    what: str
    fires: bool
    t0_ms: int
    t1_ms: int
    group: tuple[str, ...] | None
    drafts: tuple[Draft, ...]


class Calendar:
    """Gives out times of which no two are the same, each ending in 5.

    Args:
        begin_ms, end_ms: of the corpus.
        settled_ms: before this, evaluators may still be learning.
    """

    def __init__(self, begin_ms: int, end_ms: int, settled_ms: int) -> None:
        self.begin_ms, self.end_ms, self.settled_ms = begin_ms, end_ms, settled_ms
        self._taken: set[int] = set()
        self._scenes = count()
        self._lonely_ms = begin_ms

    def at(self, time_ms: int) -> int:
        """Return the next free time from about ``time_ms``."""
        time_ms = time_ms // 10 * 10 + EDGE_MS
        while time_ms in self._taken:
            time_ms += 10
        self._taken.add(time_ms)
        return time_ms

    def scene(self, length_ms: int, before_ms: int = 0) -> int:
        """Return a beginning that leaves ``before_ms`` to its left, and ``length_ms`` before the end of the corpus."""
        first, last = max(self.settled_ms, self.begin_ms + before_ms), self.end_ms - length_ms - HOUR_MS
        if last <= first:
            first, last = self.begin_ms + before_ms, max(last, self.begin_ms + before_ms + 1)
        return first + int((last - first) * (next(self._scenes) * _SPREAD % 1)) // MINUTE_MS * MINUTE_MS

    def alone(self, length_ms: int) -> int:
        """Return a beginning on the first day, which has no noise, where nothing else is for ``length_ms``."""
        begin_ms, self._lonely_ms = self._lonely_ms, self._lonely_ms + length_ms
        if self._lonely_ms > self.begin_ms + DAY_MS:
            raise ValueError("the day without noise is full")
        return begin_ms
