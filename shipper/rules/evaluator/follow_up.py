"""Something without its follow-up: judged when the follow-up was due."""

import msgspec

from shipper.rules.alert import Alert
from shipper.rules.conditions import groups_of
from shipper.rules.evaluator.groups import Group, Groups
from shipper.rules.evaluator.remembered import Remembered, first_after, first_from, insert, remembered
from shipper.rules.evaluator.waiting import Waiting
from shipper.rules.evaluator.watching import Role, Surroundings
from shipper.rules.model import Rule, Seen, Unanswered
from shipper.rules.spans import parse_span


class _Open(msgspec.Struct, array_like=True):
    """The opening documents of a group since its last answer.

    Attributes:
        documents: sorted by time, then id.
        judged_ms: of the openings up to this time it has been told that no answer came.
    """

    documents: list[Remembered]
    judged_ms: int


class _Kept(msgspec.Struct, array_like=True):
    open: list[tuple[Group, int, _Open]]
    answered: list[tuple[Group, int, int]]


_NEVER = -(2**62)


class FollowUps(Waiting):
    """Watches for follow-ups; remembers what is open, and of each group when it was last answered."""

    def __init__(self, rule: Rule, wanted: Unanswered, around: Surroundings) -> None:
        super().__init__(rule, around)
        self._within_ms = parse_span(wanted.within)
        self._look_back_ms = parse_span(wanted.look_back)
        self._open: Groups[_Open] = Groups(self._settings.most_groups)
        self._answered_ms: Groups[int] = Groups(self._settings.most_groups)
        self._remembered = 0

    def see(self, seen: Seen, role: Role) -> list[Alert]:
        """Take an opening, or an answer; it raises nothing before an answer is due."""
        for group in groups_of(self._by, seen):
            if role == "answer":
                self._answer(group, seen.time_ms)
            else:
                self._begin(group, seen)
        return []

    def _answer(self, group: Group, time_ms: int) -> None:
        entry = self._answered_ms.touch(group, self._clock.now_ms)
        if entry is None:
            latest_ms = time_ms
            self._answered_ms.put(group, latest_ms, self._clock.now_ms)
        else:
            latest_ms = entry.kept = max(time_ms, entry.kept)
        opened = self._open.get(group)
        if opened is None or opened.documents[0].time_ms > latest_ms:
            return
        self._drop_until(opened, first_after(opened.documents, latest_ms))
        self._settle(group, opened)

    def _begin(self, group: Group, seen: Seen) -> None:
        if seen.time_ms <= self._last_answer_ms(group):
            return
        opened = self._open.get(group) or _Open([], _NEVER)
        if insert(opened.documents, remembered(seen)) < 0:
            return
        self._remembered += 1
        surplus = max(0, len(opened.documents) - self._settings.most_documents)
        self._counts.evicted_documents += surplus
        self._drop_until(opened, surplus)
        for forgotten in self._open.put(group, opened, self._clock.now_ms):
            self._forget(*forgotten)
        while self._remembered > self._settings.most_remembered and len(self._open) > 1:
            self._forget(*self._open.pop_oldest())
        self._settle(group, opened)

    def _last_answer_ms(self, group: Group) -> int:
        answered_ms = self._answered_ms.get(group)
        return _NEVER if answered_ms is None else answered_ms

    def _drop_until(self, opened: _Open, end: int) -> None:
        del opened.documents[:end]
        self._remembered -= end

    def _forget(self, group: Group, opened: _Open) -> None:
        self._remembered -= len(opened.documents)
        self._counts.evicted_groups += 1
        self._schedule.drop(group)

    def _settle(self, group: Group, opened: _Open, *, judged: bool = False) -> None:
        """Have a group judged when the answer to its first unjudged opening is due."""
        unjudged = first_after(opened.documents, opened.judged_ms)
        if unjudged < len(opened.documents):
            self._plan(group, self._due_ms(opened.documents[unjudged].time_ms), judged=judged)
            return
        self._schedule.drop(group)
        if not opened.documents:
            self._open.drop(group)

    def _due_ms(self, opened_ms: int) -> int:
        """Return the first millisecond at which an execution finds what was opened at ``opened_ms``."""
        return opened_ms + self._within_ms + 1

    def _judge(self, group: Group, due_ms: int) -> list[Alert]:
        opened = self._open.get(group)
        if opened is None:
            return []
        self._drop_until(opened, first_from(opened.documents, due_ms - self._look_back_ms))
        opened.judged_ms = due_ms - self._within_ms - 1
        overdue = opened.documents[: first_after(opened.documents, opened.judged_ms)]
        alerts = self._raise(group, overdue, due_ms, overdue[-1].id) if overdue else []
        self._settle(group, opened, judged=True)
        return alerts

    def start(self, now_ms: int) -> None:
        """Learn the time, which was not known until now."""
        super().start(now_ms)
        self._open.start(now_ms)
        self._answered_ms.start(now_ms)

    def expire(self, now_ms: int) -> None:
        """Forget what no execution looks at any more."""
        super().expire(now_ms)
        self._answered_ms.expire(now_ms - max(self._settings.remember_ms, self._within_ms))
        for group, opened in self._open.expire(now_ms - self._look_back_ms - self._settings.lateness_ms):
            self._remembered -= len(opened.documents)
            self._schedule.drop(group)

    def _keep(self) -> object:
        return _Kept(list(self._open), list(self._answered_ms))

    def _restore(self, kept: msgspec.Raw) -> None:
        decoded = msgspec.msgpack.decode(kept, type=_Kept)
        for group, touched_ms, answered_ms in decoded.answered:
            self._answered_ms.put(group, answered_ms, touched_ms)
        for group, touched_ms, opened in decoded.open:
            self._open.put(group, opened, touched_ms)
            self._remembered += len(opened.documents)

    def _resume(self) -> None:
        for group, _, opened in list(self._open):
            self._settle(group, opened)
