"""Looking up codes, errors, reasons and names."""

import pickle
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipper.catalog import LANGUAGES, Catalog, load

CATALOG = load()


def test_the_catalog_is_read_once() -> None:
    assert load() is load()


def test_the_catalog_says_its_version() -> None:
    assert CATALOG.version.count(".") == 2


def test_a_catalog_goes_to_another_process() -> None:
    copy = pickle.loads(pickle.dumps(Catalog()))  # noqa: S301 (our own bytes)
    assert copy.code(0x411) == CATALOG.code(0x411)


def test_nothing_is_read_before_it_is_asked_for() -> None:
    catalog = Catalog()
    catalog.code(0x411)
    assert set(vars(catalog)) == {"codes"}


def test_neither_rich_nor_elasticsearch_is_imported() -> None:
    program = "import sys, shipper.catalog; print({'rich', 'elasticsearch', 'pathlib'} & set(sys.modules) or '')"
    command = [sys.executable, "-S", "-c", program]
    found = subprocess.run(command, capture_output=True, text=True, check=True, env={"PYTHONPATH": ":".join(sys.path)})  # noqa: S603 (our own words)
    assert found.stdout.strip() == ""


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("IssuePfx - The submission failed: Denied by Policy Module", "denied-by-policy-module"),
        ("IssuePfx - The submission is pending: Taken Under Submission", "taken-under-submission"),
        ("CCertRequest::Submit: The RPC server is unavailable.", "rpc-server-unavailable"),
        ("(WIN32: 1722 RPC_S_SERVER_UNAVAILABLE)", "rpc-server-unavailable"),
        ("CCertRequest::Submit: The parameter is incorrect.", "parameter-incorrect"),
        ("Failed to send http request /CertificateRegistrationSvc. Error 12175", "winhttp-secure-failure"),
        ("/VerifyRequest - 443 - 10.0.0.1 NDES_Plugin - 403 16 2148204809 453", "cert-untrusted-root"),
        ("/VerifyRequest - 443 - 10.0.0.1 NDES_Plugin - 500 0 0 359", "http-500"),
        (
            "Signing certificate could not be retrieved. m_safeCertContext is an invalid handle.",
            "signing-certificate-missing",
        ),
        ("NDES Connector certificate could not be found", "no-licence"),
        ("Could not create SSL/TLS secure channel.", "tls-failure"),
        ("System.NullReferenceException: Object reference not set", "null-reference"),
        ("SCEP validation: SUBJECTNAMEMISMATCH", "scep-subject-name-mismatch"),
        ("The password in the certificate request cannot be verified. It may have been used already.", "proxy-prefix"),
    ],
)
def test_a_known_text_is_found_in_free_text(text: str, key: str) -> None:
    found = CATALOG.error_in(text)
    assert found is not None
    assert found.key == key


def test_a_cause_goes_before_a_refusal_and_a_refusal_before_a_summary() -> None:
    cause, refusal, summary = (
        "The parameter is incorrect.",
        "Denied by Policy Module",
        "Issuing Pfx certificate for Device ID 1",
    )
    found = CATALOG.error_in(f"{summary} failed. {refusal}. {cause}")
    assert found is not None
    assert found.key == "parameter-incorrect"
    found = CATALOG.error_in(f"{summary} failed. {refusal}.")
    assert found is not None
    assert found.key == "denied-by-policy-module"


@pytest.mark.parametrize(
    "text", ["", "Successfully issued.", "Unknown", "process 12175 ended", "ChallengeExpiredSoon", "0x800706BA"]
)
def test_words_that_merely_look_alike_are_not_found(text: str) -> None:
    assert CATALOG.error_in(text) is None


def test_a_scep_reason_is_found_by_its_name_whatever_its_case() -> None:
    reason = CATALOG.scep_reason("challengeexpired")
    assert reason is not None
    assert reason.name == "ChallengeExpired"
    assert CATALOG.scep_reason("E_FAIL") is None


def test_an_hresult_is_found_by_its_unsigned_value() -> None:
    found = CATALOG.error(0x8009_4800)
    assert found is not None
    assert found.name == "CERTSRV_E_UNSUPPORTED_CERT_TYPE"
    assert CATALOG.error(0x8009_4899) is None


@pytest.mark.parametrize("name", list(CATALOG.names()))
def test_every_name_is_found_whatever_its_case(name: str) -> None:
    assert list(CATALOG.named(name.upper())) == list(CATALOG.named(name.lower())) != []


@given(st.text())
def test_any_text_is_searched(text: str) -> None:
    found = CATALOG.error_in(text)
    assert found is None or set(found.text) == set(LANGUAGES)
