"""Many matching documents of a group within a time; the span that is looked at ends with each of them."""

from collections.abc import Iterable
from typing import TypeAlias

import msgspec

from shipper.rules.alert import Alert
from shipper.rules.conditions import groups_of
from shipper.rules.evaluator.groups import Group, Groups
from shipper.rules.evaluator.remembered import Remembered, first_after, first_from, insert, remembered
from shipper.rules.evaluator.watching import Role, Surroundings, Watcher
from shipper.rules.model import Count, Rule, Seen
from shipper.rules.spans import parse_span

_Kept: TypeAlias = list[tuple[Group, int, list[Remembered]]]


class _Crowd:
    """The documents of one group, and the distinct values in the span that ends with the last of them.

    Attributes:
        documents: sorted by time, then id.
        latest_ms: value to the time of the last document that has it, the longest ago first.
    """

    __slots__ = ("documents", "in_order", "latest_ms")

    def __init__(self, documents: list[Remembered]) -> None:
        self.documents = documents
        self.latest_ms: dict[str, int] = {}
        self.in_order = False

    def _recount(self) -> None:
        """Take the values of all documents, one of which has come out of order."""
        self.in_order = True
        self.latest_ms.clear()
        for one in self.documents:
            self.note(one)

    def note(self, one: Remembered) -> None:
        """Take the values of a document that is the last."""
        for value in one.values:
            self.latest_ms.pop(value, None)
            self.latest_ms[value] = one.time_ms

    def distinct(self, begin_ms: int) -> int:
        """Return how many values there are from ``begin_ms`` on, and forget the others."""
        if not self.in_order:
            self._recount()
        while self.latest_ms and self.latest_ms[first := next(iter(self.latest_ms))] < begin_ms:
            del self.latest_ms[first]
        return len(self.latest_ms)


class Counting(Watcher):
    """Watches for many; remembers the documents of each group for as long as they may be in a span."""

    def __init__(self, rule: Rule, wanted: Count, around: Surroundings) -> None:
        super().__init__(rule, around)
        self._wanted = wanted
        self._within_ms = parse_span(wanted.within)
        self._told_every_ms = max(self._within_ms, self._quiet_ms)
        self._most = max(self._settings.most_documents, wanted.at_least)
        self._groups: Groups[_Crowd] = Groups(self._settings.most_groups)
        self._remembered = 0

    def see(self, seen: Seen, role: Role) -> list[Alert]:
        """Return the alerts of the spans that a document makes full: its own, or that of a later one."""
        del role
        one = remembered(seen, self._wanted.distinct)
        alerts: list[Alert] = []
        for group in groups_of(self._by, seen):
            alerts += self._count(group, one)
        return alerts

    def _count(self, group: Group, one: Remembered) -> list[Alert]:
        crowd = self._groups.get(group) or _Crowd([])
        documents = crowd.documents
        if documents and one.time_ms < self._horizon_ms(documents):
            self._counts.late += 1
            return []
        place = insert(documents, one)
        if place < 0:
            return []
        self._remembered += 1
        alerts = self._last_span(group, crowd) if place == len(documents) - 1 else self._spans(group, crowd, place)
        self._trim(group, crowd)
        return alerts

    def _last_span(self, group: Group, crowd: _Crowd) -> list[Alert]:
        """Judge the span that ends with the last document, which has just come."""
        last = crowd.documents[-1]
        begin_ms = last.time_ms - self._within_ms + 1
        crowd.note(last)
        begin = first_from(crowd.documents, begin_ms)
        size = crowd.distinct(begin_ms) if self._wanted.distinct else len(crowd.documents) - begin
        return self._judge(group, crowd.documents, begin, len(crowd.documents)) if size >= self._wanted.at_least else []

    def _spans(self, group: Group, crowd: _Crowd, place: int) -> list[Alert]:
        """Judge the spans in which a document is that came out of order: its own, and those of later ones."""
        documents = crowd.documents
        crowd.in_order = False
        ends = documents[place : first_from(documents, documents[place].time_ms + self._within_ms)]
        alerts = []
        for end_ms in dict.fromkeys(end.time_ms for end in ends):
            begin, end = first_from(documents, end_ms - self._within_ms + 1), first_after(documents, end_ms)
            size = _distinct(documents[begin:end]) if self._wanted.distinct else end - begin
            if size >= self._wanted.at_least:
                alerts += self._judge(group, documents, begin, end)
        return alerts

    def _horizon_ms(self, documents: list[Remembered]) -> int:
        """Return the time before which a document comes too late.

        That of the last document alone would have one host whose clock is ahead make all others late.
        """
        latest_ms = documents[-1].time_ms
        now_ms = min(latest_ms, self._clock.now_ms) if self._clock.known else latest_ms
        return now_ms - self._settings.lateness_ms

    def _judge(self, group: Group, documents: list[Remembered], begin: int, end: int) -> list[Alert]:
        at_ms = documents[end - 1].time_ms
        if self._is_quiet(self._quiet, group, at_ms):
            return []
        return self._raise(group, documents[begin:end], at_ms, str(at_ms // self._told_every_ms))

    def _trim(self, group: Group, crowd: _Crowd) -> None:
        """Forget what can be in no span any more, and what is too much."""
        documents = crowd.documents
        old = first_from(documents, self._horizon_ms(documents) - self._within_ms)
        surplus = max(0, len(documents) - old - self._most)
        del documents[: old + surplus]
        self._remembered -= old + surplus
        self._counts.evicted_documents += surplus
        for _, forgotten in self._groups.put(group, crowd, self._clock.now_ms):
            self._forget(forgotten)
        while self._remembered > self._settings.most_remembered and len(self._groups) > 1:
            self._forget(self._groups.pop_oldest()[1])

    def _forget(self, crowd: _Crowd) -> None:
        self._remembered -= len(crowd.documents)
        self._counts.evicted_groups += 1

    def start(self, now_ms: int) -> None:
        """Learn the time, which was not known until now."""
        super().start(now_ms)
        self._groups.start(now_ms)

    def expire(self, now_ms: int) -> None:
        """Forget the groups whose documents can be in no span any more."""
        super().expire(now_ms)
        for _, crowd in self._groups.expire(now_ms - self._within_ms - self._settings.lateness_ms):
            self._remembered -= len(crowd.documents)

    def _keep(self) -> object:
        return [(group, touched_ms, crowd.documents) for group, touched_ms, crowd in self._groups]

    def _restore(self, kept: msgspec.Raw) -> None:
        for group, touched_ms, documents in msgspec.msgpack.decode(kept, type=_Kept):
            self._remembered += len(documents)
            for _, forgotten in self._groups.put(group, _Crowd(documents), touched_ms):
                self._forget(forgotten)


def _distinct(span: Iterable[Remembered]) -> int:
    return len({value for one in span for value in one.values})
