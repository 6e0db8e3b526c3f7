"""Codes and HRESULTs in every spelling."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipper.catalog import format_code, parse_code, parse_hresult

any_value = st.integers(0, 0xFFFF_FFFF)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0x411", 0x411),
        ("0x00000411", 0x411),
        ("0X00000411", 0x411),
        (" 0x411 ", 0x411),
        ("0x000000411", 0x411),
        ("0x0FFFFFFF", 0x0FFF_FFFF),
        ("0x0FFFFFFFF", 0x0FFF_FFFF),
        ("0x0fffffffF", 0x0FFF_FFFF),
        ("0xFFFFFFFF", 0xFFFF_FFFF),
        ("0x0", 0),
    ],
)
def test_a_code_is_read_by_value_whatever_its_spelling(text: str, value: int) -> None:
    assert parse_code(text) == value


@pytest.mark.parametrize(
    "text", ["", "0x", "411", "1041", "0x4G1", "0x1FFFFFFFF", "0x0000000411", "-0x411", "0x 411", "0x4_11"]
)
def test_what_is_no_code_is_none(text: str) -> None:
    assert parse_code(text) is None


def test_decimal_digits_are_a_code_only_where_asked_for() -> None:
    assert parse_code("1041", decimal=True) == 0x411
    assert parse_code("1041") is None


@pytest.mark.parametrize("text", ["\u0661\u0660", "1_041", "+1041", "-1", "4294967296", "9" * 5000, "1041.0"])
def test_only_plain_digits_of_32_bits_are_a_decimal_code(text: str) -> None:
    assert parse_code(text, decimal=True) is None


@pytest.mark.parametrize("text", ["0x800706BA", "0x800706ba", "2147944122", "-2147023174"])
def test_an_hresult_is_read_hexadecimal_unsigned_and_signed(text: str) -> None:
    assert parse_hresult(text) == 0x8007_06BA


@pytest.mark.parametrize("text", ["0x411", "1722", "-0", "-2147483649", "0", "text"])
def test_a_number_without_the_failure_bit_is_no_hresult(text: str) -> None:
    assert parse_hresult(text) is None


def test_a_code_is_shown_with_eight_upper_case_digits() -> None:
    assert format_code(0x0FFF_FFFF) == "0x0FFFFFFF"
    assert format_code(0x411) == "0x00000411"


@given(any_value)
def test_parse_undoes_format(value: int) -> None:
    assert parse_code(format_code(value)) == value


@given(any_value)
def test_parse_ignores_case_and_leading_zeros(value: int) -> None:
    assert parse_code(f"0X{value:x}") == parse_code(f"0x{value:X}") == value


@given(any_value)
def test_decimal_and_hexadecimal_agree(value: int) -> None:
    assert parse_code(str(value), decimal=True) == value


@given(st.integers(0x8000_0000, 0xFFFF_FFFF))
def test_signed_and_unsigned_hresults_agree(value: int) -> None:
    assert parse_hresult(str(value - 2**32)) == parse_hresult(str(value)) == value


@given(st.text())
def test_any_text_is_read_or_none(text: str) -> None:
    for value in (parse_code(text), parse_code(text, decimal=True), parse_hresult(text)):
        assert value is None or 0 <= value <= 0xFFFF_FFFF
