"""The cases of a rule stand at its edges: with any number one notch off, the rule no longer says what they say."""

from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from shipper.rules.execution import execute
from shipper.rules.model import Condition, Count, New, Rule, Silence, Unanswered
from shipper.rules.seeing import Viewer
from shipper.rules.spans import parse_span
from shipper.testing.rule_cases import Case, Expected
from tests.rules.case import load_cases, rules

_NOTCH_S = 1
#: What rules are about; other parts of a condition often say once more what the id says already.
_DECISIVE = {"event.code", "event.reason", "event.action", "intune_connector.error.name", "tags"}
#: Those that ask for more than that the fields of their groups are there.
NARROW = [rule for rule in rules().values() if rule.where.equals]


def _name(rule: Rule) -> str:
    return rule.id


def notches(rule: Rule) -> Iterator[Rule]:
    """Yield the rule with each number a little more and a little less than it should be."""
    wanted = rule.looks_for
    if isinstance(wanted, Count):
        yield replace(rule, looks_for=replace(wanted, at_least=wanted.at_least - 1))
        yield replace(rule, looks_for=replace(wanted, at_least=wanted.at_least + 1))
    if isinstance(wanted, Unanswered):
        yield from (replace(rule, looks_for=replace(wanted, within=span)) for span in around(wanted.within))
    if isinstance(wanted, Silence):
        yield from (replace(rule, looks_for=replace(wanted, longer_than=span)) for span in around(wanted.longer_than))
    if isinstance(wanted, New):
        yield replace(rule, looks_for=replace(wanted, not_seen_for="1s"))
    for least in rule.where.at_least:
        for change in (-_NOTCH_S, _NOTCH_S):
            moved = {**rule.where.at_least, least: rule.where.at_least[least] + change}
            yield replace(rule, where=replace(rule.where, at_least=moved))
    if rule.where.outside:
        yield replace(rule, where=replace(rule.where, outside=()))


def around(span: str) -> Iterator[str]:
    seconds = parse_span(span) // 1000
    yield f"{seconds - _NOTCH_S}s"
    yield f"{seconds + _NOTCH_S}s"


def holds(rule: Rule, case: Case) -> bool:
    viewer = Viewer([rule])
    seen = [one for document in case.documents if (one := viewer.view(document.body)) is not None]
    found = execute(rule, seen, case.t0_ms, case.t1_ms)
    return sorted(Expected(one.group, tuple(sorted(one.ids))) for one in found) == list(case.expected)


@pytest.mark.parametrize("rule", rules().values(), ids=_name)
def test_a_rule_one_notch_off_fails_one_of_its_cases(rule: Rule) -> None:
    cases = load_cases(rule.id)
    for moved in notches(rule):
        assert not all(holds(moved, case) for case in cases), moved


@pytest.mark.parametrize("rule", NARROW, ids=_name)
def test_a_rule_that_looks_at_everything_fails_one_of_its_cases(rule: Rule) -> None:
    cases = load_cases(rule.id)
    assert not all(holds(replace(rule, where=Condition(outside=rule.where.outside)), case) for case in cases)


@pytest.mark.parametrize("rule", [one for one in rules().values() if _DECISIVE & set(one.where.equals)], ids=_name)
def test_a_rule_that_does_not_ask_for_what_it_is_about_fails_one_of_its_cases(rule: Rule) -> None:
    cases = load_cases(rule.id)
    for field in _DECISIVE & set(rule.where.equals):
        kept = {name: values for name, values in rule.where.equals.items() if name != field}
        wider = replace(rule, where=replace(rule.where, equals=kept))
        assert not all(holds(wider, case) for case in cases), field
