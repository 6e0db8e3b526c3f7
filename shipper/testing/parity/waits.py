"""What is planted for rules that wait: follow-ups and signs that stay away, or come."""

from collections.abc import Iterator

from shipper.rules.model import Rule, Silence, Unanswered
from shipper.testing.parity.documents import HOUR_MS, MINUTE_MS, SECOND_MS
from shipper.testing.parity.fitting import Broken, broken, choices, fitting
from shipper.testing.parity.oracle import span_ms
from shipper.testing.parity.planter import Planter
from shipper.testing.parity.scenes import Calendar, Plant


class Questions(Planter):
    """Something without its follow-up, or with it."""

    def __init__(self, rule: Rule, wanted: Unanswered, calendar: Calendar) -> None:
        super().__init__(rule, calendar)
        self.wanted = wanted

    def plants(self) -> Iterator[Plant]:
        """Yield the scenes."""
        within_ms = span_ms(self.wanted.within)
        due_ms, late_ms = within_ms + MINUTE_MS, within_ms + 2 * MINUTE_MS
        for number in range(max(choices(self.rule.where), choices(self.wanted.answer))):
            yield self._asked("no answer", True, due_ms, number=number)
            yield self._asked("answered in time", False, due_ms, number=number, answer_ms=within_ms // 2)
        yield self._asked("answered at once", False, due_ms, answer_ms=SECOND_MS)
        yield self._asked("answered at the last moment", False, due_ms, answer_ms=within_ms)
        yield self._asked("not yet answered late", True, due_ms, answer_ms=late_ms)
        yield self._asked("answered late", False, late_ms + MINUTE_MS, answer_ms=late_ms)
        yield self._asked("answered only before", True, due_ms, answer_ms=-MINUTE_MS)
        yield self._asked("still time to answer", False, within_ms - MINUTE_MS)
        yield self._asked("too long ago", False, span_ms(self.wanted.look_back) + MINUTE_MS)
        for wrong in broken(self.rule.reads, self.wanted.answer):
            yield self._asked(f"the answer: {wrong.what}", True, due_ms, answer_ms=within_ms // 2, answer=wrong)
        for wrong in self.broken():
            yield self._asked(wrong.what, False, due_ms, opening=wrong)

    def _asked(
        self,
        what: str,
        fires: bool,
        after_ms: int,
        *,
        number: int = 0,
        answer_ms: int | None = None,
        answer: Broken | None = None,
        opening: Broken | None = None,
    ) -> Plant:
        group, begin_ms = self.group(), self.begin(after_ms + 2 * HOUR_MS, HOUR_MS)
        drafts = [(begin_ms, self.body(number, group) if opening is None else self.wrong(opening, group))]
        if answer_ms is not None:
            right = Broken("", "", fitting(self.rule.reads, self.wanted.answer, number))
            drafts.append((begin_ms + answer_ms, self.wrong(answer or right, group)))
        return self.plant(what, fires, group, drafts, at_ms=begin_ms + after_ms)


class Silences(Planter):
    """Something stops, or goes on."""

    def __init__(self, rule: Rule, wanted: Silence, calendar: Calendar) -> None:
        super().__init__(rule, calendar)
        self.wanted = wanted

    def plants(self) -> Iterator[Plant]:
        """Yield the scenes."""
        longer_ms, back_ms = span_ms(self.wanted.longer_than), span_ms(self.wanted.look_back)
        for number in range(choices(self.rule.where)):
            yield self._quiet("it stops", True, longer_ms + MINUTE_MS, number)
            yield self._quiet("it is not yet late", False, longer_ms - MINUTE_MS, number)
        yield self._quiet("it stopped long ago", False, back_ms + MINUTE_MS)
        for wrong in self.broken():
            yield self._quiet(f"never there: {wrong.what}", False, longer_ms + MINUTE_MS, wrong=wrong)

    def _quiet(self, what: str, fires: bool, after_ms: int, number: int = 0, *, wrong: Broken | None = None) -> Plant:
        group, step_ms = self.group(), span_ms(self.wanted.longer_than) // 2
        begin_ms = self.begin(after_ms + HOUR_MS, 4 * step_ms + HOUR_MS)
        made = self.body(number, group) if wrong is None else self.wrong(wrong, group)
        drafts = [(begin_ms - step_ms * place, made) for place in range(3, -1, -1)]
        return self.plant(what, fires, group, drafts, at_ms=begin_ms + after_ms)
