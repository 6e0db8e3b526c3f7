"""Finding names in chunks, with the C library and without."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipper.channels import parse_channels
from shipper.sources.evtx import scan

SLOT = 64
NEEDLES = (b"one", b"other")


def finders() -> list[tuple[scan.Finder, ...]]:
    return [scan.make_finders(NEEDLES), (scan.PatternFinder(NEEDLES),)]


@pytest.mark.parametrize("finder", finders(), ids=["the platform's", "re"])
def test_slots_with_any_of_the_names_are_marked(finder: tuple[scan.Finder, ...]) -> None:
    buffer = bytearray(5 * SLOT)
    buffer[10:13] = b"one"
    buffer[20:23] = b"one"
    buffer[3 * SLOT : 3 * SLOT + 5] = b"other"
    assert scan.marked_slots(buffer, len(buffer), SLOT, finder) == {0, 3}


@pytest.mark.parametrize("finder", finders(), ids=["the platform's", "re"])
def test_what_lies_behind_the_filled_part_is_not_searched(finder: tuple[scan.Finder, ...]) -> None:
    buffer = bytearray(2 * SLOT)
    buffer[SLOT - 1 : SLOT + 2] = b"one"
    assert scan.marked_slots(buffer, SLOT + 1, SLOT, finder) == set()


def test_both_ways_find_the_same() -> None:
    chance = random.Random(7)  # noqa: S311 - no secret
    for _ in range(200):
        buffer = bytearray(chance.choices(b"oneothr", k=8 * SLOT))
        platform, pattern = (scan.marked_slots(buffer, len(buffer), SLOT, each) for each in finders())
        expected = {at // SLOT for needle in NEEDLES for at in range(len(buffer)) if buffer.startswith(needle, at)}
        assert platform == pattern == expected


def test_a_buffer_can_be_resized_after_a_search() -> None:
    buffer = bytearray(SLOT)
    scan.marked_slots(buffer, SLOT, SLOT, scan.make_finders(NEEDLES))
    buffer.extend(b"x")  # raises BufferError where a search holds on to it
    assert len(buffer) == SLOT + 1


def test_the_names_of_the_connector_share_a_part_and_names_of_windows_none() -> None:
    assert scan.shared_part(parse_channels("connector").needles()) == b"\0" + "Connector".encode("utf-16-le")
    assert scan.shared_part(parse_channels("Microsoft-Windows-A,Microsoft-Windows-B").needles()) is None


def test_a_shared_part_alone_marks_nothing() -> None:
    needles = parse_channels("connector").needles()
    (find,) = scan.make_finders(needles)
    quoted = "the Connector, a Connectors/ and Intune Connector".encode("utf-16-le")
    assert find(bytearray(quoted), 0, len(quoted)) == -1
    whole = bytearray(quoted + needles[1] + quoted + needles[0])
    assert find(whole, 0, len(whole)) == len(quoted)
    assert find(whole, len(quoted) + 1, len(whole)) == 2 * len(quoted) + len(needles[1])


PIECES = [*parse_channels("connector").needles(), b"\0C\0o", "Connector".encode("utf-16-le"), b"\0" * 9]


@given(st.lists(st.sampled_from(PIECES), max_size=9))
def test_one_search_for_the_shared_part_finds_what_a_pattern_finds(parts: list[bytes]) -> None:
    needles = parse_channels("connector").needles()
    buffer = bytearray(b"".join(parts))
    (find,) = scan.make_finders(needles)
    assert find(buffer, 0, len(buffer)) == scan.PatternFinder(needles)(buffer, 0, len(buffer))
