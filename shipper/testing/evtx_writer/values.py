"""Values of the types that a template instance may carry, already in their bytes.

Source: MS-EVEN6, section 2.2.18 (value types) and the libevtx documentation, section "Value types".
"""

import struct
import uuid
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import msgspec

STRING = 0x01
ANSI = 0x02
BINARY = 0x0E
GUID = 0x0F
FILETIME = 0x11
SID = 0x13
BINXML = 0x21
STRINGS = 0x81

_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_SID_PARTS_BEFORE_SUBAUTHORITIES = 3


class Value(msgspec.Struct, frozen=True):
    """One value: its type in the instance and its bytes."""

    kind: int
    raw: bytes


def utf16(text: str) -> bytes:
    """Encode text as UTF-16 little-endian; lone surrogates stay what they are, as Windows keeps them."""
    return text.encode("utf-16-le", "surrogatepass")


def ticks(time: datetime | int) -> int:
    """Return a FILETIME: 100 ns since 1601-01-01 UTC; an int is one already.

    Raises:
        ValueError: the time has no zone.
    """
    if isinstance(time, int):
        return time
    if time.tzinfo is None:
        raise ValueError(f"time without a zone: {time}")
    return (time - _EPOCH) // timedelta(microseconds=1) * 10


@lru_cache(maxsize=4096)
def sid_bytes(text: str) -> bytes:
    """Return the binary form of a SID such as ``S-1-5-18``.

    Source: MS-DTYP, section 2.4.2.2.
    """
    parts = text.split("-")
    if parts[0] != "S" or len(parts) < _SID_PARTS_BEFORE_SUBAUTHORITIES:
        raise ValueError(f"not a SID: {text}")
    revision, authority, *subs = (int(part) for part in parts[1:])
    return struct.pack("<BB", revision, len(subs)) + authority.to_bytes(6, "big") + struct.pack(f"<{len(subs)}I", *subs)


def guid_bytes(text: str) -> bytes:
    """Return the 16 bytes of a GUID, with or without braces."""
    return uuid.UUID(text).bytes_le


def ansi(text: str) -> Value:
    """Make a string of code page 1252 (type 0x02)."""
    return Value(ANSI, text.encode("cp1252"))


def u8(number: int) -> Value:
    """Make an unsigned byte (type 0x04)."""
    return Value(0x04, struct.pack("<B", number))


def u16(number: int) -> Value:
    """Make an unsigned 16-bit integer (type 0x06)."""
    return Value(0x06, struct.pack("<H", number))


def i32(number: int) -> Value:
    """Make a signed 32-bit integer (type 0x07)."""
    return Value(0x07, struct.pack("<i", number))


def u32(number: int) -> Value:
    """Make an unsigned 32-bit integer (type 0x08)."""
    return Value(0x08, struct.pack("<I", number))


def i64(number: int) -> Value:
    """Make a signed 64-bit integer (type 0x09)."""
    return Value(0x09, struct.pack("<q", number))


def u64(number: int) -> Value:
    """Make an unsigned 64-bit integer (type 0x0A)."""
    return Value(0x0A, struct.pack("<Q", number))


def boolean(truth: bool) -> Value:
    """Make a boolean of four bytes (type 0x0D)."""
    return Value(0x0D, struct.pack("<I", truth))


def binary(raw: bytes) -> Value:
    """Make binary data (type 0x0E)."""
    return Value(BINARY, raw)


def guid(text: str) -> Value:
    """Make a GUID (type 0x0F)."""
    return Value(GUID, guid_bytes(text))


def filetime(time: datetime | int) -> Value:
    """Make a FILETIME (type 0x11) of an aware time, or of 100 ns since 1601."""
    return Value(FILETIME, struct.pack("<Q", ticks(time)))


def systemtime(time: datetime) -> Value:
    """Make a SYSTEMTIME (type 0x12): milliseconds; what is finer is lost."""
    utc = time.astimezone(UTC)
    date = (utc.year, utc.month, utc.isoweekday() % 7, utc.day)
    clock = (utc.hour, utc.minute, utc.second, utc.microsecond // 1000)
    return Value(0x12, struct.pack("<8H", *date, *clock))


def sid(text: str) -> Value:
    """Make a SID (type 0x13) of its text ``S-1-...``."""
    return Value(SID, sid_bytes(text))


def hex32(number: int) -> Value:
    """Make a 32-bit integer that is shown as hexadecimal (type 0x14)."""
    return Value(0x14, struct.pack("<I", number))


def hex64(number: int) -> Value:
    """Make a 64-bit integer that is shown as hexadecimal (type 0x15)."""
    return Value(0x15, struct.pack("<Q", number))


def strings(*texts: str) -> Value:
    """Make an array of strings (type 0x81), each closed by a NUL: how Windows stores the strings of a classic event."""
    return Value(STRINGS, utf16("".join(f"{text}\0" for text in texts)))


def null() -> Value:
    """Make an absent value (type 0x00)."""
    return Value(0x00, b"")
