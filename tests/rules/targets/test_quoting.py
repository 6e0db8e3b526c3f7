"""Hostile values: whatever stands in a rule, each target finds the document that has it, and no other."""

import json
from collections.abc import Callable
from typing import Any

import elasticsearch
import pytest
import yaml

from shipper.kibana import kql
from shipper.rules.conditions import values_of
from shipper.rules.loading import load_rules
from shipper.rules.model import Rule
from shipper.rules.targets import esql, matched_kql
from shipper.rules.targets.elastalert import elastalert
from shipper.rules.targets.sigma import sigma
from shipper.testing.sigma import sigma_lucene

VALUES = [
    "plain",
    "two words",
    "two  words",
    " leading",
    "trailing ",
    'a "quoted" word',
    '"',
    "it's",
    "back\\slash",
    "back\\\\slash",
    "ends\\",
    "\\",
    "\\*",
    "\\?",
    "\\\\*",
    "*",
    "?",
    "**",
    "a*c",
    "abc",
    "a?c",
    "(a or b)",
    "a and b",
    "AND",
    "OR",
    "NOT",
    "NOT a",
    "not",
    "TO",
    "a && b || !c",
    "[1 TO 2]",
    "{a}",
    "{{a}}",
    "${a}",
    "%a%",
    "a:b",
    "event.code: *",
    "a/b",
    "/a/",
    "a~2",
    "a^2",
    "+a -b",
    "<5",
    ">=5",
    "=",
    "#a",
    "- a",
    "a # b",
    "a|b",
    "|",
    "true",
    "null",
    "~",
    "yes",
    "0x00000411",
    "0411",
    "1e3",
    "12:30:45",
    "2026-11-29",
    "tab\there",
    "line\nfeed",
    "line\r\nfeed",
    "CONTOSO\\new CA",
    "C:\\temp\\*",
    "Büro Zürich",
    "Straße",
    "STRASSE",
    "認証局",
    "😀",
    "e\u0301",
    "\u00e9",
    "no\u00a0break",
    "zero\u200bwidth",
    "line\u2028separator",
    "next\u0085line",
    "rtl\u202eoverride",
    "bell\u0007",
    "escape\u001b[2J",
    "delete\u007f",
    "private\ue000",
    "\ufeffmark",
]
#: What pySigma's Lucene backend (2.1.1) does not say so that Lucene understands it.
LOST_BY_PYSIGMA = ["AND", "OR", "NOT", "<5", ">=5", "tab\there", "line\nfeed", "line\r\nfeed"]
Search = Callable[[dict[str, Any]], list[str]]
Find = Callable[[Rule, str], list[str]]


@pytest.fixture(scope="module")
def search(es: elasticsearch.Elasticsearch, store: Callable[..., None]) -> Search:
    documents = [
        {"id": f"v{number}", "@timestamp": 0, "event.reason": value, "tags": ["x", value, "y"]}
        for number, value in enumerate(VALUES)
    ]
    store("quoting", documents)

    def ids(query: dict[str, Any]) -> list[str]:
        answer = es.search(index="logs-intune_connector.events-quoting", query=query, size=100, source=False)
        return [hit["_id"] for hit in answer["hits"]["hits"]]

    return ids


def by_kql(rule: Rule, search: Search) -> list[str]:
    text = matched_kql(rule)
    assert text is not None
    return search(kql.to_dsl(kql.parse(text)))


def by_elastalert(rule: Rule, search: Search) -> list[str]:
    return search({"bool": {"must": yaml.safe_load(str(elastalert(rule)))["filter"]}})


def by_lucene(rule: Rule, search: Search) -> list[str]:
    return search({"query_string": {"query": sigma_lucene(str(sigma(rule))), "analyze_wildcard": True}})


WAYS = {"KQL": by_kql, "ElastAlert": by_elastalert, "Lucene": by_lucene}


CASES = [
    pytest.param(way, number, id=f"{way}-{json.dumps(value)}")
    for way in WAYS
    for number, value in enumerate(VALUES)
    if not (way == "Lucene" and value in LOST_BY_PYSIGMA)
]


@pytest.mark.parametrize(("way", "number"), CASES)
def test_a_value_finds_the_document_that_has_it_and_no_other(
    way: str, number: int, make_rule: Callable[..., Rule], search: Search
) -> None:
    rule = make_rule({"equals": {"event.reason": VALUES[number]}})
    assert WAYS[way](rule, search) == [f"v{number}"]


def test_no_shipped_rule_has_a_value_that_pysigma_loses() -> None:
    values = [str(one) for rule in load_rules() for many in rule.where.equals.values() for one in values_of(many)]
    assert not [value for value in values if value in {"AND", "OR", "NOT"} or set(value) & set("<>\t\r\n")]


@pytest.mark.parametrize("field", ["event.reason", "tags"])
@pytest.mark.parametrize("number", range(len(VALUES)), ids=[json.dumps(value) for value in VALUES])
def test_es_ql_finds_the_document_that_has_a_value_and_no_other(
    field: str,
    number: int,
    search: Search,  # noqa: ARG001 (stores the documents)
    ask: Callable[[str, str], list[dict[str, Any]]],
) -> None:
    expression = esql.is_one_of(field, VALUES[number])
    rows = ask(f"FROM logs-intune_connector.events-* | WHERE {expression} | KEEP event.reason", "quoting")
    assert rows == [{"event.reason": VALUES[number]}]
