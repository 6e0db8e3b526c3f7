"""Sigma files: pySigma takes them, its validators find nothing, and they mean what the rule means."""

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
import yaml
from sigma.collection import SigmaCollection
from sigma.processing.pipeline import ProcessingPipeline
from sigma.validation import SigmaValidator
from sigma.validators.base import SigmaRuleValidator
from sigma.validators.core import condition, metadata, modifiers, tags, values

from shipper.catalog import load
from shipper.rules.conditions import meets, values_of
from shipper.rules.loading import load_rules
from shipper.rules.model import Condition, Count, Hours, Match, New, Rule, Scalar, Seen, Silence, Technique, Unanswered
from shipper.rules.targets.matrix import row
from shipper.rules.targets.said import Unsayable
from shipper.rules.targets.sigma import pipeline, sigma, works_on_raw_events
from shipper.rules.targets.sigma.native import in_windows_words
from shipper.testing.sigma import sigma_lucene

MakeRule = Callable[..., Rule]
SHIPPED = load_rules()
SAID = [rule for rule in SHIPPED if row(rule)["Sigma"].form]
#: Those of pySigma's own validators that ask nobody; the others download lists of MITRE and SigmaHQ.
VALIDATORS: list[type[SigmaRuleValidator]] = [
    condition.AllOfThemConditionValidator,
    condition.DanglingConditionValidator,
    condition.DanglingDetectionValidator,
    condition.ThemConditionWithSingleDetectionValidator,
    metadata.DuplicateReferencesValidator,
    metadata.DuplicateTitleValidator,
    metadata.IdentifierExistenceValidator,
    metadata.IdentifierUniquenessValidator,
    modifiers.InvalidModifierCombinationsValidator,
    tags.DuplicateTagValidator,
    tags.NamespaceTagValidator,
    tags.TagFormatValidator,
    values.ControlCharacterValidator,
    values.DoubleWildcardValidator,
    values.NumberAsStringValidator,
    values.WildcardsInsteadOfModifiersValidator,
]


def text_of(rule: Rule) -> str:
    said = sigma(rule)
    assert isinstance(said, str)
    return said


def documents_of(rule: Rule) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(text_of(rule)))


def test_pysigma_takes_every_file_and_its_validators_find_nothing() -> None:
    collection = SigmaCollection.from_dicts([document for rule in SAID for document in documents_of(rule)])
    issues = SigmaValidator(VALIDATORS).validate_rules(iter(collection.rules))  # type: ignore[arg-type]
    assert not [str(issue) for issue in issues]
    assert not collection.errors


@pytest.mark.parametrize("rule", SAID, ids=lambda rule: rule.id)
def test_pysigma_makes_a_query_of_every_file(rule: Rule) -> None:
    query = sigma_lucene(text_of(rule))
    assert (
        f"event.dataset:{'intune_connector.events' if rule.reads == 'events' else 'intune_connector.shipper'}" in query
    )
    assert "NOT tags:backfill" in query


@pytest.mark.parametrize("rule", SAID, ids=lambda rule: rule.id)
def test_the_documents_of_a_file_have_ids_of_their_own_that_do_not_change(rule: Rule) -> None:
    ids = [uuid.UUID(document["id"]) for document in documents_of(rule)]
    assert len(set(ids)) == len(ids)
    assert {one.version for one in ids} == {5}


def test_a_count_names_the_rule_that_it_counts(make_rule: MakeRule) -> None:
    rule = make_rule(looks_for=Count(by=("host.name", "device.id"), at_least=7, within="30m"))
    counting, counted = documents_of(rule)
    assert counting["correlation"] == {
        "type": "event_count",
        "rules": [counted["name"]],
        "group-by": ["Computer", "device.id"],
        "timespan": "30m",
        "condition": {"gte": 7},
    }
    assert counted["level"] == "informational"


def test_a_count_of_values_says_which(make_rule: MakeRule) -> None:
    counting, _ = documents_of(make_rule(looks_for=Count(at_least=7, within="30m", distinct="device.id")))
    assert counting["correlation"]["type"] == "value_count"
    assert counting["correlation"]["condition"] == {"field": "device.id", "gte": 7}
    assert "group-by" not in counting["correlation"]


@pytest.mark.parametrize(
    ("where", "looks_for"),
    [
        ({}, New(values_of=("host.name",), not_seen_for="7d")),
        ({}, Silence(by=("host.name",), longer_than="1h", look_back="1d")),
        ({}, Unanswered(by=("host.name",), answer=Condition(), within="1h", look_back="1d")),
        ({"outside": (Hours(begin=8),)}, Match()),
    ],
)
def test_what_sigma_cannot_say_has_a_reason(where: dict[str, Any], looks_for: Any, make_rule: MakeRule) -> None:
    said = sigma(make_rule(where or None, looks_for))
    assert isinstance(said, Unsayable)
    assert said.reason.endswith(".")


def test_tactics_and_techniques_are_tags(make_rule: MakeRule, a_technique: Technique) -> None:
    (document,) = documents_of(make_rule(threat=(a_technique,)))
    assert document["tags"] == ["attack.credential-access", "attack.t1649"]


def test_a_condition_is_said_part_by_part(make_rule: MakeRule) -> None:
    where = {
        "equals": {"event.code": "7036", "winlog.channel": "System", "event.reason": ("a*", "b\\"), "host.name": "h"},
        "equals_none": {"user.id": ("u1", "u2"), "device.id": "d"},
        "exists": ("intune_connector.ca.name",),
        "missing": ("intune_connector.policy.id",),
        "at_least": {"event.severity": 47},
    }
    (document,) = documents_of(make_rule(where))
    assert document["detection"] == {
        "selection": {
            "EventID": 7036,
            "Channel": "System",
            "event.reason": ["a\\*", "b\\\\"],
            "host.name": "h",
            "intune_connector.ca.name|exists": True,
            "event.severity|gte": 47,
        },
        "filter_1": {"user.id": ["u1", "u2"]},
        "filter_2": {"device.id": "d"},
        "filter_3": {"intune_connector.policy.id|exists": True},
        "condition": "selection and not 1 of filter_*",
    }


def test_what_follows_from_the_id_becomes_ids_and_channels(make_rule: MakeRule) -> None:
    where = {"equals": {"intune_connector.operation": "revocation", "event.outcome": "failure", "device.id": "d"}}
    rule = make_rule({**where, "equals_none": {"intune_connector.counts_as": "attempt"}})
    (document,) = documents_of(rule)
    assert document["detection"] == {
        "selection_legacy": {"Channel": "Microsoft Intune Connector", "EventID": 20202},
        "selection_unified": {
            "Channel": [
                "Microsoft-Intune-CertificateConnectors/Admin",
                "Microsoft-Intune-CertificateConnectors/Operational",
            ],
            "EventID": 3001,
        },
        "selection": {"device.id": "d"},
        "condition": "1 of selection_* and selection",
    }
    assert not works_on_raw_events(rule)


@pytest.mark.parametrize(
    "equals",
    [
        {"event.outcome": "failure"},
        {"event.action": "log-cleared"},
        {"event.code": "20102"},
        {"intune_connector.schema": "legacy"},
    ],
)
def test_what_may_be_an_event_that_the_catalog_does_not_know_stays_as_it_is(equals: dict[str, str]) -> None:
    where = Condition(equals=dict(equals))
    assert in_windows_words(where) == ((), where)


def events_of_the_catalog() -> Iterator[Seen]:
    """Yield a document for each event of the catalog, with every field that follows from its id."""
    for schema in ("legacy", "unified"):
        for event in load().events(schema).values():
            fields: dict[str, tuple[Scalar, ...]] = {
                "event.action": (event.action,),
                "event.category": event.category,
                "event.code": (str(event.id),),
                "event.outcome": (event.outcome,),
                "event.severity": (event.severity,),
                "event.type": event.type,
                "intune_connector.counts_as": (event.counts_as,),
                "intune_connector.event_name": (event.name,),
                "intune_connector.final": (event.final,),
                "intune_connector.operation": (event.operation,),
                "intune_connector.schema": (event.schema,),
                "intune_connector.stage": (event.stage,),
                "log.level": (event.level,),
                "winlog.channel": (event.channel,),
            }
            yield Seen(f"{schema}-{event.id}", 0, fields)


CONFINED = [rule for rule in SHIPPED if in_windows_words(rule.where)[0]]


@pytest.mark.parametrize("rule", CONFINED, ids=lambda rule: rule.id)
def test_the_ids_of_a_shipped_rule_are_those_whose_events_meet_its_condition(rule: Rule) -> None:
    events, rest = in_windows_words(rule.where)
    named = {f"{one.schema}-{number}" for one in events for number in one.ids}
    there = {field: values_of(values) for field, values in rest.equals.items()}
    there |= dict.fromkeys(rest.exists, ("x",))
    where = msgspec.structs.replace(rule.where, outside=())
    met = {one.id for one in events_of_the_catalog() if meets(where, Seen(one.id, 0, {**one.fields, **there}))}
    assert named == met


def test_a_rule_of_windows_events_needs_none_of_our_fields(make_rule: MakeRule) -> None:
    where = {"equals": {"intune_connector.operation": "pkcs", "intune_connector.counts_as": "request"}}
    assert works_on_raw_events(make_rule(where, Count(by=("host.name",), at_least=3, within="1h")))
    assert not works_on_raw_events(make_rule(where, Count(by=("device.id",), at_least=3, within="1h")))
    assert not works_on_raw_events(make_rule(where, Count(at_least=3, within="1h", distinct="user.id")))
    assert not works_on_raw_events(make_rule({"exists": ("agent.name",)}, reads="metrics"))


def test_the_pipeline_leads_back_to_the_fields_of_the_documents(make_rule: MakeRule) -> None:
    assert ProcessingPipeline.from_yaml(pipeline()).items
    where = {"equals": {"event.code": "104", "event.provider": "p", "winlog.channel": "c"}, "exists": ("host.name",)}
    query = sigma_lucene(text_of(make_rule(where)))
    for part in ("event.code:104", "event.provider:p", "winlog.channel:c", "_exists_:host.name"):
        assert part in query
