"""Diagnostic codes and HRESULTs in every spelling that is met, read into numbers."""

#: The largest value of either: both are 32 bits wide.
LARGEST = 0xFFFF_FFFF
#: The code table of Microsoft's page writes Unknown_Error with nine digits, its event table with eight.
#: https://learn.microsoft.com/troubleshoot/mem/intune/certificates/troubleshoot-certificate-connector-events
NINE_DIGIT_ALIAS = "0ffffffff"
UNKNOWN_ERROR = 0x0FFF_FFFF

_HEX_DIGITS = frozenset("0123456789abcdef")
_MOST_HEX_DIGITS = 9
_FAILURE_BIT = 0x8000_0000


def parse_code(text: str, *, decimal: bool = False) -> int | None:
    """Read a diagnostic code, compared by value whatever its spelling.

    Args:
        text: ``0x411``, ``0X00000411``, the nine-digit ``0x0FFFFFFFF`` (which is ``0x0FFFFFFF``).
        decimal: also take decimal digits (``1041``), as a field that holds nothing but a code may.

    Returns:
        0..0xFFFFFFFF, or ``None`` where the text is no code.
    """
    word = text.strip().lower()
    if word.startswith("0x"):
        return _parse_hex(word[2:])
    return _parse_decimal(word) if decimal else None


def parse_hresult(text: str) -> int | None:
    """Read an HRESULT: ``0x800706BA``, unsigned ``2147944122`` or signed ``-2147023174``.

    Returns:
        The unsigned value, whose failure bit is set; ``None`` where the text is no failing HRESULT.
    """
    word = text.strip().lower()
    if word.startswith("0x"):
        value = _parse_hex(word[2:])
    elif word.startswith("-"):
        size = _parse_decimal(word[1:])
        value = LARGEST + 1 - size if size else None
    else:
        value = _parse_decimal(word)
    return value if value is not None and value >= _FAILURE_BIT else None


def format_code(value: int) -> str:
    """Return ``0x`` and 8 upper-case digits."""
    return f"0x{value:08X}"


def _parse_hex(digits: str) -> int | None:
    if digits == NINE_DIGIT_ALIAS:
        return UNKNOWN_ERROR
    if not 0 < len(digits) <= _MOST_HEX_DIGITS or not _HEX_DIGITS.issuperset(digits):
        return None
    value = int(digits, 16)
    return value if value <= LARGEST else None


def _parse_decimal(digits: str) -> int | None:
    if not (digits.isascii() and digits.isdigit() and len(digits) <= len(str(LARGEST))):
        return None
    value = int(digits)
    return value if value <= LARGEST else None
