"""The evaluator tells of what executions at its moments find, but for what it keeps quiet; Kibana confirms it."""

import pytest

from shipper.rules.model import Count, Match, New, Rule, Silence, Unanswered
from shipper.rules.spans import parse_span
from shipper.testing.parity.moments import Moment, moments
from shipper.testing.parity.moments import told as told_of
from tests.parity.stage import RULES, Stage, Told
from tests.parity.table import Book

by_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
#: Alerts of a rule that Kibana's query is asked about: the first, the last, and others evenly between.
CONFIRMED = 6


def expected(rule: Rule, stage: Stage) -> list[Moment]:
    corpus = stage.corpus
    return told_of(stage.oracle, rule, moments(stage.oracle, rule, corpus.begin_ms, corpus.end_ms), corpus.end_ms)


@by_rule
def test_the_stream_raises_the_alerts_that_the_rule_means(rule: Rule, stage: Stage, told: Told, book: Book) -> None:
    meant = [(moment.at_ms, moment.group, moment.ids) for moment in expected(rule, stage)]

    assert sorted(told[rule.id]) == sorted(meant)
    assert meant
    book.line(rule).alerts_expected, book.line(rule).alerts = len(meant), len(told[rule.id])


@by_rule
def test_the_compiled_rule_confirms_the_alerts_of_the_stream(rule: Rule, stage: Stage) -> None:
    alerts = expected(rule, stage)
    chosen = {min(number * len(alerts) // CONFIRMED, len(alerts) - 1) for number in range(CONFIRMED + 1)}
    for moment in (alerts[number] for number in sorted(chosen)):
        found = stage.in_kibana(rule, (moment.t0_ms, moment.t1_ms))

        assert found.get(moment.group) == moment.ids


@by_rule
def test_no_group_that_the_compiled_rule_finds_passes_without_an_alert(rule: Rule, stage: Stage, told: Told) -> None:
    """An alert lies in the execution, or so shortly before it that the group was kept quiet."""
    for t0_ms, t1_ms in (*stage.planted(rule), *stage.free(rule)):
        if t0_ms - stage.corpus.begin_ms > _learning_ms(rule) and t1_ms <= stage.corpus.end_ms:
            since_ms = (t1_ms if isinstance(rule.looks_for, Unanswered | Silence) else t0_ms) - _memory_ms(rule)
            recent = {group for at_ms, group, _ in told[rule.id] if since_ms < at_ms <= t1_ms}

            assert stage.in_kibana(rule, (t0_ms, t1_ms)).keys() - _quiet(rule, stage, told) <= recent


def _learning_ms(rule: Rule) -> int:
    return parse_span(rule.looks_for.learn_for) if isinstance(rule.looks_for, New) else 0


def _memory_ms(rule: Rule) -> int:
    """Return how long before an execution the alert may be that speaks for it."""
    quiet_ms = parse_span(rule.quiet_for)
    match rule.looks_for:
        case Count(within=within):
            return max(quiet_ms, parse_span(within))
        case Unanswered(look_back=back) | Silence(look_back=back):
            return quiet_ms + parse_span(back)
        case _:
            return quiet_ms


def _quiet(rule: Rule, stage: Stage, told: Told) -> set[tuple[str, ...]]:
    """Return the documents of a match whose group was told of a short time before."""
    if not isinstance(rule.looks_for, Match):
        return set()
    corpus, quiet_ms = stage.corpus, parse_span(rule.quiet_for)
    alerts, silenced = {ids for _, _, ids in told[rule.id]}, set()
    last_ms: dict[tuple[str, ...], int] = {}
    for moment in moments(stage.oracle, rule, corpus.begin_ms, corpus.end_ms):
        key = next(iter(stage.oracle.groups(rule, stage.oracle.matching(rule, moment.t0_ms, moment.t1_ms))))
        if moment.ids in alerts:
            last_ms[key] = moment.at_ms
        elif key and moment.at_ms - last_ms.get(key, -quiet_ms) < quiet_ms:
            silenced.add(moment.group)
    return silenced
