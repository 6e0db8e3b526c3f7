"""What a report is worded with, in one language."""

from datetime import UTC, datetime

import msgspec

from shipper.catalog import Language

#: Stands where there is nothing to say.
NOTHING = "\N{EN DASH}"
_UNBROKEN = "\N{NO-BREAK SPACE}"

#: One and several: ``("{n} connector", "{n} connectors")``.
Counted = tuple[str, str]


class Words(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every sentence, label and spelling of one language; ``{...}`` are places for what is told.

    Texts of events never stand in a place of markup: the page escapes what these give.
    """

    lang: Language
    thousands: str
    decimal: str
    percent: str
    days: tuple[str, ...]
    months: tuple[str, ...]
    list_end: str
    texts: dict[str, str]
    counted: dict[str, Counted]

    def __getitem__(self, key: str) -> str:
        """Return a text without places."""
        return self.texts[key]

    def say(self, key: str, **told: str) -> str:
        """Return a text with its places filled."""
        return self.texts[key].format(**told)

    def count(self, key: str, number: int, **told: str) -> str:
        """Return a number with its noun, or a sentence that depends on a number."""
        return self.counted[key][number != 1].format(n=self.number(number), **told)

    def number(self, number: int) -> str:
        """Spell a whole number."""
        return f"{number:,}".replace(",", self.thousands)

    def share(self, part: int, whole: int) -> str:
        """Spell a share in per cent; what is not nothing is never shown as nothing, nor what is not all as all."""
        if not whole:
            return NOTHING
        value = 100 * part / whole
        if 0 < value < 0.1:  # noqa: PLR2004 (the smallest that one digit shows)
            return f"<{self._fraction(0.1)}{self.percent}"
        if 99.9 < value < 100:  # noqa: PLR2004 (the largest)
            return f">{self._fraction(99.9)}{self.percent}"
        digits = 0 if value in (0, 100) else 1
        return f"{self._fraction(value, digits)}{self.percent}"

    def _fraction(self, value: float, digits: int = 1) -> str:
        return f"{value:.{digits}f}".replace(".", self.decimal)

    def time(self, time_ms: int, year: int | None = None) -> str:
        """Spell a time to the minute, UTC; the year only where it is another than ``year``."""
        at = datetime.fromtimestamp(time_ms / 1000, UTC)
        return f"{self.day(time_ms, year)}, {at:%H:%M}"

    def between(self, first_ms: int, last_ms: int, year: int | None = None) -> str:
        """Spell a span of time; a day that it begins and ends on is said once."""
        first, last = (self.time(at, year).replace(" ", _UNBROKEN) for at in (first_ms, last_ms))
        if first == last:
            return first
        same = self.day(first_ms) == self.day(last_ms)
        return self.say("between", first=first, last=last.rpartition(f",{_UNBROKEN}")[2] if same else last)

    def day(self, time_ms: int, year: int | None = None) -> str:
        """Spell a day."""
        at = datetime.fromtimestamp(time_ms / 1000, UTC)
        spelled = f"{self.days[at.weekday()]} {at.day} {self.months[at.month - 1]}"
        return spelled if at.year == year else f"{spelled} {at.year}"

    def span(self, span_ms: int) -> str:
        """Spell a length of time in its largest unit."""
        minutes = span_ms // 60_000
        for key, length in (("days", 1440), ("hours", 60)):
            if minutes >= 2 * length or minutes == length:
                return self.count(key, minutes // length)
        return self.count("minutes", minutes)

    def listed(self, names: list[str], most: int = 4) -> str:
        """Spell a list: ``a, b and c``; what is beyond ``most`` is counted."""
        if len(names) > most:
            return ", ".join(names[:most]) + self.count("others", len(names) - most)
        if len(names) < 2:  # noqa: PLR2004 (nothing to join)
            return "".join(names)
        return f"{', '.join(names[:-1])}{self.list_end}{names[-1]}"
