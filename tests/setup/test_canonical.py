from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from shipper.setup.canonical import canonical, covers, is_sealed, sealed

BODY = {"template": {"settings": {"index": {"number_of_shards": 1}}}, "_meta": {"managed_by": "us"}, "version": 3}
JSON = st.recursive(
    st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=12,
)
BODIES = st.dictionaries(st.text(max_size=5).filter(lambda key: key != "_meta"), JSON, max_size=4)


def test_numbers_flags_and_texts_of_the_same_spelling_are_equal() -> None:
    assert canonical({"a": 1, "b": False}) == canonical({"b": "false", "a": "1"})


def test_what_a_server_adds_by_itself_makes_no_difference() -> None:
    given_body: dict[str, Any] = {"data_stream": {}, "template": {"lifecycle": {"data_retention": "9d"}}}
    read_back: dict[str, Any] = {
        "data_stream": {"hidden": False, "allow_custom_routing": False},
        "template": {"lifecycle": {"enabled": True, "data_retention": "9d"}},
        "created_date_millis": 5,
    }
    assert canonical(given_body) == canonical(read_back)


def test_a_hidden_data_stream_is_a_difference() -> None:
    assert canonical({"data_stream": {"hidden": True}}) != canonical({"data_stream": {}})


def test_a_seal_breaks_when_anything_is_changed() -> None:
    body = sealed(BODY)
    assert is_sealed(body)
    assert not is_sealed({**body, "version": 4})
    assert not is_sealed(BODY)


@given(BODIES)
def test_a_seal_makes_no_difference(body: dict[str, Any]) -> None:
    assert canonical(sealed(body)) == canonical(body)
    assert is_sealed(sealed(body))


@given(BODIES)
def test_canonical_is_a_fixed_point(body: dict[str, Any]) -> None:
    assert canonical(canonical(body)) == canonical(body)


def test_more_fields_than_wanted_do_not_matter_and_fewer_do() -> None:
    wanted = {"properties": {"a": {"type": "keyword"}}}
    assert covers({"properties": {"a": {"type": "keyword"}, "b": {"type": "long"}}}, wanted)
    assert not covers({"properties": {"b": {"type": "long"}}}, wanted)
    assert not covers({"properties": {"a": {"type": "text"}}}, wanted)
