"""Kibana's rules: what stands in them, what must not, and when they run."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from shipper.kibana import kql
from shipper.rules.loading import load_rules
from shipper.rules.model import Condition, Count, Hours, Match, New, Rule, Silence, Technique, Unanswered
from shipper.rules.targets import kibana, matched_kql
from shipper.rules.targets.matrix import row
from shipper.rules.targets.said import Unsayable

MakeRule = Callable[..., Rule]
SHIPPED = load_rules()

#: Every key that a rule of any type has; each is taken by 8.12 and by 9.x, and a key that is not here is none of ours.
COMMON = {
    "id", "rule_id", "name", "description", "version", "enabled", "severity", "severity_mapping", "risk_score",
    "risk_score_mapping", "author", "license", "tags", "interval", "from", "to", "timestamp_override",
    "timestamp_override_fallback_disabled", "max_signals", "type", "language", "query", "note", "setup",
    "false_positives", "references", "threat", "investigation_fields", "required_fields", "related_integrations",
}  # fmt: skip
OF_TYPE = {
    "query": {"index", "filters"},
    "threshold": {"index", "filters", "threshold"},
    "new_terms": {"index", "filters", "new_terms_fields", "history_window_start"},
    "esql": set(),  # Kibana drops index and filters of such a rule without a word
}


def body_of(rule: Rule, **options: Any) -> dict[str, Any]:
    body = kibana.body(rule, **options)
    assert not isinstance(body, Unsayable)
    return body


def minutes(span: str) -> int:
    return int(span[:-1]) * {"m": 1, "h": 60, "d": 1440}[span[-1]]


@pytest.mark.parametrize("rule", SHIPPED, ids=lambda rule: rule.id)
def test_a_shipped_rule_has_exactly_the_keys_of_its_type(rule: Rule) -> None:
    body = body_of(rule)
    assert body.keys() == COMMON | OF_TYPE[body["type"]]


@pytest.mark.parametrize("rule", SHIPPED, ids=lambda rule: rule.id)
def test_a_shipped_rule_is_within_what_an_import_takes(rule: Rule) -> None:
    body = body_of(rule)
    assert body["enabled"] is False
    assert body["investigation_fields"]["field_names"]
    assert all(each["tactic"]["reference"] and each["technique"] for each in body["threat"])
    assert {key for field in body["required_fields"] for key in field} == {"name", "type", "ecs"}
    assert minutes(body["from"].removeprefix("now-")) >= minutes(body["interval"]) >= 5
    assert "metadata" not in body["query"].lower()
    assert 'tags: "backfill"' in body["query"] or "|backfill|" in body["query"]


@pytest.mark.parametrize("rule", SHIPPED, ids=lambda rule: rule.id)
def test_the_kql_of_a_shipped_rule_names_the_fields_that_it_says_it_needs(rule: Rule) -> None:
    text = matched_kql(rule)
    if text is None:
        assert rule.where.outside
        return
    needed = {field["name"] for field in body_of(rule)["required_fields"]}
    assert kql.fields_of(kql.parse(text)) <= needed


def test_the_file_has_a_line_a_rule_in_the_order_of_their_ids() -> None:
    lines = [json.loads(line) for line in kibana.ndjson(SHIPPED).splitlines()]
    sayable = [f"intune-connector-{rule.id}" for rule in SHIPPED if row(rule)["Kibana"].form]
    assert [line["rule_id"] for line in lines] == sayable == sorted(sayable)
    assert len({line["id"] for line in lines}) == len(lines)


def test_the_same_rules_make_the_same_bytes() -> None:
    assert kibana.ndjson(load_rules()) == kibana.ndjson(SHIPPED)


def test_a_count_is_a_threshold_of_documents_by_group(make_rule: MakeRule) -> None:
    body = body_of(make_rule(looks_for=Count(by=("host.name", "device.id"), at_least=7, within="30m")))
    assert body["threshold"] == {"field": ["host.name", "device.id"], "value": 7, "cardinality": []}


def test_a_count_of_values_is_a_threshold_of_those_values_alone(make_rule: MakeRule) -> None:
    body = body_of(make_rule(looks_for=Count(at_least=7, within="30m", distinct="device.id")))
    assert body["threshold"] == {"field": [], "value": 1, "cardinality": [{"field": "device.id", "value": 7}]}


def test_what_is_new_is_held_against_the_time_before_the_look(make_rule: MakeRule) -> None:
    body = body_of(make_rule(looks_for=New(values_of=("intune_connector.ca.name",), not_seen_for="30d")))
    assert body["history_window_start"] == "now-30d"
    assert body["from"] == "now-9m"


@pytest.mark.parametrize(
    ("looks_for", "further", "interval", "begin"),
    [
        (Match(), {}, "5m", "now-9m"),
        (Count(at_least=3, within="1h"), {}, "5m", "now-66m"),
        (Count(at_least=3, within="90s"), {}, "5m", "now-8m"),
        (New(values_of=("host.name",), not_seen_for="7d"), {}, "5m", "now-9m"),
        (Silence(by=("host.name",), longer_than="5m", look_back="1d"), {}, "15m", "now-24h"),
        (Silence(by=("host.name",), longer_than="1d", look_back="7d"), {}, "1h", "now-168h"),
        (Silence(by=("host.name",), longer_than="1d", look_back="7d"), {"quiet_for": "1d"}, "12h", "now-168h"),
        (Unanswered(by=("host.name",), answer=Condition(), within="1h", look_back="6h"), {}, "30m", "now-6h"),
    ],
)
def test_a_rule_runs_as_often_as_its_type_bears(
    looks_for: Any, further: dict[str, str], interval: str, begin: str, make_rule: MakeRule
) -> None:
    body = body_of(make_rule(looks_for=looks_for, **further))
    assert (body["interval"], body["from"]) == (interval, begin)


@pytest.mark.parametrize(
    ("looks_for", "interval", "begin"),
    [(Match(), "5m", "now-5m"), (Count(at_least=3, within="2h"), "1h", "now-181m")],
)
def test_a_rule_with_hours_is_es_ql_and_overlaps_no_more_than_it_must(
    looks_for: Any, interval: str, begin: str, make_rule: MakeRule
) -> None:
    body = body_of(make_rule({"outside": (Hours(begin=8, end=18),)}, looks_for))
    assert (body["type"], body["interval"], body["from"]) == ("esql", interval, begin)


def test_what_is_new_at_some_hours_cannot_be_said(make_rule: MakeRule) -> None:
    rule = make_rule({"outside": (Hours(begin=8),)}, New(values_of=("host.name",), not_seen_for="7d"))
    assert isinstance(kibana.body(rule), Unsayable)
    assert kibana.ndjson([rule]) == b""


def test_suppression_is_there_only_when_asked_for(make_rule: MakeRule) -> None:
    rule = make_rule(looks_for=Match(by=("host.name",)), quiet_for="2d")
    assert "alert_suppression" not in body_of(rule)
    assert body_of(rule, suppress=True)["alert_suppression"] == {
        "duration": {"value": 48, "unit": "h"},
        "group_by": ["host.name"],
        "missing_fields_strategy": "suppress",
    }


def test_suppression_of_a_threshold_has_its_duration_alone(make_rule: MakeRule) -> None:
    rule = make_rule(looks_for=Count(by=("host.name",), at_least=3, within="1h"), quiet_for="30m")
    assert body_of(rule, suppress=True)["alert_suppression"] == {"duration": {"value": 30, "unit": "m"}}


def test_techniques_stand_below_their_tactics_with_their_pages(make_rule: MakeRule, a_technique: Technique) -> None:
    cleared = Technique(
        tactic_id="TA0112", tactic="Defense Impairment", technique_id="T1685.005", technique="Clear Windows Event Logs"
    )
    threat = body_of(make_rule(threat=(a_technique, cleared)))["threat"]
    assert [each["tactic"]["reference"] for each in threat] == [
        "https://attack.mitre.org/tactics/TA0006/",
        "https://attack.mitre.org/tactics/TA0112/",
    ]
    assert threat[1]["technique"] == [
        {
            "id": "T1685",
            "name": "Disable or Modify Tools",
            "reference": "https://attack.mitre.org/techniques/T1685/",
            "subtechnique": [
                {
                    "id": "T1685.005",
                    "name": "Clear Windows Event Logs",
                    "reference": "https://attack.mitre.org/techniques/T1685/005/",
                }
            ],
        }
    ]


def test_what_a_rule_no_longer_says_is_written_empty(make_rule: MakeRule) -> None:
    body = body_of(make_rule())
    assert (body["threat"], body["references"], body["false_positives"]) == ([], [], [])


def test_what_belongs_to_the_user_is_not_written(make_rule: MakeRule) -> None:
    assert not {"actions", "exceptions_list", "alert_suppression"} & body_of(make_rule()).keys()
