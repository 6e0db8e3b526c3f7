"""The one spelling of System's values, whatever wrote them: the same event is the same by every way it comes."""

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

import msgspec

#: Largest System/EventRecordID (https://learn.microsoft.com/windows/win32/wes/eventschema-systempropertiestype-complextype).
RECORD_ID_MAX = 2**64 - 1
#: System/EventID is 16 bits; a larger number is an identifier whose upper half are the qualifiers.
EVENT_ID_MAX = 0xFFFF

_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d):([0-5]\d)(?:[.,](\d+))?\s*(?:[Zz]|([+-])(\d\d):?(\d\d))?", re.ASCII
)
_GUID = re.compile(r"\{?([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})\}?", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DIGITS_OF_100_NS = 7
#: A longer number is none of System's; int() of a megabyte of digits would take minutes.
_DIGITS_OF_64_BITS = 20


class Moment(msgspec.Struct, frozen=True):
    """A time as ``Event`` holds it: RFC 3339 in UTC, and whole seconds since 1970 rounded down."""

    text: str
    seconds: int


def moment(text: str | None) -> Moment | None:
    """Return the moment that an RFC 3339 or ISO 8601 time names, ``None`` where it names none.

    A time without a zone is UTC. The fraction keeps the digits that the text has, at most seven (100 ns, all that
    Windows measures), six where the seventh is zero.
    """
    match = _TIME.fullmatch(text) if text else None
    if match is None:
        return None
    day, minute, second, fraction, sign, hours, minutes = match.groups()
    try:
        base_s = _minute_s(f"{day}T{minute}") - _zone_s(sign, hours, minutes)
    except (ValueError, OverflowError):
        return None
    if sign is None or (hours, minutes) == ("00", "00"):
        return Moment(f"{day}T{minute}:{second}{_fraction(fraction)}Z", base_s + int(second))
    return _shifted(base_s + int(second), fraction)


@lru_cache(maxsize=1024)
def _minute_s(minute: str) -> int:
    return (datetime.fromisoformat(f"{minute}:00+00:00") - _EPOCH) // timedelta(seconds=1)


def _zone_s(sign: str | None, hours: str, minutes: str) -> int:
    if sign is None:
        return 0
    offset_s = int(hours) * 3600 + int(minutes) * 60
    timezone(timedelta(seconds=offset_s))  # refuses what no clock shows
    return -offset_s if sign == "-" else offset_s


def _fraction(digits: str | None) -> str:
    if not digits:
        return ""
    kept = digits[:_DIGITS_OF_100_NS]
    return "." + (kept[:-1] if len(kept) == _DIGITS_OF_100_NS and kept[-1] == "0" else kept)


def _shifted(seconds: int, fraction: str | None) -> Moment | None:
    try:
        shown = (_EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S")
    except OverflowError:
        return None
    return Moment(f"{shown}{_fraction(fraction)}Z", seconds)


def guid(text: str | None) -> str | None:
    """Return a GUID in braces and lower case, ``None`` for an empty text; what is no GUID stays as it is."""
    if not text:
        return None
    match = _GUID.fullmatch(text)
    return "{" + match[1].lower() + "}" if match else text


def mask(text: str | None) -> str | None:
    """Return a keywords mask as ``0x`` and 16 digits, ``None`` where the text is no 64-bit number."""
    value = number(text)
    return None if value is None or value > RECORD_ID_MAX else f"0x{value:016x}"


def number(text: str | int | None) -> int | None:
    """Return a whole number of at least 0, written in decimal or as ``0x``; ``None`` where there is none."""
    if isinstance(text, str):
        return _number_in(text.strip())
    return text if text is not None and text >= 0 else None


def _number_in(text: str) -> int | None:
    if len(text) > _DIGITS_OF_64_BITS or not text.isascii():
        return None
    try:
        value = int(text, 16) if text[:2] in {"0x", "0X"} else int(text)
    except ValueError:
        return None
    return value if value >= 0 else None


def record_id(text: str | int | None) -> int | None:
    """Return a System/EventRecordID, ``None`` where it is absent or beyond 64 bits."""
    value = number(text)
    return None if value is None or value > RECORD_ID_MAX else value


def event_id(text: str | int | None) -> tuple[int, int] | None:
    """Return a System/EventID and the qualifiers above its 16 bits, ``None`` where it is absent or beyond 32 bits."""
    value = number(text)
    return None if value is None or value >> 32 else (value & EVENT_ID_MAX, value >> 16)


def lines(text: str) -> str:
    """Return a text with line feeds alone, as XML readers and Winlogbeat have it."""
    return text.replace("\r\n", "\n") if "\r" in text else text
