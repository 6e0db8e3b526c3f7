"""The tests of parity see a difference when there is one: each kind of rule, changed a little on one side."""

import pytest
from msgspec.structs import replace

from shipper.rules.evaluator import Evaluator, in_event_time
from shipper.rules.model import Condition, Count, New, Rule, Silence, Unanswered
from shipper.testing.parity import kibana
from shipper.testing.parity.moments import moments
from shipper.testing.parity.moments import told as told_of
from tests.parity.stage import RULES, Stage, differences

BY_ID = {rule.id: rule for rule in RULES}


def wrong_code(rule: Rule) -> Rule:
    codes = rule.where.equals["event.code"]
    fewer = codes[1:] if isinstance(codes, tuple) else f"{codes}0"
    return replace(rule, where=replace(rule.where, equals={**rule.where.equals, "event.code": fewer}))


def one_more(rule: Rule) -> Rule:
    assert isinstance(rule.looks_for, Count)
    return replace(rule, looks_for=replace(rule.looks_for, at_least=rule.looks_for.at_least + 1))


def shorter(rule: Rule) -> Rule:
    """Return a rule that waits, remembers or counts for a second only."""
    match rule.looks_for:
        case Count() | Unanswered() as wanted:
            return replace(rule, looks_for=replace(wanted, within="1s"))
        case New() as wanted:
            return replace(rule, looks_for=replace(wanted, not_seen_for="1s"))
        case Silence() as wanted:
            return replace(rule, looks_for=replace(wanted, longer_than="1s"))
    raise TypeError(rule.looks_for)


def no_answer(rule: Rule) -> Rule:
    assert isinstance(rule.looks_for, Unanswered)
    never = Condition(equals={"event.code": "0"})
    return replace(rule, looks_for=replace(rule.looks_for, answer=never))


MUTATIONS = {
    "match of another code": wrong_code(BY_ID["pkcs-request-failed"]),
    "count of one more": one_more(BY_ID["service-restarting"]),
    "count of values of one more": one_more(BY_ID["expired-challenge-storm"]),
    # The time of a count is that of the execution: only the stream knows it.
    "count in a shorter time": shorter(BY_ID["service-restarting"]),
    "count at any hour": replace(
        BY_ID["issuance-outside-hours"], where=replace(BY_ID["issuance-outside-hours"].where, outside=())
    ),
    "new after a shorter time": shorter(BY_ID["new-certificate-template"]),
    "unanswered without an answer": no_answer(BY_ID["service-stopped"]),
    "unanswered after a shorter time": shorter(BY_ID["service-stopped"]),
    "silence after a shorter time": shorter(BY_ID["connector-quiet"]),
}


@pytest.mark.parametrize("name", [name for name in MUTATIONS if name != "count in a shorter time"])
def test_a_changed_rule_differs_from_what_was_compiled_before(name: str, stage: Stage) -> None:
    rule = MUTATIONS[name]
    spans = [*stage.planted(rule), *stage.free(rule)]

    assert any(list(differences(span, stage.own(rule, span), stage.in_kibana(BY_ID[rule.id], span))) for span in spans)


#: Of a compiled rule: what is left out of its query.
LEFT_OUT = {
    "pkcs-request-failed": ' and not tags: "backfill"',
    "new-certificate-template": ' and event.outcome: "success"',
    "results-not-reported": ' or "20302"',
    "service-stopped": ' OR (event.code == "10010" AND intune_connector.schema == "legacy")',
}


@pytest.mark.parametrize("rule_id", LEFT_OUT)
def test_a_compiled_rule_that_lacks_a_part_is_found_out(rule_id: str, stage: Stage) -> None:
    rule, compiled = BY_ID[rule_id], stage.compiled[rule_id]
    lacking = {**compiled, "query": compiled["query"].replace(LEFT_OUT[rule_id], "")}
    spans = [*stage.planted(rule), *stage.free(rule)]

    assert lacking != compiled
    assert any(
        list(differences(span, stage.meant(rule, span), kibana.run(stage.searches, rule, lacking, *span)))
        for span in spans
    )


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_changed_rule_differs_in_the_stream(name: str, stage: Stage) -> None:
    rule, corpus = MUTATIONS[name], stage.corpus
    found = moments(stage.oracle, BY_ID[rule.id], corpus.begin_ms, corpus.end_ms)
    meant = told_of(stage.oracle, BY_ID[rule.id], found, corpus.end_ms)
    alerts = list(in_event_time(Evaluator([rule]), stage.seen, corpus.end_ms))

    assert sorted((one.at_ms, one.finding.ids) for one in alerts) != sorted((one.at_ms, one.ids) for one in meant)
