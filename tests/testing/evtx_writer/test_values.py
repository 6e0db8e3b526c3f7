"""Every type of value comes back from every reader, in the reader's own rendering."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest

from shipper.testing.evtx_writer import (
    EventSpec,
    Value,
    ansi,
    binary,
    boolean,
    build_log,
    filetime,
    guid,
    hex32,
    hex64,
    i32,
    i64,
    null,
    sid,
    strings,
    systemtime,
    u8,
    u16,
    u32,
    u64,
    write_log,
)

Read = Callable[[Path], list[tuple[int, Element]]]
Make = Callable[..., EventSpec]
#: What a reader renders; ``*`` for those that are not named, ``None`` for one that leaves the element out.
Renderings = Mapping[str, str | None]

TIME = datetime(2026, 11, 20, 9, 30, 1, 500000, tzinfo=UTC)
GUID = "{0f67e49f-fe51-4e9f-b490-6f2948cc6027}"

VALUES: dict[str, tuple[str | Value, Renderings]] = {
    "text": ("plain", {"*": "plain"}),
    "empty text": ("", {"*": ""}),
    "text beyond ASCII": ("perch\u00e9 \u4e2d \U0001f511 <&>\"'", {"*": "perch\u00e9 \u4e2d \U0001f511 <&>\"'"}),
    "text with line feeds": ("one\ntwo\tthree", {"*": "one\ntwo\tthree"}),
    "long text": ("x" * 31_000, {"*": "x" * 31_000}),
    "ansi": (ansi("plain"), {"*": "plain"}),
    "u8": (u8(255), {"*": "255"}),
    "u16": (u16(65535), {"*": "65535"}),
    "u32": (u32(4294967295), {"*": "4294967295"}),
    "u64": (u64(2**64 - 1), {"*": "18446744073709551615"}),
    # libevtx 20260705 renders a negative i32 with only its sign bit taken off
    "i32": (i32(-5), {"*": "-5", "libevtx": "-2147483643"}),
    "i32 above zero": (i32(5), {"*": "5"}),
    "i64 above zero": (i64(2**62), {"*": "4611686018427387904"}),
    "hex32": (hex32(0x411), {"*": "0x00000411", "rust": "0x411"}),
    "hex64": (hex64(0x800706BA), {"*": "0x00000000800706ba", "rust": "0x800706ba"}),
    "true": (boolean(True), {"*": "true", "python-evtx": "True"}),
    "false": (boolean(False), {"*": "false", "python-evtx": "False"}),
    "binary": (binary(b"\xde\xad\x00"), {"*": "DEAD00", "python-evtx": "3q0A"}),
    "guid": (
        guid(GUID),
        {"rust": GUID.strip("{}").upper(), "python-evtx": GUID, "libevtx": GUID.upper()},
    ),
    "sid": (sid("S-1-5-21-1-2-3-500"), {"*": "S-1-5-21-1-2-3-500"}),
    "filetime": (
        filetime(TIME),
        {
            "rust": "2026-11-20T09:30:01.500000Z",
            "python-evtx": "2026-11-20 09:30:01.500000+00:00",
            "libevtx": "2026-11-20T09:30:01.500000000Z",
        },
    ),
    # python-evtx 0.8.1 takes the milliseconds of a SYSTEMTIME for microseconds
    "systemtime": (
        systemtime(TIME),
        {
            "rust": "2026-11-20T09:30:01.500000Z",
            "python-evtx": "2026-11-20 09:30:01.000500",
            "libevtx": "2026-11-20T09:30:01.500000000Z",
        },
    ),
    "absent": (null(), {"*": "", "libevtx": None}),
}


@pytest.mark.parametrize("name", VALUES)
def test_a_named_value_comes_back(read: Read, reader: str, event: Make, tmp_path: Path, name: str) -> None:
    value, renderings = VALUES[name]
    write_log(tmp_path / "log.evtx", [event(data=(("Before", "b"), ("Field", value), ("After", "a")))])
    [(_, root)] = read(tmp_path / "log.evtx")
    fields = {data.get("Name"): data.text or "" for data in root.iter("Data")}
    expected = renderings.get(reader, renderings.get("*"))
    assert fields == {"Before": "b", "After": "a"} | ({} if expected is None else {"Field": expected})


def test_every_string_of_a_named_array_comes_back(read: Read, event: Make, tmp_path: Path) -> None:
    write_log(tmp_path / "log.evtx", [event(data=(("Field", strings("one", "two")),))])
    [(_, root)] = read(tmp_path / "log.evtx")
    assert [(data.get("Name"), data.text) for data in root.iter("Data")] == [("Field", "one"), ("Field", "two")]


@pytest.mark.parametrize("units", [b"x\0\x00\xd8y\0", b"x\0\x00\xdcy\0"])
def test_a_lone_surrogate_stands_in_the_log_as_its_unit(event: Make, units: bytes) -> None:
    # No reader of the three gives it back: the Rust one drops it, the other two fail on the record.
    text = units.decode("utf-16-le", "surrogatepass")
    assert units in build_log([event(data=(("Field", text),))])


def test_a_sid_without_authority_is_refused() -> None:
    with pytest.raises(ValueError, match="not a SID"):
        sid("S-1")
