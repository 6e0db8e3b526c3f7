"""Values that are written in several ways have one spelling in a document."""

import pytest

from shipper.ecs import values

GUID = "6f1c2a90-0b1d-4c55-9a53-2f6a6e0c7a11"


@pytest.mark.parametrize("text", [GUID, GUID.upper(), f"{{{GUID}}}", f" {{{GUID.upper()}}} "])
def test_a_guid_is_plain_in_every_spelling(text: str) -> None:
    assert values.plain_guid(text) == GUID
    assert values.windows_guid(text) == f"{{{GUID.upper()}}}"


@pytest.mark.parametrize("text", ["", "Ada", GUID[:-1], f"x{GUID}", "Z" * 36, GUID.replace("-", "_").upper()])
def test_what_is_no_guid_is_kept_as_it_is(text: str) -> None:
    assert values.plain_guid(text) == text
    assert values.windows_guid(text) == text


@pytest.mark.parametrize("text", [GUID, GUID.upper(), GUID.replace("-", "_"), f"LogicalName_{GUID.replace('-', '_')}"])
def test_a_policy_is_known_by_its_guid_with_dashes(text: str) -> None:
    assert values.policy_guid(text) == GUID


@pytest.mark.parametrize("text", ["ABCD12", "ab cd 12", "AB:CD:12", "\N{LEFT-TO-RIGHT MARK}AB-CD-12"])
def test_hexadecimal_digits_stand_alone(text: str) -> None:
    assert values.thumbprint(text) == "abcd12"
    assert values.serial_number(text) == "ABCD12"


def test_a_serial_number_may_have_an_odd_number_of_digits() -> None:
    assert values.serial_number("6a0") == "6A0"


@pytest.mark.parametrize("text", ["", "0x12", "n/a", "12g"])
def test_what_is_not_hexadecimal_is_kept_as_it_is(text: str) -> None:
    assert values.thumbprint(text) == text
    assert values.serial_number(text) == text


@pytest.mark.parametrize(
    ("name", "host"),
    [
        ("CA01.contoso.example\\Issuing CA", "ca01.contoso.example"),
        ("\\\\CA01\\Issuing CA", "ca01"),
        ("Issuing CA", None),
        ("\\Issuing CA", None),
        ("", None),
    ],
)
def test_the_host_of_a_ca_stands_before_the_backslash(name: str, host: str | None) -> None:
    assert values.host_of_authority(name) == host
