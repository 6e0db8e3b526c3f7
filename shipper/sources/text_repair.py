"""Makes text readable that strict parsers refuse, and counts the characters lost by it. Used only after a refusal."""

import re
import sys
from collections.abc import Callable

REPLACEMENT = "\ufffd"

#: A surrogate code point in UTF-8: forbidden, and what lax writers make of a lone surrogate.
_SURROGATE_BYTES = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")
#: Characters that XML 1.0 does not have (https://www.w3.org/TR/xml/#charsets).
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_REFERENCE = re.compile(r"&#(?:x([0-9a-fA-F]{1,9})|([0-9]{1,10}));")
_JSON_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_JSON_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL
)
_CONTROL = re.compile(rb"[\x00-\x1f]")


def decode_utf_8(data: bytes) -> tuple[str, int]:
    """Return bytes as text, and how many characters could not be decoded and became U+FFFD."""
    data, surrogates = _SURROGATE_BYTES.subn(REPLACEMENT.encode(), data)
    honest = data.count(REPLACEMENT.encode()) - surrogates
    text = data.decode("utf-8", "replace")
    return text, text.count(REPLACEMENT) - honest


def repair_xml(data: bytes) -> tuple[str, int]:
    """Return XML without the characters that XML does not have, and how many became U+FFFD."""
    text, undecodable = decode_utf_8(data)
    text, illegal = _NOT_XML.subn(REPLACEMENT, text)
    count = _Count(_legal_reference)
    return _REFERENCE.sub(count, text), undecodable + illegal + count.replaced


class _Count:
    """A replacement for ``re.sub`` that knows how often it replaced."""

    def __init__(self, kept: Callable[[re.Match[str]], bool]) -> None:
        self.replaced = 0
        self._kept = kept

    def __call__(self, match: re.Match[str]) -> str:
        if self._kept(match):
            return match[0]
        self.replaced += 1
        return REPLACEMENT


def _legal_reference(match: re.Match[str]) -> bool:
    code = int(match[1], 16) if match[1] else int(match[2])
    return code <= sys.maxunicode and not _NOT_XML.match(chr(code))


def repair_json(data: bytes) -> tuple[bytes, int]:
    """Return a JSON text whose strings are well formed, and how many characters became U+FFFD.

    Lone surrogates and bytes that are no UTF-8 are replaced; control characters written as they are become escapes.
    """
    text, replaced = decode_utf_8(data)
    lone = 0

    def escape(match: re.Match[bytes]) -> bytes:
        nonlocal lone
        if match[1] is None:
            return match[0]
        lone += 1
        return b"\\ufffd"

    def string(match: re.Match[bytes]) -> bytes:
        whole = _CONTROL.sub(lambda control: b"\\u%04x" % ord(control[0]), match[0])
        return _JSON_ESCAPE.sub(escape, whole)

    return _JSON_STRING.sub(string, text.encode()), replaced + lone
