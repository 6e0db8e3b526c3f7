"""Combinations of values that were not there for a time."""

from collections.abc import Sequence
from typing import TypeAlias

import msgspec

from shipper.rules.alert import Alert
from shipper.rules.conditions import groups_of
from shipper.rules.evaluator.groups import Group, Groups
from shipper.rules.evaluator.remembered import remembered
from shipper.rules.evaluator.watching import Role, Surroundings, Watcher
from shipper.rules.model import New, Rule, Seen
from shipper.rules.spans import parse_span

_Kept: TypeAlias = list[tuple[Group, int, int]]


class Novelty(Watcher):
    """Watches for what is new; remembers when each combination of values was there last."""

    def __init__(self, rule: Rule, wanted: New, around: Surroundings) -> None:
        super().__init__(rule, around)
        self._not_seen_for_ms = parse_span(wanted.not_seen_for)
        self._learn_for_ms = parse_span(wanted.learn_for)
        self._last_ms: Groups[int] = Groups(self._settings.most_values)

    def see(self, seen: Seen, role: Role) -> list[Alert]:
        """Return an alert for each combination of values that is new with a document."""
        del role
        alerts: list[Alert] = []
        for group in groups_of(self._by, seen):
            alerts += self._meet(group, seen)
        return alerts

    def _meet(self, group: Group, seen: Seen) -> Sequence[Alert]:
        entry = self._last_ms.touch(group, self._clock.now_ms)
        if entry is None:
            self._counts.evicted_values += len(self._last_ms.put(group, seen.time_ms, self._clock.now_ms))
        else:
            last_ms = entry.kept
            entry.kept = max(last_ms, seen.time_ms)
            if seen.time_ms - last_ms <= self._not_seen_for_ms:
                return ()
        if self.since_ms is None or seen.time_ms - self.since_ms < self._learn_for_ms:
            return ()
        return self._raise(group, [remembered(seen)], seen.time_ms, seen.id)

    def start(self, now_ms: int) -> None:
        """Learn the time, which was not known until now."""
        super().start(now_ms)
        self._last_ms.start(now_ms)

    def expire(self, now_ms: int) -> None:
        """Forget the combinations that count as new when they come again, and of which none is given again."""
        super().expire(now_ms)
        kept_ms = max(self._not_seen_for_ms, self._settings.remember_ms)
        self._last_ms.expire(now_ms - kept_ms - self._settings.lateness_ms)

    def _keep(self) -> object:
        return list(self._last_ms)

    def _restore(self, kept: msgspec.Raw) -> None:
        for group, touched_ms, last_ms in msgspec.msgpack.decode(kept, type=_Kept):
            self._last_ms.put(group, last_ms, touched_ms)
