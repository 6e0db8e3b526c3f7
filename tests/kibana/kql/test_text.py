"""Writing a query and reading it again."""

import contextlib

from hypothesis import example, given
from hypothesis import strategies as st

from shipper.kibana.kql import And, Everything, Exists, Is, KqlError, Like, Node, Not, Or, Range, parse, to_text
from shipper.kibana.kql.reader import TRIMMED

LETTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
PIECES = st.sampled_from(
    ["or", "and", "not", "Not ", " or ", " ", "\t", "*", "\\", '"', ":", "(", ")", "{", "<", "null", "true"]
)
TEXT = st.lists(st.one_of(PIECES, LETTERS), max_size=6).map("".join)
#: Without quotes, blanks at the ends are cut off and three words mean something else.
PLAIN = TEXT.map(lambda text: text.strip(TRIMMED)).filter(lambda text: text not in {"", "null", "true", "false"})
SOLID = TEXT.filter(lambda text: not any(letter.isspace() or letter in TRIMMED for letter in text))
LEAVES: st.SearchStrategy[Node] = st.one_of(
    st.just(Everything()),
    st.builds(Exists, PLAIN),
    st.builds(Is, PLAIN, TEXT, st.just(value=True)),
    st.builds(Is, PLAIN, st.one_of(PLAIN, st.booleans()), st.just(value=False)),
    st.builds(Range, PLAIN, st.sampled_from(["gt", "gte", "lt", "lte"]), TEXT),
    st.builds(Like, PLAIN, st.lists(SOLID, min_size=2, max_size=4).map(tuple).filter(any)),
)
NODES: st.SearchStrategy[Node] = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(And, st.lists(inner, min_size=2, max_size=3).map(tuple)),
        st.builds(Or, st.lists(inner, min_size=2, max_size=3).map(tuple)),
    ),
    max_leaves=6,
)
QUERY_PIECES = st.sampled_from(
    [
        "a",
        "b:",
        " and ",
        " or ",
        "not ",
        "(",
        ")",
        '"',
        "*",
        "\\",
        "\\u0041",
        "<",
        ">=",
        "{",
        "}",
        " ",
        "x",
        "\u00a0",
        "\\n",
    ]
)


@given(NODES)
def test_what_is_written_is_read_as_the_same(node: Node) -> None:
    assert parse(to_text(node)) == node


@given(st.lists(st.one_of(QUERY_PIECES, LETTERS), max_size=14).map("".join))
@example("a:x \\or y")
def test_any_text_is_a_query_that_can_be_written_again_or_a_fault_with_a_place_in_it(text: str) -> None:
    with contextlib.suppress(KqlError):
        assert parse(to_text(parse(text))) == parse(text)
