"""When which group is to be judged: a heap, so that the passing of time costs nothing where nothing is due."""

from collections.abc import Iterator
from heapq import heapify, heappop, heappush

from shipper.rules.evaluator.groups import Group

#: Entries that were put off or dropped stay in the heap until there are so many of them.
_MOST_STALE = 1_000


class Schedule:
    """One due time a group."""

    def __init__(self) -> None:
        self._due_ms: dict[Group, int] = {}
        self._heap: list[tuple[int, Group]] = []

    def is_due(self, now_ms: int) -> bool:
        """Say whether ``due`` may yield anything."""
        return bool(self._heap) and self._heap[0][0] <= now_ms

    def put(self, group: Group, due_ms: int) -> None:
        """Have a group judged at ``due_ms``, and at no other time."""
        if self._due_ms.get(group) == due_ms:
            return
        self._due_ms[group] = due_ms
        heappush(self._heap, (due_ms, group))
        if len(self._heap) > 2 * len(self._due_ms) + _MOST_STALE:
            self._heap = [(due, one) for one, due in self._due_ms.items()]
            heapify(self._heap)

    def drop(self, group: Group) -> None:
        """Judge a group no more."""
        self._due_ms.pop(group, None)

    def due(self, now_ms: int) -> Iterator[tuple[Group, int]]:
        """Yield each (group, due time) that has come, the earliest first; it may be put again meanwhile."""
        while self._heap and self._heap[0][0] <= now_ms:
            due_ms, group = heappop(self._heap)
            if self._due_ms.get(group) == due_ms:
                del self._due_ms[group]
                yield group, due_ms
