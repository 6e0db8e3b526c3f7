"""Every panel's question, asked of the real Elasticsearch once a session, on the demo's week and a little more."""

import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from shipper import assets, config, setup
from shipper.kibana.asking import Question, Row, questions, rows_of
from shipper.kibana.build import build
from shipper.kibana.spec import load
from shipper.pipeline import Recipe, run
from shipper.pipeline.opening import ecs_settings, open_rejections, open_sink, open_source
from shipper.sinks.elasticsearch import Connection
from shipper.testing.week import write_week
from tests.kibana.panels.corpus import alerts, heartbeats, write_extra

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

Answers = Mapping[tuple[str, str], list[Row]]


class Silent:
    def problem(self, problem: object) -> None: ...

    def notice(self, notice: object) -> None: ...

    def advanced(self, size_bytes: int, counts: object) -> None: ...


@pytest.fixture(scope="session")
def asked() -> list[Question]:
    """Return the questions of all panels."""
    return list(questions(build(load())))


@pytest.fixture(scope="session")
def answers(
    asked: list[Question], tmp_path_factory: pytest.TempPathFactory, elasticsearch_url: str, es: "Elasticsearch"
) -> Answers:
    """Return the rows of each panel, by (dashboard, panel)."""
    namespace = f"panels{uuid.uuid4().hex[:8]}"
    setup.install(
        Connection.to(elasticsearch_url, config.Elasticsearch()),
        assets.mappings(),
        namespace=namespace,
        agree=lambda _: True,
    )
    now = datetime.now(UTC)
    week = write_week(tmp_path_factory.mktemp("panels"), until=now)
    ship([*(file.path for file in week.files), *write_extra(week.folder, now)], elasticsearch_url, namespace)
    index(es, f"logs-intune_connector.alerts-{namespace}", alerts(namespace, now))
    index(es, f"metrics-intune_connector.shipper-{namespace}", heartbeats(namespace, now))
    es.indices.refresh(index=f"*-intune_connector.*-{namespace}")
    return {(one.board, one.panel): answer(es, one, namespace) for one in asked}


def ship(paths: list[Path], to: str, namespace: str) -> None:
    flags = {
        "inputs": tuple(map(str, paths)),
        "to": to,
        "namespace": namespace,
        "state": str(paths[0].parent / "state"),
    }
    settings = config.load(None, {}, flags)
    sink = open_sink(settings, lambda _: None)
    with open_rejections(settings) as rejections:
        recipe = Recipe(open_source(settings), msgspec.structs.replace(ecs_settings(settings), agent_name="wec01"))
        assert run(recipe, sink, rejections, Silent()).complete
    sink.close(complete=True)


def index(es: "Elasticsearch", stream: str, documents: Iterable[dict[str, Any]]) -> None:
    lines: list[dict[str, Any]] = []
    for document in documents:
        lines += [{"create": {}}, document]
    assert not es.bulk(index=stream, operations=lines)["errors"]


def answer(es: "Elasticsearch", question: Question, namespace: str) -> list[Row]:
    """Ask one question of the documents of ``namespace`` alone."""
    if question.kind == "esql":
        body = {**question.body, "query": question.body["query"].replace("-* |", f"-{namespace} |", 1)}
        found = es.perform_request(
            "POST", "/_query", body=body, headers={"accept": "application/json", "content-type": "application/json"}
        )
        wanted = [(one["fieldName"], one["meta"]["type"]) for one in question.layer["columns"]]
        assert [(one["name"], kind(one["type"])) for one in found["columns"]] == wanted
        return [Row(tuple(row), {"rows": 1}) for row in found["values"]]
    where = question.index.removesuffix("*") + namespace
    found = es.search(index=where, **question.body)
    if question.kind == "search":
        return [Row(tuple(hit["fields"]), {"rows": 1}) for hit in found["hits"]["hits"]]
    return rows_of(question.layer, found.body)


def kind(type_: str) -> str:
    """Return what Kibana calls a type of ES|QL."""
    return {"keyword": "string", "text": "string", "date": "date"}.get(type_, "number")
