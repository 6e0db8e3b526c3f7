"""What a rule means, read off ``shipper.rules.model`` once more: by sets and sorted times, without the shipper's code.

Slow to build and quick to ask, where `shipper.rules.execution` is the other way round; what they agree on is likely so.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from functools import cache
from typing import TypeAlias

import msgspec

from shipper.rules.model import DATASETS, Condition, Count, Match, New, Rule, Scalar, Silence, Unanswered, Values
from shipper.testing.parity.documents import DAY_MS, HOUR_MS, MINUTE_MS, Kept, get
from shipper.testing.parity.fitting import lies_outside

#: Group to the ids of its documents, by time.
Found: TypeAlias = dict[tuple[str, ...], tuple[str, ...]]
_UNITS_MS = {"s": 1000, "m": MINUTE_MS, "h": HOUR_MS, "d": DAY_MS}


def span_ms(text: str) -> int:
    """Return the milliseconds of ``30m``."""
    return int(text[:-1]) * _UNITS_MS[text[-1]]


class Oracle:
    """Knows which documents have which value, and finds what rules mean.

    Args:
        documents: in any order.
        fields: the fields that rules will ask for.
    """

    def __init__(self, documents: Iterable[Kept], fields: Iterable[str]) -> None:
        self.documents: Sequence[Kept] = sorted(documents, key=lambda one: (one.time_ms, one.id))
        self._times = [one.time_ms for one in self.documents]
        self._values: dict[str, dict[int, tuple[Scalar, ...]]] = {
            name: {} for name in {*fields, "tags", "event.dataset"}
        }
        for place, one in enumerate(self.documents):
            body = msgspec.json.decode(one.body)
            for name, column in self._values.items():
                if values := get(body, name):
                    column[place] = values
        self._meets = cache(self._meeting)

    def find(self, rule: Rule, t0_ms: int, t1_ms: int) -> Found:
        """Return what one execution over ``[t0_ms, t1_ms)`` finds."""
        found: Found
        match rule.looks_for:
            case Match():
                found = {(one,): (one,) for one in self.ids(self.matching(rule, t0_ms, t1_ms))}
            case Count() as wanted:
                found = self._count(rule, wanted, t0_ms, t1_ms)
            case New() as wanted:
                found = self._new(rule, wanted, t0_ms, t1_ms)
            case Unanswered() as wanted:
                found = self._unanswered(rule, wanted, t1_ms)
            case Silence() as wanted:
                found = self._silence(rule, wanted, t1_ms)
        return {group: ids for group, ids in found.items() if ids}

    def matching(self, rule: Rule, t0_ms: int, t1_ms: int) -> list[int]:
        """Return the places of the documents that meet the rule's own condition in a span, in order."""
        places = self._meets(rule.reads, msgspec.json.encode(rule.where))
        return places[bisect_left(places, self._place(t0_ms)) : bisect_left(places, self._place(t1_ms))]

    def answering(self, rule: Rule, t0_ms: int, t1_ms: int) -> list[int]:
        """Return the places of the documents that are follow-ups of a rule, likewise."""
        wanted = rule.looks_for
        return (
            self.matching(msgspec.structs.replace(rule, where=wanted.answer), t0_ms, t1_ms)
            if isinstance(wanted, Unanswered)
            else []
        )

    def time_ms(self, place: int) -> int:
        """Return the time of the document at a place."""
        return self._times[place]

    def size(self, wanted: Count, places: Sequence[int]) -> int:
        """Return what a count counts: documents, or their distinct values of a field."""
        if not wanted.distinct:
            return len(places)
        return len({_text(value) for place in places for value in self._values[wanted.distinct].get(place, ())})

    def groups(self, rule: Rule, places: Iterable[int]) -> dict[tuple[str, ...], list[int]]:
        """Sort documents into groups; one that lacks a field is in none, one with several values in several."""
        grouped: dict[tuple[str, ...], list[int]] = {}
        for place in places:
            keys: list[tuple[str, ...]] = [()]
            for field in rule.by:
                texts = dict.fromkeys(map(_text, self._values[field].get(place, ())))
                keys = [(*key, text) for key in keys for text in texts]
            for key in keys:
                grouped.setdefault(key, []).append(place)
        return grouped

    def ids(self, places: Iterable[int]) -> tuple[str, ...]:
        """Return the ids at some places."""
        return tuple(self.documents[place].id for place in places)

    def _place(self, time_ms: int) -> int:
        return bisect_left(self._times, time_ms)

    def _meeting(self, reads: str, encoded: bytes) -> list[int]:
        condition = msgspec.json.decode(encoded, type=Condition)
        places = self._having("event.dataset", DATASETS[reads]) - self._having("tags", "backfill")  # type: ignore[index]
        for field, values in condition.equals.items():
            places &= self._having(field, values)
        for field, values in condition.equals_none.items():
            places -= self._having(field, values)
        for field in condition.exists:
            places &= self._values[field].keys()
        for field in condition.missing:
            places -= self._values[field].keys()
        for field, least in condition.at_least.items():
            column = self._values[field]
            places = {place for place in places if any(float(value) >= least for value in column.get(place, ()))}
        return sorted(place for place in places if lies_outside(condition, self._times[place]))

    def _having(self, field: str, values: Values) -> set[int]:
        wanted = set(values) if isinstance(values, tuple) else {values}
        return {place for place, there in self._values[field].items() if not wanted.isdisjoint(there)}

    def _count(self, rule: Rule, wanted: Count, t0_ms: int, t1_ms: int) -> Found:
        groups = self.groups(rule, self.matching(rule, t0_ms, t1_ms))
        return {g: self.ids(places) for g, places in groups.items() if self.size(wanted, places) >= wanted.at_least}

    def _new(self, rule: Rule, wanted: New, t0_ms: int, t1_ms: int) -> Found:
        before = self.groups(rule, self.matching(rule, t0_ms - span_ms(wanted.not_seen_for), t0_ms))
        now = self.groups(rule, self.matching(rule, t0_ms, t1_ms))
        return {group: self.ids(places[:1]) for group, places in now.items() if group not in before}

    def _unanswered(self, rule: Rule, wanted: Unanswered, t1_ms: int) -> Found:
        begin_ms = t1_ms - span_ms(wanted.look_back)
        answers = self.groups(rule, self.answering(rule, begin_ms, t1_ms))
        found = {}
        for group, places in self.groups(rule, self.matching(rule, begin_ms, t1_ms - span_ms(wanted.within))).items():
            last_ms = max((self._times[place] for place in answers.get(group, ())), default=-1)
            found[group] = self.ids(place for place in places if self._times[place] > last_ms)
        return found

    def _silence(self, rule: Rule, wanted: Silence, t1_ms: int) -> Found:
        groups = self.groups(rule, self.matching(rule, t1_ms - span_ms(wanted.look_back), t1_ms))
        due_ms = t1_ms - span_ms(wanted.longer_than)
        return {group: self.ids(places[-1:]) for group, places in groups.items() if self._times[places[-1]] < due_ms}


def _text(value: Scalar) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
