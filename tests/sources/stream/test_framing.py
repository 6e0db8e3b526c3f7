"""Where events begin and end, however they are laid out."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shipper.model import Problem
from shipper.sources.stream.framing import Frame, Framer

Line = Callable[..., bytes]
Reader = Callable[..., Any]

LIMIT = 200


def framed(*blocks: bytes, limit: int = 1 << 20) -> list[Frame | Problem]:
    framer = Framer("-", limit)
    found = [item for block in blocks for item in framer.feed(block)]
    return found + list(framer.finish())


def texts(*blocks: bytes) -> list[bytes]:
    return [item.text for item in framed(*blocks) if isinstance(item, Frame)]


EVENT = b"<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><EventID>1</EventID></System></Event>"


@pytest.mark.parametrize(
    "content",
    [
        EVENT + b"\n" + EVENT + b"\n",
        EVENT + EVENT,
        b"<?xml version='1.0' encoding='utf-8' standalone='yes'?>\r\n<Events>" + EVENT + EVENT + b"</Events>",
        b"\xef\xbb\xbf<Events xmlns='x'>\n\n" + EVENT + b"\n<!-- <Event> -->\n" + EVENT + b"\n</Events>\n",
        EVENT + b"\x00\x00\x00" + EVENT,
        EVENT + b"\n\xef\xbb\xbf" + EVENT,
    ],
)
def test_events_are_found_in_every_layout_that_windows_tools_write(content: bytes) -> None:
    assert framed(content) == [item for item in framed(content) if isinstance(item, Frame)]
    assert texts(content) == [EVENT, EVENT]


def test_an_event_may_be_spread_over_many_lines() -> None:
    spread = EVENT.replace(b"><", b">\r\n  <")
    assert texts(spread + b"\n" + spread) == [spread, spread]


def test_json_lines_and_xml_may_alternate() -> None:
    assert texts(b'{"a":1}\n' + EVENT + b'\n{"b":2}\n' + EVENT) == [b'{"a":1}', EVENT, b'{"b":2}', EVENT]


def test_a_frame_knows_its_line_and_its_offset() -> None:
    content = b'\n{"a":1}\n  ' + EVENT.replace(b"><", b">\n<") + b'\n{"b":2}'
    frames = [item for item in framed(content) if isinstance(item, Frame)]
    assert [frame.line for frame in frames] == [2, 3, 3 + EVENT.count(b"><") + 1]
    assert [content[frame.offset : frame.offset + len(frame.text)] for frame in frames] == [
        frame.text for frame in frames
    ]


def test_an_element_named_event_inside_an_event_does_not_end_it() -> None:
    nested = EVENT.replace(b"</System>", b"</System><UserData><Event a='b'>x</Event><Event/></UserData>")
    assert texts(nested + EVENT) == [nested, EVENT]


def test_an_event_without_its_end_is_reported_and_the_next_one_kept() -> None:
    (lost, kept) = framed(EVENT[:-20] + b"\n" + EVENT)
    assert isinstance(lost, Problem)
    assert lost.reason == "the next event begins before this one ends"
    assert isinstance(kept, Frame)
    assert kept.line == 2


def test_an_event_cut_off_at_the_end_is_reported() -> None:
    (kept, lost) = framed(EVENT + EVENT[:50])
    assert isinstance(kept, Frame)
    assert isinstance(lost, Problem)
    assert lost.reason == "event cut off by the end of the input"


def test_a_prefix_in_front_of_an_event_is_reported_and_the_event_kept() -> None:
    (junk, kept) = framed(b"Nov 20 09:30:00 host " + EVENT)
    assert isinstance(junk, Problem)
    assert isinstance(kept, Frame)


def test_what_is_neither_is_shown_in_ascii() -> None:
    (junk,) = framed(b"\x1b[31mred\x9b\n")
    assert isinstance(junk, Problem)
    assert junk.reason.endswith(r"starts with '\x1b[31mred\ufffd'")


def test_a_document_type_definition_is_refused() -> None:
    content = b'<!DOCTYPE Events [\n<!ENTITY a "ha">\n<!ENTITY b "&a;&a;">\n]>\n<Events>' + EVENT + b"</Events>"
    (refused, kept) = framed(content)
    assert isinstance(refused, Problem)
    assert "document type definition is refused" in refused.reason
    assert isinstance(kept, Frame)
    assert kept.line == 5


def test_a_line_beyond_the_limit_is_passed_over_and_reading_goes_on() -> None:
    content = b'{"a":"' + b"x" * 1000 + b'"}\n{"b":2}\n'
    for size in (7, 64, len(content)):
        blocks = [content[at : at + size] for at in range(0, len(content), size)]
        (lost, kept) = framed(*blocks, limit=LIMIT)
        assert isinstance(lost, Problem)
        assert "limit of 200" in lost.reason
        assert isinstance(kept, Frame)
        assert (kept.line, kept.offset) == (2, content.index(b'{"b"'))


def test_an_event_beyond_the_limit_is_passed_over_and_reading_goes_on() -> None:
    content = EVENT.replace(b"</System>", b"\n" + b"<x/>" * 400 + b"</System>") + b"\n" + EVENT
    for size in (7, 64, len(content)):
        blocks = [content[at : at + size] for at in range(0, len(content), size)]
        (lost, kept) = framed(*blocks, limit=LIMIT)
        assert isinstance(lost, Problem)
        assert isinstance(kept, Frame)
        assert (kept.line, kept.text) == (3, EVENT)


PIECES = st.sampled_from([
    b'{"a":1}', b"{", b"\n", b" ", b"\x00", b"junk", b"\xef\xbb\xbf", EVENT, EVENT[:30], b"<Event>",
    b"</Event>", b"<Event/>", b"<", b">", b"<Events>", b"</Events>", b"<!--", b"-->", b"<?xml ", b"?>",
    b"<!DOCTYPE a [", b"]>",
])  # fmt: skip


def test_blank_lines_between_objects_are_nothing() -> None:
    assert [frame.text for frame in framed(b'{"a":1}\n\n \n{"b":2}\n\n') if isinstance(frame, Frame)] == [
        b'{"a":1}',
        b'{"b":2}',
    ]
    assert len(framed(b'{"a":1}\n\n \n{"b":2}\n\n')) == 2


@example(b'{"a":1}\n\n' + EVENT, 1)
@given(st.lists(PIECES, max_size=20).map(b"".join), st.integers(1, 40))
def test_where_blocks_end_makes_no_difference(content: bytes, size: int) -> None:
    blocks = [content[at : at + size] for at in range(0, len(content), size)]
    assert framed(*blocks) == framed(content)


@given(st.lists(PIECES | st.binary(max_size=8), max_size=30).map(b"".join))
def test_frames_are_pieces_of_the_stream_in_order(content: bytes) -> None:
    end = 0
    for frame in framed(content):
        if isinstance(frame, Frame):
            assert frame.offset >= end
            assert content[frame.offset :].startswith(frame.text)
            assert frame.line == content.count(b"\n", 0, frame.offset) + 1
            end = frame.offset + len(frame.text)
