"""What a shipped rule owes its reader: honest labels, texts in both languages, and counts that count once."""

import re
from itertools import combinations

import pytest

from shipper.catalog import LANGUAGES, EventEntry, load
from shipper.catalog.words import find
from shipper.rules.conditions import meets, selects
from shipper.rules.fields import known_fields
from shipper.rules.model import RISK_BANDS, Condition, Count, Match, Rule, RuleText, Unanswered
from shipper.rules.spans import parse_span
from tests.rules.case import rules
from tests.rules.test_coverage import EVENTS, event, seen_of

RULES = list(rules().values())
COUNTS = [rule for rule in RULES if isinstance(rule.looks_for, Count) and rule.reads == "events"]
_FEWEST, _MOST_CRITICAL, _LONGEST_NAME, _LONGEST_WHY, _FEWEST_STEPS = 30, 1, 65, 320, 2
#: The techniques that rules may name; names and tactics as ATT&CK 19 has them. https://attack.mitre.org/techniques/
TECHNIQUES = {
    "T1649": ("Steal or Forge Authentication Certificates", "TA0006", "Credential Access"),
    "T1489": ("Service Stop", "TA0040", "Impact"),
    "T1531": ("Account Access Removal", "TA0040", "Impact"),
    "T1685.005": ("Clear Windows Event Logs", "TA0112", "Defense Impairment"),
}
_SENTENCE_END = (".", "?", "!")
_FIELD = re.compile(r"\b(?:event|error|host|device|user|agent|intune_connector|winlog|log)\.[a-z_.]*[a-z]")
_WORDS_OF_ONE_LANGUAGE = {"en": {"the", "and", "of"}, "it": {"il", "la", "di", "che", "un", "i", "e"}}


def each(rule: Rule) -> str:
    return rule.id


def texts(text: RuleText) -> list[str]:
    return [text.name, text.why, *text.first_steps]


def test_there_are_enough_rules() -> None:
    assert len(RULES) >= _FEWEST


@pytest.mark.parametrize("language", LANGUAGES)
def test_names_are_unique(language: str) -> None:
    named = [rule.text[language].name.casefold() for rule in RULES]  # type: ignore[index]
    assert len(set(named)) == len(named)


@pytest.mark.parametrize("rule", RULES, ids=each)
def test_a_name_is_a_short_title_and_all_else_is_sentences(rule: Rule) -> None:
    for text in rule.text.values():
        assert len(text.name) <= _LONGEST_NAME
        assert not text.name.endswith(_SENTENCE_END)
        assert len(text.why) <= _LONGEST_WHY
        assert len(text.first_steps) >= _FEWEST_STEPS
        for sentence in (text.why, *text.first_steps, *rule.false_positives, *rule.limits):
            assert sentence.endswith(_SENTENCE_END), sentence
            assert sentence[0].isupper() or sentence[0].isdigit(), sentence


@pytest.mark.parametrize("rule", RULES, ids=each)
def test_the_languages_say_the_same_number_of_things_in_different_words(rule: Rule) -> None:
    english, italian = rule.text["en"], rule.text["it"]
    assert len(english.first_steps) == len(italian.first_steps)
    assert not set(texts(english)) & set(texts(italian))
    for one, other in zip(texts(english)[1:], texts(italian)[1:], strict=True):
        assert set(_FIELD.findall(one)) == set(_FIELD.findall(other)), other


@pytest.mark.parametrize("rule", RULES, ids=each)
def test_each_language_is_itself(rule: Rule) -> None:
    for language, marks in _WORDS_OF_ONE_LANGUAGE.items():
        words = set(re.findall(r"[a-zà-ù]+", " ".join(texts(rule.text[language])).lower()))  # type: ignore[index]
        assert words & marks, language


@pytest.mark.parametrize("rule", RULES, ids=each)
def test_steps_name_fields_that_exist(rule: Rule) -> None:
    known = set(known_fields(rule.reads))
    for text in rule.text.values():
        named = {name for sentence in texts(text) for name in _FIELD.findall(sentence)}
        assert {name for name in named if name not in known and not _is_object(name, known)} == set()


def _is_object(name: str, known: set[str]) -> bool:
    return any(field.startswith(f"{name}.") for field in known)


@pytest.mark.parametrize("rule", RULES, ids=each)
def test_a_rule_is_honest_about_what_it_tells_of(rule: Rule) -> None:
    assert rule.risk_score in RISK_BANDS[rule.severity]
    assert not rule.threat or rule.nature in ("attack", "change")
    assert rule.threat or rule.nature != "attack"
    for technique in rule.threat:
        told = (technique.technique, technique.tactic_id, technique.tactic)
        assert told == TECHNIQUES[technique.technique_id]


@pytest.mark.parametrize("rule", RULES, ids=each)
def test_a_threat_is_referenced_and_nothing_else_of_attack_is(rule: Rule) -> None:
    pages = {f"https://attack.mitre.org/techniques/{one.technique_id.replace('.', '/')}/" for one in rule.threat}
    assert {url for url in rule.references if "attack.mitre.org" in url} == pages


def test_critical_is_rare() -> None:
    assert sum(rule.severity == "critical" for rule in RULES) <= _MOST_CRITICAL


@pytest.mark.parametrize("rule", [rule for rule in RULES if isinstance(rule.looks_for, Match)], ids=each)
def test_a_single_failure_is_low_or_medium_unless_it_means_an_outage(rule: Rule) -> None:
    if rule.nature == "failure":
        assert rule.severity in ("low", "medium") or rule.id == "digicert-ra-certificate-missing"


@pytest.mark.parametrize("rule", RULES, ids=each)
def test_advice_names_causes_and_what_to_do(rule: Rule) -> None:
    for word in rule.advice_from:
        text = find(load(), word)[0].entry.text["en"]
        assert text.causes, word
        assert text.resolution, word


def test_a_failure_has_advice_unless_it_is_that_of_a_service_of_which_the_catalog_knows_nothing() -> None:
    silent = {rule.id for rule in RULES if rule.nature == "failure" and not rule.advice_from}
    assert silent == {"service-crashed", "service-restarting"}


@pytest.mark.parametrize("rule", RULES, ids=each)
def test_a_rule_knows_its_limits_and_its_false_positives(rule: Rule) -> None:
    assert rule.limits
    assert rule.false_positives


def test_no_two_rules_are_the_same() -> None:
    for one, other in combinations(RULES, 2):
        assert (one.reads, one.where, one.looks_for) != (other.reads, other.where, other.looks_for)


def _counted(rule: Rule) -> list[EventEntry]:
    """Return the events that a rule counts, whatever reason, code or details they have to carry."""
    free = {name for name in rule.where.equals if name not in _DECIDED_BY_THE_ID}
    where = Condition(
        equals={name: values for name, values in rule.where.equals.items() if name not in free},
        equals_none=rule.where.equals_none,
    )
    (*seen,) = seen_of(map(event, EVENTS))
    return [entry for entry, one in zip(EVENTS, seen, strict=True) if meets(where, one)]


_DECIDED_BY_THE_ID = {
    "event.code",
    "event.action",
    "event.outcome",
    "intune_connector.schema",
    "intune_connector.operation",
    "intune_connector.stage",
    "intune_connector.final",
    "intune_connector.counts_as",
}


@pytest.mark.parametrize("rule", COUNTS, ids=each)
def test_no_request_is_counted_twice(rule: Rule) -> None:
    counted = _counted(rule)
    ids = {entry.id for entry in counted}
    assert ids
    for entry in counted:
        assert not ids & set(entry.twins), f"{entry.id} and {ids & set(entry.twins)} tell of the same request"


@pytest.mark.parametrize("rule", COUNTS, ids=each)
def test_what_is_counted_is_final_unless_the_rule_is_about_attempts(rule: Rule) -> None:
    assert {entry.final for entry in _counted(rule)} == {rule.id != "attempts-failing"}


@pytest.mark.parametrize("rule", COUNTS, ids=each)
def test_a_count_of_requests_says_so(rule: Rule) -> None:
    counted = {entry.counts_as for entry in _counted(rule)}
    if counted == {"request"}:
        assert rule.where.equals["intune_connector.counts_as"] == "request"
        assert rule.where.equals["intune_connector.final"] is True


@pytest.mark.parametrize("rule", [rule for rule in RULES if isinstance(rule.looks_for, Unanswered)], ids=each)
def test_a_follow_up_is_none_of_the_openings(rule: Rule) -> None:
    assert isinstance(rule.looks_for, Unanswered)
    for entry, one in zip(EVENTS, seen_of(map(event, EVENTS)), strict=True):
        assert not (meets(_whenever(rule.where), one) and meets(rule.looks_for.answer, one)), entry.id


def _whenever(condition: Condition) -> Condition:
    return Condition(equals=condition.equals, equals_none=condition.equals_none)


@pytest.mark.parametrize("rule", RULES, ids=each)
def test_a_rule_is_quiet_for_no_more_than_a_day(rule: Rule) -> None:
    assert parse_span("1h") <= parse_span(rule.quiet_for) <= parse_span("1d")


def test_hours_are_said_where_they_matter() -> None:
    assert {rule.id for rule in RULES if rule.where.outside} == {"service-stopped", "issuance-outside-hours"}


@pytest.mark.parametrize("rule", RULES, ids=each)
def test_an_event_of_another_program_with_the_same_id_is_not_looked_at(rule: Rule) -> None:
    known = event(EVENTS[0])
    channel, provider = "Application", "Somebody else"
    foreign = [
        type(known)(known.position, provider, entry.id, channel, known.computer, 1, known.time, known.time_s, ())
        for entry in EVENTS
    ]
    assert not [one for one in seen_of(foreign) if selects(rule, one)]
