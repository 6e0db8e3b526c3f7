"""Groups that go quiet: judged when a sign of each was due, not by looking at all of them."""

from typing import TypeAlias

import msgspec

from shipper.rules.alert import Alert
from shipper.rules.conditions import groups_of
from shipper.rules.evaluator.groups import Group, Groups
from shipper.rules.evaluator.remembered import Remembered
from shipper.rules.evaluator.waiting import Waiting
from shipper.rules.evaluator.watching import Role, Surroundings
from shipper.rules.model import Rule, Seen, Silence
from shipper.rules.seeing import SHOWN
from shipper.rules.spans import parse_span


class _Sign(msgspec.Struct, gc=False, array_like=True):
    """The last sign of a group, and whether it has been told that no other came in time."""

    time_ms: int
    id: str
    told: bool = False


_Kept: TypeAlias = list[tuple[Group, int, _Sign]]


class Silences(Waiting):
    """Watches for silence; remembers the last matching document of each group."""

    def __init__(self, rule: Rule, wanted: Silence, around: Surroundings) -> None:
        super().__init__(rule, around)
        self._longer_than_ms = parse_span(wanted.longer_than)
        self._look_back_ms = parse_span(wanted.look_back)
        self._signs: Groups[_Sign] = Groups(self._settings.most_groups)

    def see(self, seen: Seen, role: Role) -> list[Alert]:
        """Take a sign of its groups; it raises nothing."""
        del role
        for group in groups_of(self._by, seen):
            self._note(group, seen)
        return []

    def _note(self, group: Group, seen: Seen) -> None:
        entry = self._signs.touch(group, self._clock.now_ms)
        if entry is None:
            self._begin(group, seen)
            return
        sign = entry.kept
        if seen.time_ms < sign.time_ms or (seen.time_ms == sign.time_ms and seen.id <= sign.id):
            return
        due_ms = self._due_ms(seen.time_ms)
        if sign.told or due_ms <= self._clock.now_ms:
            self._plan(group, due_ms)
        sign.time_ms, sign.id, sign.told = seen.time_ms, seen.id, False

    def _begin(self, group: Group, seen: Seen) -> None:
        self._plan(group, self._due_ms(seen.time_ms))
        for forgotten, _ in self._signs.put(group, _Sign(seen.time_ms, seen.id), self._clock.now_ms):
            self._schedule.drop(forgotten)
            self._counts.evicted_groups += 1

    def _judge(self, group: Group, due_ms: int) -> list[Alert]:
        sign = self._signs.get(group)
        if sign is None:
            return []
        really_due_ms = self._due_ms(sign.time_ms)
        if really_due_ms > due_ms:
            self._plan(group, really_due_ms, judged=True)
            return []
        sign.told = True
        if sign.time_ms < due_ms - self._look_back_ms:
            return []
        return self._raise(group, [self._last(group, sign)], due_ms, sign.id)

    def _last(self, group: Group, sign: _Sign) -> Remembered:
        """Return the last sign as if it held nothing but its group: what else it was about says nothing of silence."""
        values = dict(zip(self._by, group, strict=True))
        shown = tuple((values[field],) if field in values else None for field in SHOWN)
        return Remembered(sign.time_ms, sign.id, shown)

    def _due_ms(self, last_ms: int) -> int:
        """Return the first millisecond at which an execution finds a group that was last there at ``last_ms``."""
        return last_ms + self._longer_than_ms + 1

    def start(self, now_ms: int) -> None:
        """Learn the time, which was not known until now."""
        super().start(now_ms)
        self._signs.start(now_ms)

    def expire(self, now_ms: int) -> None:
        """Forget the groups at which no execution looks any more."""
        super().expire(now_ms)
        for group, _ in self._signs.expire(now_ms - self._look_back_ms - self._settings.lateness_ms):
            self._schedule.drop(group)

    def _keep(self) -> object:
        return list(self._signs)

    def _restore(self, kept: msgspec.Raw) -> None:
        for group, touched_ms, sign in msgspec.msgpack.decode(kept, type=_Kept):
            self._signs.put(group, sign, touched_ms)

    def _resume(self) -> None:
        for group, _, sign in self._signs:
            if not sign.told:
                self._plan(group, self._due_ms(sign.time_ms))
