"""What is remembered by group: a bounded number of groups, the least recently touched forgotten first."""

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from typing import Generic, TypeAlias, TypeVar

Group: TypeAlias = tuple[str, ...]
Kept = TypeVar("Kept")


class Entry(Generic[Kept]):
    """What is kept of a group, and when it was touched; ``kept`` may be set."""

    __slots__ = ("kept", "touched_ms")

    def __init__(self, touched_ms: int, kept: Kept) -> None:
        self.touched_ms = touched_ms
        self.kept = kept


class Groups(Generic[Kept]):
    """State by group; a group is touched at a time of the evaluator's clock."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._entries: OrderedDict[Group, Entry[Kept]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[tuple[Group, int, Kept]]:
        """Yield (group, when it was touched, what is kept), the least recently touched first."""
        return ((group, entry.touched_ms, entry.kept) for group, entry in self._entries.items())

    def get(self, group: Group) -> Kept | None:
        """Return what is kept of a group, without touching it."""
        entry = self._entries.get(group)
        return None if entry is None else entry.kept

    def touch(self, group: Group, now_ms: int) -> Entry[Kept] | None:
        """Touch a group, and return its entry; ``None`` where it is not known."""
        entry = self._entries.get(group)
        if entry is not None:
            entry.touched_ms = now_ms
            self._entries.move_to_end(group)
        return entry

    def put(self, group: Group, kept: Kept, now_ms: int) -> Sequence[tuple[Group, Kept]]:
        """Keep something of a group, and return the groups forgotten for it."""
        entry = self.touch(group, now_ms)
        if entry is not None:
            entry.kept = kept
            return ()
        self._entries[group] = Entry(now_ms, kept)
        return [self.pop_oldest()] if len(self._entries) > self._most else ()

    def drop(self, group: Group) -> Kept | None:
        """Forget a group, and return what was kept of it."""
        entry = self._entries.pop(group, None)
        return None if entry is None else entry.kept

    def pop_oldest(self) -> tuple[Group, Kept]:
        """Forget the group that was not touched for the longest time, and return it."""
        group, entry = self._entries.popitem(last=False)
        return group, entry.kept

    def expire(self, before_ms: int) -> list[tuple[Group, Kept]]:
        """Forget the groups that were last touched before a time, and return them."""
        expired = []
        while self._entries and next(iter(self._entries.values())).touched_ms < before_ms:
            expired.append(self.pop_oldest())
        return expired

    def start(self, now_ms: int) -> None:
        """Have every group touched now: the clock was not known until now."""
        for entry in self._entries.values():
            entry.touched_ms = now_ms
