"""Rules to compile, and documents of the real Elasticsearch that what comes out is asked about."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import elasticsearch
import pytest

from shipper import assets, setup
from shipper.rules.model import Condition, LooksFor, Match, Rule, RuleText, Technique
from shipper.sinks.elasticsearch import Connection

EVENTS = "intune_connector.events"
MakeRule = Callable[..., Rule]
Store = Callable[[str, Iterable[Mapping[str, Any]]], None]
Ask = Callable[[str, str], list[dict[str, Any]]]


@pytest.fixture(scope="session")
def make_rule() -> MakeRule:
    """Return a builder of rules: only what a test is about has to be said."""

    def make(where: dict[str, Any] | None = None, looks_for: LooksFor | None = None, **further: Any) -> Rule:
        text = RuleText(name="A rule", why="It matters.", first_steps=("Look.",))
        said = {"id": "a-rule", "nature": "attack", "severity": "high", "risk_score": 60, **further}
        condition = Condition(**(where or {"equals": {"event.code": "20102"}}))
        return Rule(where=condition, looks_for=looks_for or Match(), text={"en": text, "it": text}, **said)

    return make


@pytest.fixture(scope="session")
def a_technique() -> Technique:
    """Return the technique that the attack rules name."""
    return Technique(
        tactic_id="TA0006",
        tactic="Credential Access",
        technique_id="T1649",
        technique="Steal or Forge Authentication Certificates",
    )


@pytest.fixture(scope="session")
def store(es: elasticsearch.Elasticsearch, elasticsearch_url: str) -> Store:
    """Return what puts documents into the events of a namespace; what every event has is filled in.

    Each has ``id`` beside its fields, which are named with dots.
    """
    setup.install(Connection(url=elasticsearch_url), assets.mappings(), namespace="default", agree=lambda _: True)

    def put(namespace: str, documents: Iterable[Mapping[str, Any]]) -> None:
        index = f"logs-{EVENTS}-{namespace}"
        standing = {"event.dataset": EVENTS, "data_stream.namespace": namespace}
        operations: list[dict[str, Any]] = []
        for document in documents:
            fields = {name: value for name, value in document.items() if name != "id"}
            operations += [{"create": {"_id": document["id"]}}, {**standing, **fields}]
        answer = es.bulk(index=index, operations=operations, refresh=True)
        assert not answer["errors"], answer

    return put


@pytest.fixture(scope="session")
def ask(es: elasticsearch.Elasticsearch, store: Store) -> Ask:  # noqa: ARG001 (store installs the mappings)
    """Return what runs ES|QL over one namespace, narrowed by a filter and a limit as by Kibana; a dict a row."""
    heartbeat = {"@timestamp": 0, "data_stream.namespace": "esql"}
    es.index(index="metrics-intune_connector.shipper-esql", document=heartbeat, op_type="create", refresh=True)

    def rows(query: str, namespace: str) -> list[dict[str, Any]]:
        narrowed = {"term": {"data_stream.namespace": namespace}}
        answer = es.esql.query(query=f"{query} | limit 1000", filter=narrowed)
        names = [column["name"] for column in answer["columns"]]
        return [dict(zip(names, row, strict=True)) for row in answer["values"]]

    return rows
