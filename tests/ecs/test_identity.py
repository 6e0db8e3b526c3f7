"""The ``_id``: frozen by vectors, and a function of its tuple alone."""

import json
import string
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipper.ecs.identity import document_id
from shipper.model import Event, Position

VECTORS = json.loads((Path(__file__).parent / "identity-vectors.json").read_text(encoding="utf-8"))
MAKE = Callable[..., Event]
NAMES = st.text(max_size=40)
PARTS = st.tuples(NAMES, NAMES, NAMES, st.integers(0, 2**64 - 1), st.integers(0, 65535), st.integers(-(2**40), 2**40))


def event_of(parts: tuple[str, str, str, int, int, int], **other: Any) -> Event:
    computer, channel, provider, record_id, event_id, time_s = parts
    return Event(
        other.pop("position", Position("a", 1)),
        provider,
        event_id,
        channel,
        computer,
        record_id,
        other.pop("time", "t"),
        time_s,
        **other,
    )


@pytest.mark.parametrize("vector", VECTORS, ids=range(len(VECTORS)))
def test_the_id_of_a_vector_is_frozen(vector: dict[str, Any]) -> None:
    names = ("computer", "channel", "provider", "record_id", "event_id", "time_s")
    assert document_id(event_of(tuple(vector[name] for name in names))) == vector["id"]


def test_there_are_five_vectors_and_two_of_them_differ_only_in_case() -> None:
    assert len(VECTORS) == 5
    assert VECTORS[1]["id"] == VECTORS[2]["id"]


def test_the_documentation_shows_the_vectors() -> None:
    page = (Path(__file__).parents[2] / "docs/reference/document.md").read_text(encoding="utf-8")
    for vector in VECTORS:
        assert f"`{vector['id']}`" in page


@given(PARTS)
def test_an_id_is_twenty_characters_safe_in_a_url(parts: tuple[str, str, str, int, int, int]) -> None:
    identity = document_id(event_of(parts))
    assert len(identity) == 20
    assert set(identity) <= set(string.ascii_letters + string.digits + "-_")


@given(PARTS, st.text(), st.text(), st.integers(0, 5))
def test_nothing_beside_the_tuple_changes_the_id(
    parts: tuple[str, str, str, int, int, int], text: str, more: str, level: int
) -> None:
    other = event_of(
        parts,
        position=Position("elsewhere.evtx", 99),
        time=text,
        data=((None, text), ("Name", more)),
        message=more,
        level=level,
        user_sid=text,
        raw=more,
    )
    assert document_id(other) == document_id(event_of(parts))


@given(PARTS, PARTS)
def test_another_tuple_has_another_id(
    one: tuple[str, str, str, int, int, int], other: tuple[str, str, str, int, int, int]
) -> None:
    def folded(parts: tuple[str, str, str, int, int, int]) -> tuple[object, ...]:
        return (*[name.casefold() for name in parts[:3]], *parts[3:])

    same = folded(one) == folded(other)
    assert (document_id(event_of(one)) == document_id(event_of(other))) is same


def test_names_that_run_together_stay_apart(event: MAKE) -> None:
    assert document_id(event(computer="ab", channel="c")) != document_id(event(computer="a", channel="bc"))


def test_an_event_without_its_record_id_is_known_by_its_raw_line(event: MAKE) -> None:
    one = event(missing=("record_id",), raw="line 1")
    assert document_id(one) == document_id(msgspec.structs.replace(one, record_id=7))
    assert document_id(one) != document_id(msgspec.structs.replace(one, raw="line 2"))


def test_a_weak_id_is_tagged(event: MAKE, fields: Callable[..., dict[str, Any]]) -> None:
    found = fields(event(missing=("record_id",), raw="line"))
    assert found["tags"] == ["weak_id"]
    assert "winlog.record_id" not in found
    assert "event.sequence" not in found


def test_a_lone_surrogate_in_a_name_is_hashed_as_its_replacement(event: MAKE) -> None:
    assert document_id(event(computer="a\ud800")) == document_id(event(computer="a\N{REPLACEMENT CHARACTER}"))
