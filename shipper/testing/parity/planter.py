"""What planting scenes takes, whatever a rule looks for."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import count

from shipper.assets import Body
from shipper.rules.model import Match, Rule, Scalar
from shipper.testing.parity.documents import HOUR_MS, Draft, put
from shipper.testing.parity.fitting import Broken, broken, fitting, lies_outside, unique
from shipper.testing.parity.scenes import EDGE_MS, Calendar, Plant
from shipper.testing.parity.searches import as_text


class Planter:
    """Plants scenes of one rule.

    Args:
        rule: which one.
        calendar: gives out times.
    """

    def __init__(self, rule: Rule, calendar: Calendar) -> None:
        self.rule = rule
        self.calendar = calendar
        self._numbers = count()

    def broken(self) -> Iterator[Broken]:
        """Yield documents that fail one part of the rule's own condition each."""
        return broken(self.rule.reads, self.rule.where)

    def begin(self, length_ms: int, before_ms: int = 0) -> int:
        """Return a beginning at hours at which the rule looks, until an hour after at least."""
        begin_ms = (
            self.calendar.scene(length_ms, before_ms)
            if self.rule.by or isinstance(self.rule.looks_for, Match)
            else self.calendar.alone(length_ms)
        )
        while not all(lies_outside(self.rule.where, begin_ms + after_ms) for after_ms in (0, HOUR_MS)):
            begin_ms -= HOUR_MS
        return begin_ms

    def group(self) -> dict[str, Scalar]:
        """Return values for the fields of the group: new ones, where the rule does not say which."""
        number = next(self._numbers)
        group: dict[str, Scalar] = {}
        for field in self.rule.by:
            said = self.rule.where.equals.get(field)
            if said is None:
                group[field] = unique(self.rule.reads, field, number, self.rule.id)
            else:
                group[field] = said[number % len(said)] if isinstance(said, tuple) else said
        return group

    def body(self, number: int, group: Mapping[str, Scalar]) -> Body:
        """Return a document of a group that meets the rule; ``number`` chooses among its values."""
        return self.said(fitting(self.rule.reads, self.rule.where, number), group)

    def wrong(self, wrong: Broken, group: Mapping[str, Scalar]) -> Body:
        """Return a document of a group, but for the field that makes it a wrong one."""
        return self.said(wrong.body, {field: value for field, value in group.items() if field != wrong.field})

    def said(self, body: Body, group: Mapping[str, Scalar]) -> Body:
        """Put the values of a group into a document."""
        for field, value in group.items():
            put(body, field, value)
        return body

    def plant(
        self,
        what: str,
        fires: bool,
        group: Mapping[str, Scalar] | None,
        drafts: Iterable[tuple[int, Body]],
        length_ms: int = HOUR_MS,
        *,
        from_last: bool = False,
        at_ms: int | None = None,
    ) -> Plant:
        """Return a scene.

        Args:
            what: in a few words.
            fires: whether the group must be found.
            group: values by field; none for a match.
            drafts: (about when, what).
            length_ms: of the execution, which begins right before the first document.
            from_last: it begins right before the last instead.
            at_ms: when it ends instead.
        """
        timed = tuple(Draft(self.calendar.at(time_ms), body) for time_ms, body in drafts)
        t0_ms = (timed[-1] if from_last else timed[0]).time_ms - EDGE_MS
        t1_ms = t0_ms + length_ms if at_ms is None else at_ms
        key = None if group is None else tuple(map(as_text, group.values()))
        return Plant(self.rule.id, what, fires, t0_ms, t1_ms, key, timed)
