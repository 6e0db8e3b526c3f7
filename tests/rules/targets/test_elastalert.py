"""ElastAlert 2 files: the keys of each type, after its own schema (2.19.0), which they were once validated against."""

from collections.abc import Callable
from typing import Any

import elasticsearch
import pytest
import yaml

from shipper.rules.loading import load_rules
from shipper.rules.model import Condition, Count, Hours, Match, New, Rule, Silence, Unanswered
from shipper.rules.targets.elastalert import elastalert
from shipper.rules.targets.matrix import row
from shipper.rules.targets.said import Unsayable

MakeRule = Callable[..., Rule]
SHIPPED = load_rules()
SAID = [rule for rule in SHIPPED if row(rule)["ElastAlert 2"].form]

COMMON = {
    "name", "description", "index", "timestamp_field", "filter", "type", "realert", "alert", "alert_subject",
    "alert_text",
}  # fmt: skip
OF_TYPE: dict[str, set[str]] = {
    "any": set(),
    "frequency": {"num_events", "timeframe"},
    "cardinality": {"cardinality_field", "max_cardinality", "timeframe"},
    "new_term": {"fields", "terms_window_size", "use_keyword_postfix"},
    "flatline": {"threshold", "timeframe", "forget_keys"},
}


def read(rule: Rule) -> dict[str, Any]:
    said = elastalert(rule)
    assert isinstance(said, str)
    read: dict[str, Any] = yaml.safe_load(said)
    return read


@pytest.mark.parametrize("rule", SAID, ids=lambda rule: rule.id)
def test_a_shipped_rule_has_exactly_the_keys_of_its_type(rule: Rule) -> None:
    body = read(rule)
    assert body.keys() - {"query_key"} == COMMON | OF_TYPE[body["type"]]
    assert ("query_key" in body) == bool(rule.by)


@pytest.mark.parametrize("rule", SAID, ids=lambda rule: rule.id)
def test_elasticsearch_takes_the_filters_of_every_shipped_rule(
    rule: Rule,
    es: elasticsearch.Elasticsearch,
    ask: Callable[..., Any],  # noqa: ARG001 (installs the mappings)
) -> None:
    query = {"bool": {"filter": {"bool": {"must": read(rule)["filter"]}}}}
    es.search(index=read(rule)["index"], query=query, size=0)


def test_the_names_of_the_rules_are_apart_since_elastalert_knows_them_by_name() -> None:
    names = [read(rule)["name"] for rule in SAID]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("looks_for", "expected"),
    [
        (Match(), {"type": "any"}),
        (Match(by=("host.name",)), {"type": "any", "query_key": "host.name"}),
        (
            Count(by=("host.name", "device.id"), at_least=7, within="90m"),
            {
                "type": "frequency",
                "num_events": 7,
                "timeframe": {"minutes": 90},
                "query_key": ["host.name", "device.id"],
            },
        ),
        (
            Count(by=("host.name",), at_least=7, within="1d", distinct="device.id"),
            {
                "type": "cardinality",
                "cardinality_field": "device.id",
                "max_cardinality": 6,
                "timeframe": {"days": 1},
                "query_key": "host.name",
            },
        ),
        (
            New(values_of=("host.name",), not_seen_for="30d"),
            {
                "type": "new_term",
                "fields": ["host.name"],
                "terms_window_size": {"days": 30},
                "use_keyword_postfix": False,
                "query_key": "host.name",
            },
        ),
        (
            New(values_of=("host.name", "user.id"), not_seen_for="30d"),
            {
                "type": "new_term",
                "fields": [["host.name", "user.id"]],
                "terms_window_size": {"days": 30},
                "use_keyword_postfix": False,
                "query_key": ["host.name", "user.id"],
            },
        ),
        (
            Silence(by=("host.name",), longer_than="45s", look_back="1d"),
            {
                "type": "flatline",
                "threshold": 1,
                "timeframe": {"seconds": 45},
                "query_key": "host.name",
                "forget_keys": True,
            },
        ),
    ],
)
def test_a_rule_becomes_the_type_that_says_it(looks_for: Any, expected: dict[str, Any], make_rule: MakeRule) -> None:
    body = read(make_rule(looks_for=looks_for))
    assert {key: value for key, value in body.items() if key not in COMMON or key == "type"} == expected


@pytest.mark.parametrize(
    ("where", "looks_for"),
    [
        ({}, Unanswered(by=("host.name",), answer=Condition(), within="1h", look_back="1d")),
        ({"outside": (Hours(begin=8),)}, Match()),
    ],
)
def test_what_elastalert_cannot_say_has_a_reason(where: dict[str, Any], looks_for: Any, make_rule: MakeRule) -> None:
    said = elastalert(make_rule(where or None, looks_for))
    assert isinstance(said, Unsayable)
    assert said.reason.endswith(".")


def test_a_condition_is_a_list_of_filters(make_rule: MakeRule) -> None:
    where = {
        "equals": {"event.code": ("1", "2"), "intune_connector.final": True},
        "equals_none": {"user.id": "u"},
        "exists": ("device.id",),
        "missing": ("intune_connector.policy.id",),
        "at_least": {"event.severity": 47},
    }
    assert read(make_rule(where, Count(by=("host.name", "device.id"), at_least=2, within="1h")))["filter"] == [
        {"term": {"event.dataset": "intune_connector.events"}},
        {"terms": {"event.code": ["1", "2"]}},
        {"term": {"intune_connector.final": True}},
        {"exists": {"field": "device.id"}},
        {"range": {"event.severity": {"gte": 47}}},
        {"exists": {"field": "host.name"}},
        {
            "bool": {
                "must_not": [
                    {"term": {"tags": "backfill"}},
                    {"term": {"user.id": "u"}},
                    {"exists": {"field": "intune_connector.policy.id"}},
                ]
            }
        },
    ]


def test_the_alerter_is_left_to_the_user() -> None:
    assert str(elastalert(SAID[0])).startswith("# Name your own alerter in place of debug")
    assert read(SAID[0])["alert"] == ["debug"]
