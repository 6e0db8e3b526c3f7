"""What the emitter writes, read by PyYAML: the same values come back, whatever stands in them."""

import pytest
import yaml as library
from hypothesis import given
from hypothesis import strategies as st

from shipper.rules.targets import yaml

#: Any text that a TOML file may hold: no lone surrogates.
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
SCALARS = st.one_of(TEXTS, st.integers(), st.booleans())
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXTS, inner, max_size=4)),
    max_leaves=8,
)


@given(st.dictionaries(TEXTS, VALUES, max_size=4))
def test_what_is_written_is_read_again(value: dict[str, yaml.Value]) -> None:
    assert (library.safe_load(yaml.document(value)) or {}) == value


@given(st.dictionaries(TEXTS, VALUES, min_size=1, max_size=4))
def test_every_line_can_be_seen_whole(value: dict[str, yaml.Value]) -> None:
    assert all(line.isprintable() for line in yaml.document(value).split("\n"))


def test_a_comment_stands_before_the_document_and_is_none_of_it() -> None:
    text = yaml.document({"a": 1}, "first\n\nthird")
    assert text == "# first\n#\n# third\na: 1\n"


@pytest.mark.parametrize(
    "text", ["yes", "no", "null", "~", "1", "1e3", "0x1F", "012", "1:30", "2026-11-29", "", " ", "- a"]
)
def test_a_text_stays_a_text(text: str) -> None:
    assert library.safe_load(yaml.document({"a": text, "b": [text]})) == {"a": text, "b": [text]}


def test_the_style_is_that_of_a_file_for_people() -> None:
    value: dict[str, yaml.Value] = {"list": ["a", {"b": 1, "c": [True, []]}], "empty": {}, "Field|exists": True}
    assert yaml.document(value) == (
        'list:\n  - "a"\n  - b: 1\n    c:\n      - true\n      - []\nempty: {}\nField|exists: true\n'
    )
