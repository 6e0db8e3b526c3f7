"""What a person types is found, or a hint says what to try."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipper.catalog import load
from shipper.catalog.suggestions import suggest
from shipper.catalog.words import find

CATALOG = load()


def names(word: str) -> list[str]:
    return [found.entry.name for found in find(CATALOG, word)]


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("20102", "PkcsCertIssue_Failure"),
        ("2", "GeneralException"),
        ("4000", "ScrepRequestSuccess"),
        (" 20102 ", "PkcsCertIssue_Failure"),
        ("0x411", "CRPSCEPChallenge_Expired"),
        ("0x00000411", "CRPSCEPChallenge_Expired"),
        ("1041", "CRPSCEPChallenge_Expired"),
        ("0x0FFFFFFFF", "Unknown_Error"),
        ("0", "Success"),
        ("0x800706BA", "RPC_S_SERVER_UNAVAILABLE"),
        ("-2147023174", "RPC_S_SERVER_UNAVAILABLE"),
        ("2147944122", "RPC_S_SERVER_UNAVAILABLE"),
        ("1722", "RPC_S_SERVER_UNAVAILABLE"),
        ("12175", "ERROR_WINHTTP_SECURE_FAILURE"),
        ("-2146875374", "CERTSRV_E_SUBJECT_EMAIL_REQUIRED"),
        ("2148204809", "CERT_E_UNTRUSTEDROOT"),
        ("ScepVerifyFailure", "ScepVerifyFailure"),
        ("scepverifyfailure", "ScepVerifyFailure"),
        ("SCEPREQUESTSUCCESS", "ScrepRequestSuccess"),
        ("certsrv_e_unsupported_cert_type", "CERTSRV_E_UNSUPPORTED_CERT_TYPE"),
        ("denied by policy module", "Denied by Policy Module"),
        ("ChallengeExpired", "ChallengeExpired"),
        ("403 16", "CERT_E_UNTRUSTEDROOT"),
    ],
)
def test_a_word_is_found(word: str, name: str) -> None:
    assert names(word)[0] == name


def test_a_decimal_that_is_an_event_id_is_the_event_and_the_code_is_offered() -> None:
    (found,) = find(CATALOG, "1032")
    assert found.entry.name == "PkcsDigiCertRequest"
    assert found.also is not None
    assert found.also.value == 0x408


def test_a_line_of_a_log_gives_its_hresults_and_not_the_same_again() -> None:
    line = "COMException (0x800706BA): CCertRequest::Submit: The RPC server is unavailable. 0x800706ba (WIN32: 1722)"
    assert names(line) == ["RPC_S_SERVER_UNAVAILABLE"]


def test_a_line_of_a_log_gives_number_and_text() -> None:
    assert names("0x80094812 The request failed. Denied by Policy Module") == [
        "CERTSRV_E_SUBJECT_EMAIL_REQUIRED",
        "Denied by Policy Module",
    ]


@pytest.mark.parametrize(
    "word", ["", "0x406", "0x407", "0x40A", "0x40F", "1030", "20012", "0x80004001", "nothing", "411", "-1"]
)
def test_an_unknown_word_finds_nothing(word: str) -> None:
    assert find(CATALOG, word) == []


PHRASES = {phrase: entry for entry in CATALOG.errors for phrase in entry.matches}


@pytest.mark.parametrize("phrase", PHRASES)
def test_every_phrase_leads_to_its_error(phrase: str) -> None:
    assert PHRASES[phrase] in [found.entry for found in find(CATALOG, phrase)]


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("20012", "did you mean 20102"),
        ("10023", "did you mean 10020"),
        ("411", "did you mean 0x411?"),
        ("ScepVerifyFailur", "did you mean ScepVerifyFailure"),
        ("Denied by Police Module", "did you mean Denied by Policy Module?"),
        ("0x80070005F", "give an event id"),
        ("0x80070006", "net helpmsg 6"),
        ("0x80094899", "certutil -error 0x80094899"),
        ("", "give an event id"),
        ("9" * 9000, "give an event id"),
        ("zzzzzzzzzz", "give an event id"),
    ],
)
def test_an_unknown_word_gets_a_hint(word: str, hint: str) -> None:
    assert hint in suggest(CATALOG, word)


@pytest.mark.parametrize("word", ["0x406", "0x407", "0x40A", "0x00000412"])
def test_an_undefined_code_has_no_neighbour_but_the_list_of_all(word: str) -> None:
    hint = suggest(CATALOG, word)
    assert "did you mean" not in hint
    assert all(code.code in hint for code in CATALOG.codes.values())


@given(st.text() | st.from_regex(r"-?[0-9]{1,12}|0x[0-9a-fA-F]{0,10}", fullmatch=True))
def test_any_word_is_found_or_hinted_at(word: str) -> None:
    assert find(CATALOG, word) or suggest(CATALOG, word)


@given(
    st.sampled_from([*CATALOG.events("legacy"), *CATALOG.events("unified")]).filter(lambda id_: id_ > 999), st.data()
)
def test_two_neighbouring_digits_swapped_lead_back_to_the_id(id_: int, data: st.DataObject) -> None:
    digits = str(id_)
    place = data.draw(st.integers(0, len(digits) - 2))
    typed = digits[:place] + digits[place + 1] + digits[place] + digits[place + 2 :]
    assert find(CATALOG, typed) or digits in suggest(CATALOG, typed)
