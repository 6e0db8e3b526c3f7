"""One execution finds the same groups with the same documents, whoever runs it: the meaning of the rule decides."""

from collections import Counter

import pytest

from shipper.rules.model import Rule
from shipper.testing.parity.corpus import SETTLED_AFTER_MS
from shipper.testing.parity.plants import plants_of
from shipper.testing.parity.scenes import Calendar
from tests.parity.stage import RULES, Stage, differences
from tests.parity.table import Book

by_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)


def test_the_corpus_is_large_and_no_two_documents_have_one_time_or_one_id(stage: Stage) -> None:
    documents = stage.corpus.documents

    assert len(documents) >= 50_000
    assert len({one.time_ms for one in documents}) == len({one.id for one in documents}) == len(documents)
    assert all(stage.corpus.begin_ms <= one.time_ms < stage.corpus.end_ms for one in documents)


def test_the_same_rules_get_the_same_plants(stage: Stage) -> None:
    corpus = stage.corpus
    calendar = Calendar(corpus.begin_ms, corpus.end_ms, corpus.begin_ms + SETTLED_AFTER_MS)

    assert tuple(plant for rule in RULES for plant in plants_of(rule, calendar)) == corpus.plants


@by_rule
def test_what_is_planted_to_fire_fires_and_near_misses_do_not(rule: Rule, stage: Stage, book: Book) -> None:
    planted = [(number, plant) for number, plant in enumerate(stage.corpus.plants) if plant.rule_id == rule.id]
    wrong = []
    for number, plant in planted:
        group = stage.corpus.ids[number] if plant.group is None else plant.group
        if (group in stage.meant(rule, (plant.t0_ms, plant.t1_ms))) != plant.fires:
            wrong.append(plant.what)
    outcomes = Counter(plant.fires for _, plant in planted)

    assert wrong == []
    assert 2 <= outcomes[True] <= outcomes[False]
    book.line(rule).fires, book.line(rule).near_misses = outcomes[True], outcomes[False]


@by_rule
def test_own_executions_find_what_the_rule_means(rule: Rule, stage: Stage, book: Book) -> None:
    line = book.line(rule)
    found = []
    for span in (*stage.planted(rule), *stage.free(rule)):
        meant, own = stage.meant(rule, span), stage.own(rule, span)
        found += list(differences(span, meant, own))
        line.executions, line.expected, line.own = line.executions + 1, line.expected + len(meant), line.own + len(own)

    assert found == []
    line.documents = len(stage.chosen(rule) - stage.impossible)


@by_rule
def test_the_compiled_rule_finds_what_the_rule_means(rule: Rule, stage: Stage, book: Book) -> None:
    found = []
    for span in (*stage.planted(rule), *stage.free(rule)):
        answer = stage.in_kibana(rule, span)
        found += list(differences(span, stage.meant(rule, span), answer))
        book.line(rule).kibana += len(answer)

    assert found == []
