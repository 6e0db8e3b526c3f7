"""Values of EventData and UserData, of every type, by both ways a record may take."""

import struct
from collections.abc import Callable
from typing import Any

import pytest

from shipper.testing.evtx_writer import (
    Element,
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
    u8,
    u16,
    u32,
    u64,
)

Spec = Callable[..., EventSpec]
Reader = Callable[..., Any]
REAL32, REAL64, SIZE_T, BOOL_ARRAY, U32_ARRAY = 0x0B, 0x0C, 0x10, 0x8D, 0x88


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("text", "text"),
        ("", ""),
        ("  spaces  ", "  spaces  "),
        ("\U0001f600 è", "\U0001f600 è"),
        (null(), ""),
        (ansi("café"), "café"),
        (u8(255), "255"),
        (u16(65535), "65535"),
        (u32(2**32 - 1), "4294967295"),
        (u64(2**64 - 1), "18446744073709551615"),
        (i32(-3), "-3"),
        (i64(-(2**63)), "-9223372036854775808"),
        (Value(REAL32, struct.pack("<f", 1.5)), "1.5"),
        (Value(REAL64, struct.pack("<d", 0.1)), "0.1"),
        (boolean(True), "true"),
        (boolean(False), "false"),
        (hex32(0x411), "0x411"),
        (hex64(2**64 - 1), "0xffffffffffffffff"),
        (Value(SIZE_T, struct.pack("<Q", 255)), "0xff"),
        (sid("S-1-5-18"), "S-1-5-18"),
        (guid("{00112233-4455-6677-8899-aabbccddeeff}"), "00112233-4455-6677-8899-AABBCCDDEEFF"),
        (binary(b"\x01\x02\xff"), "0102FF"),
        (filetime(133_000_000_001_234_560), "2022-06-18T04:26:40.123456Z"),
    ],
)
def test_a_named_value_is_text(spec: Spec, read: Reader, value: str | Value, text: str) -> None:
    (event,) = read(build_log([spec(data=(("Name", value), ("Other", "beside")))])).events
    assert event.data == (("Name", text), ("Other", "beside"))


def test_one_unnamed_text_is_a_list_of_one(spec: Spec, read: Reader) -> None:
    assert read(build_log([spec(1, "only")])).events[0].data == ((None, "only"),)


def test_unnamed_texts_keep_their_order_and_their_empty_ones(spec: Spec, read: Reader) -> None:
    texts = ("", "", "a", "", "b", "")
    assert read(build_log([spec(1, *texts)])).events[0].data == tuple((None, text) for text in texts)


def test_binary_of_a_classic_event_stands_last(spec: Spec, read: Reader) -> None:
    assert read(build_log([spec(1, "a", binary=b"\xab\xcd")])).events[0].data == ((None, "a"), ("Binary", "ABCD"))


def test_a_name_that_stands_twice_is_there_twice(spec: Spec, read: Reader) -> None:
    data = (("Name", "one"), ("Name", "two"), ("Other", 'it says "Name":"three"'))
    assert read(build_log([spec(data=data)])).events[0].data == data


def test_an_array_of_texts_under_one_name_is_one_pair_each(spec: Spec, read: Reader) -> None:
    (event,) = read(build_log([spec(data=(("Name", strings("a", "b")), ("Other", "c")))])).events
    assert event.data == (("Name", "a"), ("Name", "b"), ("Other", "c"))


@pytest.mark.parametrize(
    ("kind", "raw", "texts"),
    [
        (U32_ARRAY, struct.pack("<3I", 7, 8, 9), ("7", "8", "9")),
        (BOOL_ARRAY, struct.pack("<2I", 1, 0), ("true", "false")),
    ],
)
def test_arrays_of_other_types_are_one_pair_each(
    spec: Spec, read: Reader, kind: int, raw: bytes, texts: tuple[str, ...]
) -> None:
    (event,) = read(build_log([spec(data=(("Name", Value(kind, raw)),))])).events
    assert event.data == tuple(("Name", text) for text in texts)


def test_json_in_a_value_stays_text(spec: Spec, read: Reader) -> None:
    text = '{"Metric": {"Dimensions": {"a": "b\\\\c \\" d"}}}'
    assert read(build_log([spec(data=(("Details", text),))])).events[0].data == (("Details", text),)


def test_control_characters_in_a_value_survive(spec: Spec, read: Reader) -> None:
    text = "a\x01\x08\x0c\x1f\x7f\tb"
    assert read(build_log([spec(data=(("Name", text),))])).events[0].data == (("Name", text),)


def test_user_data_becomes_paths_and_texts(spec: Spec, read: Reader) -> None:
    item = Element("Item", "v", attributes=(("kind", "k"),))
    tree = Element("Root", children=(item, Element("Item", u32(5)), Element("Deep", children=(Element("Leaf", "x"),))))
    (event,) = read(build_log([spec(data=(), user_data=tree)])).events
    assert event.data == ()
    assert event.user_data == (
        ("Root.Item.kind", "k"),
        ("Root.Item", "v"),
        ("Root.Item", "5"),
        ("Root.Deep.Leaf", "x"),
    )


def test_an_event_without_data_has_none(spec: Spec, read: Reader) -> None:
    assert read(build_log([spec(data=())])).events[0].data == ()


def test_a_text_of_31_kb_is_whole(spec: Spec, read: Reader) -> None:
    text = "x" * 31_000
    assert read(build_log([spec(1, text)])).events[0].data == ((None, text),)
