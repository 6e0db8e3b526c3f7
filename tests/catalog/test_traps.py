"""The traps of the source documents, each by name."""

import pytest

from shipper.catalog import ADMIN_CHANNEL, LEGACY_CHANNEL, OPERATIONAL_CHANNEL, load, parse_code

CATALOG = load()
LEGACY = CATALOG.events("legacy")
UNIFIED = CATALOG.events("unified")


@pytest.mark.parametrize("value", [0x406, 0x407, *range(0x40A, 0x410), 0x412, 0x3FF, 0xFFFF_FFFF])
def test_what_lies_between_the_codes_is_unknown(value: int) -> None:
    assert CATALOG.code(value) is None


def test_the_nine_digit_spelling_is_unknown_error() -> None:
    value = parse_code("0x0FFFFFFFF")
    assert value is not None
    entry = CATALOG.code(value)
    assert entry is not None
    assert (entry.name, entry.code) == ("Unknown_Error", "0x0FFFFFFF")


def test_20500_is_a_success_in_both_languages() -> None:
    event = LEGACY[20500]
    assert event.outcome == "success"
    assert "ha verificato correttamente" in event.text["it"].description
    assert "problema" not in event.text["it"].description


def test_20502_is_a_failure_in_both_languages() -> None:
    event = LEGACY[20502]
    assert event.outcome == "failure"
    assert "non è riuscito a verificare" in event.text["it"].description


def test_20501_is_a_refusal_at_the_level_of_a_warning() -> None:
    assert (LEGACY[20501].outcome, LEGACY[20501].level) == ("failure", "warning")


def test_10301_says_nothing_of_its_outcome() -> None:
    assert (LEGACY[10301].outcome, LEGACY[10301].level) == ("unknown", "warning")


def test_the_field_upload_state_keeps_its_name_in_italian() -> None:
    assert "Upload State" in LEGACY[20302].text["it"].description


def test_the_field_ca_name_keeps_its_name_in_italian() -> None:
    assert any("CA Name" in step for step in CATALOG.codes[0x402].text["it"].resolution)


def test_the_name_of_code_0_is_not_translated() -> None:
    assert CATALOG.codes[0].name == "Success"
    assert "Operazione completata" in CATALOG.codes[0].aliases


def test_4000_keeps_its_misspelling_and_answers_to_the_right_one() -> None:
    assert UNIFIED[4000].name == "ScrepRequestSuccess"
    assert list(CATALOG.named("ScepRequestSuccess")) == [UNIFIED[4000]]


def test_3051_and_3052_are_the_reverse_of_1051_and_1052() -> None:
    assert [UNIFIED[id_].final for id_ in (1051, 1052, 3051, 3052)] == [False, True, True, False]


def test_id_2_is_a_general_exception_from_second_hand() -> None:
    assert (UNIFIED[2].outcome, UNIFIED[2].level, UNIFIED[2].confidence) == ("failure", "error", "second-hand")


def test_2202_and_2203_are_the_downloads_of_imports() -> None:
    assert {2202, 2203} <= UNIFIED.keys()
    assert not {2002, 2003} & UNIFIED.keys()


def test_an_id_is_known_in_either_unified_channel_and_not_in_the_legacy_one() -> None:
    assert CATALOG.event(ADMIN_CHANNEL, 1051) is CATALOG.event(OPERATIONAL_CHANNEL, 1051) is UNIFIED[1051]
    assert CATALOG.event(LEGACY_CHANNEL, 1051) is None
    assert CATALOG.event(ADMIN_CHANNEL, 20102) is None


def test_channel_names_fold_case() -> None:
    assert CATALOG.event(LEGACY_CHANNEL.upper(), 20102) is LEGACY[20102]


@pytest.mark.parametrize("channel", ["", "Application", "Security"])
def test_another_channel_knows_no_event(channel: str) -> None:
    assert CATALOG.event(channel, 1102) is None


def test_a_failure_may_carry_success_and_a_success_unknown_error() -> None:
    assert LEGACY[20102].expects(0) is True
    assert LEGACY[20100].expects(0x0FFF_FFFF) is True


def test_a_code_outside_the_events_list_is_flagged() -> None:
    assert LEGACY[20102].expects(0x411) is False
    assert LEGACY[20102].expects(0x406) is False
