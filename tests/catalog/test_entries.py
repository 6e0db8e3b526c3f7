"""Every entry of every file keeps the rules that the design sets."""

import json
import re
from collections import Counter
from importlib import resources

import pytest

from shipper.catalog import (
    ADMIN_CHANNEL,
    LANGUAGES,
    LEGACY_CHANNEL,
    OPERATIONAL_CHANNEL,
    SEVERITY_OF_LEVEL,
    CodeEntry,
    ErrorEntry,
    EventEntry,
    Neighbour,
    load,
)

CATALOG = load()
LEGACY = list(CATALOG.events("legacy").values())
UNIFIED = list(CATALOG.events("unified").values())
EVENTS = LEGACY + UNIFIED
CODES = list(CATALOG.codes.values())
ENTRIES: list[EventEntry | CodeEntry | ErrorEntry | Neighbour] = [*EVENTS, *CODES, *CATALOG.errors, *CATALOG.neighbours]
#: Confidence that something is wrong: words of one language that the other does not have.
ENGLISH = re.compile(r"\b(the|and|which|was|is not|with)\b")
ITALIAN = re.compile(r"\b(il|della|non|che|una|sono|è)\b")


def name_of(entry: EventEntry | CodeEntry | ErrorEntry | Neighbour) -> str:
    if isinstance(entry, EventEntry):
        return str(entry.id)
    return entry.code if isinstance(entry, CodeEntry) else entry.key


every_entry = pytest.mark.parametrize("entry", ENTRIES, ids=name_of)
every_event = pytest.mark.parametrize("event", EVENTS, ids=name_of)
every_unified = pytest.mark.parametrize("event", UNIFIED, ids=name_of)
every_legacy = pytest.mark.parametrize("event", LEGACY, ids=name_of)


def test_there_are_19_legacy_and_62_unified_events_and_12_codes() -> None:
    assert (len(LEGACY), len(UNIFIED), len(CODES)) == (19, 62, 12)


def test_there_are_25_scep_reasons_and_about_30_other_errors() -> None:
    kinds = Counter(error.scep for error in CATALOG.errors)
    assert kinds[True] == 25
    assert 28 <= kinds[False] <= 40


def test_keys_names_and_hresults_of_errors_are_unique() -> None:
    for values in (
        [error.key for error in CATALOG.errors],
        [error.name for error in CATALOG.errors],
        [error.hresult for error in CATALOG.errors if error.hresult is not None],
        [phrase for error in CATALOG.errors for phrase in error.matches],
    ):
        assert len(set(values)) == len(values)


@pytest.mark.parametrize("name", ["legacy", "unified"])
def test_no_id_stands_twice_in_a_file(name: str) -> None:
    file = json.loads(resources.files("shipper.catalog").joinpath("data", f"{name}.json").read_text(encoding="utf-8"))
    ids = [event["id"] for event in file["events"]]
    assert sorted(set(ids)) == sorted(ids)
    assert {event["advice"] for event in file["events"]} == set(file["advice"])


def test_no_name_stands_for_two_events() -> None:
    assert len({event.name for event in EVENTS}) == len(EVENTS) == 81


@every_entry
def test_both_languages_tell_and_differ(entry: EventEntry | CodeEntry | ErrorEntry | Neighbour) -> None:
    assert set(entry.text) == set(LANGUAGES)
    english, italian = entry.text["en"], entry.text["it"]
    assert english.description.strip()
    assert italian.description.strip()
    assert english.description != italian.description
    assert len(english.causes) == len(italian.causes)
    assert len(english.resolution) == len(italian.resolution)
    assert not set(english.causes) & set(italian.causes)
    assert not set(english.resolution) & set(italian.resolution)


@every_entry
def test_every_text_is_a_sentence_on_one_line(entry: EventEntry | CodeEntry | ErrorEntry | Neighbour) -> None:
    for text in entry.text.values():
        for sentence in (text.description, *text.causes, *text.resolution):
            assert sentence.endswith("."), sentence
            assert sentence == " ".join(sentence.split())
            assert sentence.isprintable()
            assert sentence[0].isupper() or sentence[0].isdigit(), sentence


@every_entry
def test_each_text_is_in_its_language(entry: EventEntry | CodeEntry | ErrorEntry | Neighbour) -> None:
    for text, foreign in ((entry.text["en"], ITALIAN), (entry.text["it"], ENGLISH)):
        assert not foreign.search(" ".join((text.description, *text.causes)).lower())


@every_entry
def test_every_entry_names_a_source_and_how_sure_it_is(entry: EventEntry | CodeEntry | ErrorEntry | Neighbour) -> None:
    assert entry.reference.startswith("https://")
    assert entry.confidence in {"documented", "second-hand", "inferred"}


@every_event
def test_a_failure_has_causes_and_every_event_a_resolution(event: EventEntry) -> None:
    for text in event.text.values():
        assert text.resolution
        assert bool(text.causes) == (event.outcome != "success")


@pytest.mark.parametrize("code", CODES, ids=name_of)
def test_a_code_is_shown_as_its_value(code: CodeEntry) -> None:
    assert code.code == f"0x{code.value:08X}"
    assert all(text.resolution for text in code.text.values())


@pytest.mark.parametrize("error", CATALOG.errors, ids=name_of)
def test_an_error_has_a_remedy_and_can_be_met(error: ErrorEntry) -> None:
    assert all(text.resolution for text in error.text.values())
    assert error.hresult is not None or error.matches or error.scep
    assert error.hresult is None or error.hresult >= 0x8000_0000
    assert all(phrase == phrase.lower().strip() for phrase in error.matches)


@every_event
def test_severity_follows_the_level(event: EventEntry) -> None:
    assert event.severity == SEVERITY_OF_LEVEL[event.level]


@every_event
def test_the_action_is_kebab_case_and_tells_no_outcome(event: EventEntry) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", event.action)
    assert not {"success", "failure", "failed", "error"} & set(event.action.split("-"))


@every_event
def test_the_codes_of_an_event_are_defined(event: EventEntry) -> None:
    assert event.codes <= set(CATALOG.codes)


@every_event
def test_twins_exist_in_the_other_channel_and_point_back(event: EventEntry) -> None:
    for id_ in event.twins:
        twin = CATALOG.events(event.schema)[id_]
        assert {event.channel, twin.channel} == {ADMIN_CHANNEL, OPERATIONAL_CHANNEL}
        assert event.id in twin.twins
        assert twin.outcome == event.outcome
        assert twin.operation == event.operation


@every_legacy
def test_the_last_digit_of_a_legacy_id_gives_level_and_outcome(event: EventEntry) -> None:
    level = {0: "information", 1: "warning", 2: "error"}[event.id % 10]
    outcome = {0: "success", 1: "failure", 2: "failure"}[event.id % 10]
    assert event.level == level
    assert event.outcome == ("unknown" if event.id == 10301 else outcome)
    assert event.channel == LEGACY_CHANNEL


@every_legacy
def test_success_and_unknown_error_are_allowed_for_every_legacy_event(event: EventEntry) -> None:
    assert {0, 0x0FFF_FFFF} <= event.codes
    assert event.expects(0x0FFF_FFFF)


@every_unified
def test_no_code_is_documented_for_a_unified_event(event: EventEntry) -> None:
    assert event.codes == frozenset()
    assert event.expects(0x400) is None


@every_unified
def test_the_name_of_a_unified_event_agrees_with_outcome_and_level(event: EventEntry) -> None:
    if re.search(r"FailedAttempt|AttemptFailed", event.name):
        assert (event.outcome, event.level, event.final) == ("failure", "warning", False)
    elif re.search(r"Failure|Failed|Exception", event.name):
        assert (event.outcome, event.level, event.final) == ("failure", "error", True)
    else:
        assert (event.outcome, event.level, event.final) == ("success", "information", True)


@every_unified
def test_only_id_2_is_second_hand(event: EventEntry) -> None:
    assert event.confidence == ("second-hand" if event.id == 2 else "documented")
