"""What is planted for a rule: scenes that must raise it and scenes that only just must not."""

from collections.abc import Iterator

from shipper.rules.model import Count, Match, New, Rule, Silence, Unanswered
from shipper.testing.parity.documents import DAY_MS, HOUR_MS, MINUTE_MS, put
from shipper.testing.parity.fitting import Broken, broken, choices, lies_outside, unique
from shipper.testing.parity.oracle import span_ms
from shipper.testing.parity.planter import Planter
from shipper.testing.parity.scenes import Calendar, Plant
from shipper.testing.parity.waits import Questions, Silences


def plants_of(rule: Rule, calendar: Calendar) -> Iterator[Plant]:
    """Yield the scenes of a rule."""
    match rule.looks_for:
        case Match():
            yield from _Matches(rule, calendar).plants()
        case Count() as wanted:
            yield from _Counts(rule, wanted, calendar).plants()
        case New() as wanted:
            yield from _News(rule, wanted, calendar).plants()
        case Unanswered() as wanted:
            yield from Questions(rule, wanted, calendar).plants()
        case Silence() as wanted:
            yield from Silences(rule, wanted, calendar).plants()


class _Matches(Planter):
    """It happens, or something next to it."""

    def plants(self) -> Iterator[Plant]:
        """Yield the scenes."""
        for number in range(choices(self.rule.where)):
            body = self.body(number, self.group())
            yield self.plant("it happens", True, None, [(self.begin(HOUR_MS), body)])
            others = list(broken(self.rule.reads, self.rule.where, number))
            wrong = others[number % len(others)]
            yield self.plant(f"{number}: {wrong.what}", False, None, [(self.begin(HOUR_MS), wrong.body)])
        for wrong in self.broken():
            yield self.plant(wrong.what, False, None, [(self.begin(HOUR_MS), wrong.body)])
        yield from self._at_wrong_hours()

    def _at_wrong_hours(self) -> Iterator[Plant]:
        for hours in self.rule.where.outside:
            inside = (self.calendar.scene(DAY_MS) // DAY_MS * DAY_MS + hour * HOUR_MS for hour in range(240))
            time_ms = next(time for time in inside if not lies_outside(self.rule.where, time))
            yield self.plant(f"from {hours.begin} to {hours.end}", False, None, [(time_ms, self.body(0, self.group()))])


class _Counts(Planter):
    """Enough in time, or not quite."""

    def __init__(self, rule: Rule, wanted: Count, calendar: Calendar) -> None:
        super().__init__(rule, calendar)
        self.wanted = wanted

    def plants(self) -> Iterator[Plant]:
        """Yield the scenes."""
        within_ms, least = span_ms(self.wanted.within), self.wanted.at_least
        tight = [within_ms * place // least for place in range(least)]
        wide = [(within_ms + MINUTE_MS) * place // max(least - 1, 1) for place in range(least)]
        for number in range(max(2, -(-choices(self.rule.where) // least))):
            yield self._counted(f"{least} in time", True, tight, number * least)
            yield self._counted("one too few", False, tight[:-1], number * least)
        yield self._counted("one too late", False, wide)
        if self.wanted.distinct:
            yield self._counted("one value twice", False, tight, fewer_values=True)
        for wrong in self.broken():
            yield self._counted(f"the last: {wrong.what}", False, tight, last=wrong)

    def _counted(
        self,
        what: str,
        fires: bool,
        offsets_ms: list[int],
        number: int = 0,
        *,
        fewer_values: bool = False,
        last: Broken | None = None,
    ) -> Plant:
        group, begin_ms = self.group(), self.begin(span_ms(self.wanted.within) + HOUR_MS // 2)
        drafts = []
        for place, offset_ms in enumerate(offsets_ms):
            is_last = place == len(offsets_ms) - 1
            body = self.body(number + place, group) if last is None or not is_last else self.wrong(last, group)
            if self.wanted.distinct and not (last is not None and is_last and last.field == self.wanted.distinct):
                value = unique(
                    self.rule.reads,
                    self.wanted.distinct,
                    0 if fewer_values and is_last else place,
                    f"{self.rule.id} {begin_ms}",
                )
                put(body, self.wanted.distinct, value)
            drafts.append((begin_ms + offset_ms, body))
        return self.plant(what, fires, group, drafts, span_ms(self.wanted.within))


class _News(Planter):
    """Never there before, or before."""

    def __init__(self, rule: Rule, wanted: New, calendar: Calendar) -> None:
        super().__init__(rule, calendar)
        self.wanted = wanted

    def plants(self) -> Iterator[Plant]:
        """Yield the scenes."""
        gap_ms, soon_ms = span_ms(self.wanted.not_seen_for), min(span_ms(self.wanted.not_seen_for) // 2, 12 * HOUR_MS)
        for number in range(choices(self.rule.where)):
            yield self._newly("never seen", True, (0,), number)
            yield self._newly("seen before", False, (-soon_ms, 0), number)
        if gap_ms + DAY_MS < self.calendar.end_ms - self.calendar.begin_ms:
            yield self._newly("seen long ago", True, (-gap_ms - HOUR_MS - MINUTE_MS, 0))
            yield self._newly("seen not quite so long ago", False, (-gap_ms + HOUR_MS, 0))
        for wrong in self.broken():
            group = self.group()
            yield self.plant(wrong.what, False, group, [(self.begin(DAY_MS), self.wrong(wrong, group))])
        if len(self.wanted.values_of) > 1:
            yield self._known_apart()

    def _newly(self, what: str, fires: bool, offsets_ms: tuple[int, ...], number: int = 0) -> Plant:
        group, begin_ms = self.group(), self.begin(DAY_MS, -offsets_ms[0] + HOUR_MS)
        drafts = [(begin_ms + offset_ms, self.body(number, group)) for offset_ms in offsets_ms]
        return self.plant(what, fires, group, drafts, from_last=True)

    def _known_apart(self) -> Plant:
        """Plant a combination of values each of which was seen with others."""
        one, other, begin_ms = self.group(), self.group(), self.begin(DAY_MS, 3 * HOUR_MS)
        mixed = {field: (one if place == 0 else other)[field] for place, field in enumerate(self.wanted.values_of)}
        drafts = [
            (begin_ms - offset_ms, self.body(0, said))
            for offset_ms, said in ((2 * HOUR_MS, one), (2 * HOUR_MS, other), (0, mixed))
        ]
        return self.plant("known apart, not together", True, mixed, drafts, from_last=True)
