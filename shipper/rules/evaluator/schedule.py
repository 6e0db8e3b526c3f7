"""When which group is to be judged: a heap, so that the passing of time costs nothing where nothing is due."""

from collections.abc import Iterator
from heapq import heapify, heappop, heappush

from shipper.rules.evaluator.groups import Group

#: Entries that were put off or dropped stay in the heap until there are so many of them.
_MOST_STALE = 1_000


class Schedule:
    """One due time a group, and the time until which its judgement waits."""

    def __init__(self) -> None:
        self._planned: dict[Group, tuple[int, int]] = {}
        self._heap: list[tuple[int, Group]] = []

    def is_due(self, now_ms: int) -> bool:
        """Say whether ``due`` may yield anything."""
        return bool(self._heap) and self._heap[0][0] <= now_ms

    def put(self, group: Group, due_ms: int, waits_until_ms: int) -> None:
        """Have a group judged as at ``due_ms``, and at no other time, when the time is ``waits_until_ms``.

        A group that is to be judged as at this time already waits no longer than it does.
        """
        if group in self._planned and self._planned[group][1] == due_ms:
            return
        self._planned[group] = waits_until_ms, due_ms
        heappush(self._heap, (waits_until_ms, group))
        if len(self._heap) > 2 * len(self._planned) + _MOST_STALE:
            self._heap = [(waits_ms, one) for one, (waits_ms, _) in self._planned.items()]
            heapify(self._heap)

    def wait_no_more(self) -> None:
        """Have every group judged when its time is due."""
        self._planned = {group: (due_ms, due_ms) for group, (_, due_ms) in self._planned.items()}
        self._heap = [(due_ms, group) for group, (due_ms, _) in self._planned.items()]
        heapify(self._heap)

    def drop(self, group: Group) -> None:
        """Judge a group no more."""
        self._planned.pop(group, None)

    def due(self, now_ms: int) -> Iterator[tuple[Group, int]]:
        """Yield each (group, due time) whose judgement waits no more; it may be put again meanwhile."""
        while self._heap and self._heap[0][0] <= now_ms:
            waits_until_ms, group = heappop(self._heap)
            planned = self._planned.get(group)
            if planned is not None and planned[0] == waits_until_ms:
                del self._planned[group]
                yield group, planned[1]
