"""The translation, asked of the real Elasticsearch: it finds what the words say."""

import random
import re
from collections.abc import Iterator

import elasticsearch
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shipper.kibana.kql import And, Everything, Exists, Is, Like, Node, Not, Or, Range, parse, to_dsl, to_text

MAPPINGS = {"properties": {"k": {"type": "keyword"}, "n": {"type": "long"}, "b": {"type": "boolean"}}}
WORDS = [
    "",
    "a",
    "A",
    "ab",
    "a*b",
    "a?b",
    "or",
    "x y",
    "x  y",
    'q"',
    "\\",
    "a/b",
    "é",
    "true",
    "0x00000411",
    "-1",
    "+",
    "&&",
    "~",
    "NOT",
]
PARTS = ["", "", "a", "b", "A", "x", "0x", "411", "/", "?", "\\", '"', "-", "&", "~", "+", "NOT", "é"]
Values = dict[str, list[str | int | bool]]


def corpus() -> dict[str, Values]:
    chance = random.Random(5)  # noqa: S311 (documents of a test)
    draws: dict[str, list[str | int | bool]] = {"k": [*WORDS], "n": [*range(-2, 4)], "b": [True, False]}
    return {
        f"d{number}": {
            field: chance.choices(values, k=count)
            for field, values in draws.items()
            if (count := chance.choice([0, 1, 1, 2]))
        }
        for number in range(80)
    }


DOCUMENTS = corpus()
#: Queries whose sense does not depend on what Elasticsearch makes of a value of another type.
LEAVES: st.SearchStrategy[Node] = st.one_of(
    st.just(Everything()),
    st.builds(Exists, st.sampled_from(["k", "n", "b", "gone"])),
    st.builds(Is, st.just("k"), st.sampled_from(WORDS), st.just(value=True)),
    st.builds(Is, st.just("k"), st.sampled_from([w for w in WORDS if w not in {"", "true"}]), st.just(value=False)),
    st.builds(Is, st.just("n"), st.sampled_from(["-1", "0", "2", "9"]), st.booleans()),
    st.builds(Is, st.just("b"), st.booleans(), st.just(value=False)),
    st.builds(Range, st.just("n"), st.sampled_from(["gt", "gte", "lt", "lte"]), st.sampled_from(["-1", "0", "1"])),
    st.builds(Range, st.just("k"), st.sampled_from(["gt", "gte", "lt", "lte"]), st.sampled_from(["", "A", "a*b", "é"])),
    st.builds(Like, st.just("k"), st.lists(st.sampled_from(PARTS), min_size=2, max_size=4).map(tuple).filter(any)),
)
NODES: st.SearchStrategy[Node] = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(And, st.lists(inner, min_size=2, max_size=3).map(tuple)),
        st.builds(Or, st.lists(inner, min_size=2, max_size=3).map(tuple)),
    ),
    max_leaves=5,
)


def meets(node: Node, values: Values) -> bool:
    match node:
        case Everything():
            return True
        case And():
            return all(meets(each, values) for each in node.nodes)
        case Or():
            return any(meets(each, values) for each in node.nodes)
        case Not():
            return not meets(node.node, values)
        case _:
            return any(_fits(node, value) for value in values.get(node.field, []))


def _fits(node: Is | Like | Exists | Range, value: str | int | bool) -> bool:
    match node:
        case Is():
            return str(value) == str(node.value)
        case Like():
            return re.fullmatch(".*".join(map(re.escape, node.parts)), str(value)) is not None
        case Exists():
            return True
        case Range(bound=bound, value=edge):
            order = (
                (value > int(edge)) - (value < int(edge)) if isinstance(value, int) else (value > edge) - (value < edge)
            )
            return {"gt": order > 0, "gte": order >= 0, "lt": order < 0, "lte": order <= 0}[bound]


@pytest.fixture(scope="module")
def index(es: elasticsearch.Elasticsearch) -> Iterator[str]:
    name = "kql-by-chance"
    es.options(ignore_status=404).indices.delete(index=name)
    es.indices.create(index=name, mappings=MAPPINGS)
    es.bulk(
        index=name,
        operations=[line for key, values in DOCUMENTS.items() for line in ({"index": {"_id": key}}, values)],
        refresh=True,
    )
    yield name
    es.indices.delete(index=name)


def found(es: elasticsearch.Elasticsearch, index: str, text: str) -> set[str]:
    answer = es.search(index=index, query=to_dsl(parse(text)), size=len(DOCUMENTS), source=False)
    return {hit["_id"] for hit in answer["hits"]["hits"]}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(node=NODES)
def test_a_query_finds_what_its_words_say(es: elasticsearch.Elasticsearch, index: str, node: Node) -> None:
    expected = {key for key, values in DOCUMENTS.items() if meets(node, values)}

    assert found(es, index, to_text(node)) == expected


@pytest.mark.parametrize(
    ("text", "dsl"),
    [
        ("*", {"match_all": {}}),
        ('a:"x y"', {"bool": {"should": [{"match_phrase": {"a": "x y"}}], "minimum_should_match": 1}}),
        ("a:true", {"bool": {"should": [{"match": {"a": True}}], "minimum_should_match": 1}}),
        ("a:*", {"bool": {"should": [{"exists": {"field": "a"}}], "minimum_should_match": 1}}),
        ("a>=5", {"bool": {"should": [{"range": {"a": {"gte": "5"}}}], "minimum_should_match": 1}}),
        (
            "a:x/*",
            {"bool": {"should": [{"query_string": {"fields": ["a"], "query": "x\\/*"}}], "minimum_should_match": 1}},
        ),
        ("not *:*", {"bool": {"must_not": {"match_all": {}}}}),
        ("*:* and *:*", {"bool": {"filter": [{"match_all": {}}, {"match_all": {}}]}}),
    ],
)
def test_a_query_has_the_shape_that_kibana_sends(text: str, dsl: dict[str, object]) -> None:
    assert to_dsl(parse(text)) == dsl
