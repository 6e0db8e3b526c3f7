"""What a rule looks for, as a sentence of the reference page: made from the rule, so that the two agree."""

from collections.abc import Iterator

from shipper.rules.conditions import text_of, values_of
from shipper.rules.model import Condition, Count, Hours, Match, New, Rule, Silence, Unanswered, Values

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_WEEK = 7


def in_words(rule: Rule) -> str:
    """Return what a rule looks for: its condition, and what about the documents that meet it."""
    return f"{condition_in_words(rule.where)}{_about(rule)}"


def condition_in_words(condition: Condition) -> str:
    """Return what a document must be; ``any document`` where nothing is said."""
    return " and ".join(_parts(condition)) or "any document"


def _about(rule: Rule) -> str:
    match rule.looks_for:
        case Match():
            return ""
        case Count(distinct=distinct, at_least=least, within=within):
            what = f" different `{distinct}`" if distinct else ""
            return f": {least} or more{what} within {within}{_each(rule)}"
        case New(not_seen_for=span):
            return f": {_fields(rule.by)} not seen for {span}"
        case Unanswered(answer=answer, within=within):
            return f"; within {within} not followed by {condition_in_words(answer)}{_each(rule)}"
        case Silence(longer_than=span):
            return f": none for more than {span}{_each(rule)}"


def _each(rule: Rule) -> str:
    return f", for each {_fields(rule.by)}" if rule.by else ""


def _fields(fields: tuple[str, ...]) -> str:
    return " and ".join(f"`{field}`" for field in fields)


def _parts(condition: Condition) -> Iterator[str]:
    yield from (f"`{field}` is {_one_of(values)}" for field, values in condition.equals.items())
    yield from (f"`{field}` is not {_one_of(values)}" for field, values in condition.equals_none.items())
    yield from (f"`{field}` is there" for field in condition.exists)
    yield from (f"`{field}` is missing" for field in condition.missing)
    yield from (f"`{field}` is {least} or more" for field, least in condition.at_least.items())
    yield from (f"it is not {_hours(hours)}" for hours in condition.outside)


def _one_of(values: Values) -> str:
    return " or ".join(text_of(value) for value in values_of(values))


def _hours(hours: Hours) -> str:
    days = "" if len(hours.days) == _WEEK else f"{', '.join(_DAYS[day - 1] for day in sorted(hours.days))} "
    return f"{days}{hours.begin:02}:00 to {hours.end:02}:00 UTC"
