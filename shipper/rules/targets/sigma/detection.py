"""The ``detection`` of a Sigma rule: what a document must be.

https://github.com/SigmaHQ/sigma-specification/blob/main/specification/sigma-rules-specification.md. Sigma
compares texts without regard to case where the SIEM can; the rule means them exactly.
"""

from collections.abc import Iterable, Iterator, Mapping

from shipper.rules.conditions import values_of
from shipper.rules.model import Condition, Match, Rule, Scalar, Values
from shipper.rules.targets.sigma.native import Events, in_windows_words
from shipper.rules.targets.yaml import Value

#: Names of the same thing in Windows' own events, for whom Sigma has names.
WINDOWS_NAMES: Mapping[str, str] = {
    "event.code": "EventID",
    "winlog.event_id": "EventID",
    "winlog.channel": "Channel",
    "event.provider": "Provider_Name",
    "winlog.provider_name": "Provider_Name",
    "host.name": "Computer",
}
#: Fields that Windows' own events have.
NATIVE = frozenset(WINDOWS_NAMES.values())
#: The one whose values differ: ``host.name`` is in lower case.
_OTHER_VALUES = frozenset({"host.name"})
_SPECIAL = str.maketrans({"\\": "\\\\", "*": "\\*", "?": "\\?"})


def detection(rule: Rule) -> dict[str, Value]:
    """Return the search identifiers and the ``condition`` of a rule."""
    events, rest = in_windows_words(rule.where)
    identifiers: dict[str, Value] = {f"selection_{one.schema}": _events(one) for one in events}
    wanted = {**_wanted(rest), **_grouped(rule)}
    if wanted:
        identifiers["selection"] = wanted
    denied: dict[str, Value] = {f"filter_{number}": one for number, one in enumerate(_denied(rest), 1)}
    return {**identifiers, **denied, "condition": _condition(identifiers, denied)}


def fields_of(rule: Rule) -> tuple[str, ...]:
    """Return the fields that the detection of a rule names, without their modifiers."""
    identifiers = [one for one in detection(rule).values() if isinstance(one, Mapping)]
    return tuple(dict.fromkeys(name.partition("|")[0] for one in identifiers for name in one))


def named(field: str) -> str:
    """Return a field's name in Windows' events where it has one there, else ours."""
    return WINDOWS_NAMES.get(field, field)


def _condition(identifiers: Mapping[str, Value], denied: Mapping[str, Value]) -> str:
    by_events = [name for name in identifiers if name != "selection"]
    parts = ["1 of selection_*"] if len(by_events) > 1 else by_events
    parts += ["selection"] if "selection" in identifiers else []
    parts += ["not 1 of filter_*"] if denied else []
    return " and ".join(parts)


def _events(events: Events) -> dict[str, Value]:
    return {"Channel": _one_or_several(events.channels), "EventID": _one_or_several(events.ids)}


def _wanted(condition: Condition) -> dict[str, Value]:
    return {
        **{_compared(field): _literals(field, values) for field, values in condition.equals.items()},
        **{f"{named(field)}|exists": True for field in condition.exists},
        **{f"{field}|gte": least for field, least in condition.at_least.items()},
    }


def _grouped(rule: Rule) -> dict[str, Value]:
    """Return that the fields of a group are there: a document without them belongs to none."""
    by = () if isinstance(rule.looks_for, Match) else rule.by
    return {f"{named(field)}|exists": True for field in by if field not in rule.where.equals}


def _denied(condition: Condition) -> Iterator[dict[str, Value]]:
    """Yield what must not be, one field each: a document is denied by any of them."""
    yield from ({_compared(field): _literals(field, values)} for field, values in condition.equals_none.items())
    for field in condition.missing:
        yield {f"{named(field)}|exists": True}


def _compared(field: str) -> str:
    return field if field in _OTHER_VALUES else named(field)


def _literals(field: str, values: Values) -> Value:
    return _one_or_several([_literal(field, value) for value in values_of(values)])


def _literal(field: str, value: Scalar) -> Scalar:
    """Return a value that means exactly itself: an event id as a number, a text without wildcards."""
    if isinstance(value, str):
        return int(value) if named(field) == "EventID" and value.isdecimal() else value.translate(_SPECIAL)
    return value


def _one_or_several(values: Iterable[Scalar]) -> Value:
    several = list(values)
    return several[0] if len(several) == 1 else several
