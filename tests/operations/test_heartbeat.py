"""Heartbeats: the document against the mapping and the real Elasticsearch, and that they are never in the way."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from shipper import assets, setup
from shipper.ecs import EcsSettings
from shipper.errors import MappingError, SinkError
from shipper.operations.document import Whose, heartbeat
from shipper.operations.heartbeat import Heartbeats
from shipper.operations.lag import SourceLag
from shipper.operations.pauses import Pause
from shipper.operations.vitals import Reading
from shipper.pipeline import Counts
from shipper.sinks.elasticsearch import Connection, ElasticsearchSink

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
Make = Callable[..., Reading]


def whose(namespace: str = "default", interval_s: float = 60.0, **settings: Any) -> Whose:
    agent: dict[str, Any] = {"agent_name": "ship01.corp.example", "agent_id": "a", "agent_ephemeral_id": "e"}
    return Whose(EcsSettings(namespace=namespace, **agent, **settings), "https://es:9200", 4711, interval_s)


def everything() -> dict[str, Any]:
    """Return what a reading may say at most."""
    return {
        "state": "waiting",
        "counts": Counts(*range(1, 14)),
        "lags": (SourceLag("a.evtx", 3, 5.0), SourceLag("b.evtx", 4, 2.0, reachable=False)),
        "lag_s": 8.0,
        "queued": 9,
        "queued_bytes": 10_000,
        "pause": Pause("cluster_block_exception: \x1b[2Jblocked", 1.0),
        "pause_s": 6.5,
        "unkept_s": 0.25,
        "now_s": 10.0,
    }


def leaves(value: Any, above: str = "") -> Iterator[str]:
    if not isinstance(value, dict):
        yield above.rstrip(".")
        return
    for name, below in value.items():
        yield from leaves(below, f"{above}{name}.")


def mapped(mappings: dict[str, Any], above: str = "") -> Iterator[str]:
    for name, field in mappings.get("properties", {}).items():
        if "type" in field:
            yield above + name
        yield from mapped(field, f"{above}{name}.")


def test_every_field_of_a_heartbeat_is_mapped_and_every_field_of_the_mapping_is_sent(reading: Make) -> None:
    components = {one.name: one.body["template"] for one in assets.mappings() if one.kind == "component_template"}
    own = set(mapped(components["metrics-intune_connector.shipper@package"]["mappings"]))
    base = set(mapped(components["intune_connector@base"]["mappings"]))
    body = heartbeat(whose(tags=("a",)), reading(**everything()), 7, NOW, SinkError("gone"))
    sent = set(leaves(json.loads(body)))
    assert sent - base == own


def test_a_heartbeat_says_who_where_and_how(reading: Make) -> None:
    document = json.loads(heartbeat(whose(), reading(**everything()), 7, NOW))
    vital = document["intune_connector"]["shipper"]
    assert document["@timestamp"] == "2026-11-24T09:30:00.000Z"
    assert document["data_stream"] == {"type": "metrics", "dataset": "intune_connector.shipper", "namespace": "default"}
    assert document["host"] == {"name": "ship01.corp.example", "hostname": "ship01"}
    assert (vital["state"], vital["sequence"], vital["interval_s"]) == ("waiting", 7, 60)
    assert (vital["lag_s"], vital["lag_records"]) == (8, 7)
    assert (vital["source"], vital["sources"], vital["sources_unreachable"]) == ("b.evtx", 2, 1)
    assert vital["waiting_for"] == "cluster_block_exception: \\x1b[2Jblocked"
    assert vital["catalog_misses"] == {"event_ids": 12, "codes": 13}


def test_what_cannot_be_said_is_left_out(reading: Make) -> None:
    vital = json.loads(heartbeat(whose(), reading(), 0, NOW))["intune_connector"]["shipper"]
    assert not {"waiting_for", "waiting_s", "source", "checkpoint_age_s"} & vital.keys()


class Recorded:
    """A sink's side that fails and blocks as it is told."""

    def __init__(self) -> None:
        self.states: list[str] = []
        self.faults: list[Exception] = []
        self.free = threading.Event()
        self.free.set()

    def record(self, data_stream: str, body: bytes) -> None:
        del data_stream
        self.free.wait(30)
        if self.faults:
            raise self.faults.pop(0)
        self.states.append(json.loads(body)["intune_connector"]["shipper"]["state"])


def until(holds: Callable[[], object], within_s: float = 20) -> None:
    end = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.02)


def test_there_is_one_at_the_start_one_each_interval_and_one_at_the_end(reading: Make) -> None:
    recorded, told = Recorded(), [reading(state="starting"), *[reading()] * 2, *[reading(state="stopping")] * 99]
    beats = Heartbeats(recorded, whose(interval_s=0.05), lambda: told.pop(0), print, lambda: NOW)
    beats.start()
    until(lambda: len(recorded.states) >= 4)
    beats.close(None)
    assert recorded.states[:4] == ["starting", "running", "running", "stopping"]
    assert beats.sent == len(recorded.states)


def test_the_last_one_says_what_ended_the_run(reading: Make) -> None:
    bodies: list[bytes] = []

    class Kept:
        def record(self, data_stream: str, body: bytes) -> None:
            del data_stream
            bodies.append(body)

    beats = Heartbeats(Kept(), whose(), lambda: reading(state="stopping"), print, lambda: NOW)
    beats.start()
    until(lambda: bodies)
    beats.close(SinkError("cannot be reached", where="https://es:9200"))
    assert json.loads(bodies[-1])["error"] == {"type": "SinkError", "message": "https://es:9200: cannot be reached"}


def test_why_there_is_none_is_said_once_and_again_after_one_got_through(reading: Make) -> None:
    recorded, said = Recorded(), list[str]()
    recorded.faults = [MappingError("no template", hint="shipper setup"), MappingError("no template")]
    beats = Heartbeats(recorded, whose(interval_s=0.02), reading, said.append, lambda: NOW)
    beats.start()
    until(lambda: recorded.states)
    assert said == ["no heartbeat: no template; shipper setup"]
    recorded.faults = [RuntimeError("a secret")]
    until(lambda: len(said) > 1)
    beats.close(None)
    assert said[1:] == ["no heartbeat: RuntimeError"]


def test_one_that_gets_no_answer_holds_nobody_up_and_none_follows_after_the_end(reading: Make) -> None:
    recorded = Recorded()
    recorded.free.clear()
    beats = Heartbeats(recorded, whose(interval_s=0.01), reading, print, lambda: NOW)
    beats.start()
    begun = time.monotonic()
    beats.close(None)
    assert time.monotonic() - begun < 15
    recorded.free.set()
    until(lambda: recorded.states)
    time.sleep(0.2)
    assert len(recorded.states) == 1  # the one that was under way


@pytest.fixture
def installed(elasticsearch_url: str) -> str:
    setup.install(Connection(url=elasticsearch_url), assets.mappings(), namespace="default", agree=lambda _: True)
    return elasticsearch_url


def test_elasticsearch_takes_a_heartbeat_and_finds_it_by_its_fields(
    installed: str, es: Elasticsearch, fresh_namespace: str, reading: Make
) -> None:
    sink, who = (
        ElasticsearchSink(Connection(url=installed)),
        whose(fresh_namespace, tags=("lab",), labels=(("a.b", "c"),)),
    )
    for sequence in range(2):
        sink.record(who.stream, heartbeat(who, reading(**everything()), sequence, NOW, SinkError("gone")))
    sink.close(complete=True)

    es.indices.refresh(index=who.stream)
    filters = [
        {"term": {"intune_connector.shipper.state": "waiting"}},
        {"range": {"intune_connector.shipper.lag_s": {"gte": 8, "lte": 8}}},
        {"term": {"intune_connector.shipper.catalog_misses.codes": 13}},
        {"term": {"intune_connector.shipper.source": "b.evtx"}},
        {"term": {"intune_connector.shipper.uncounted": 9}},
        {"term": {"agent.ephemeral_id": "e"}},
        {"term": {"labels.a_b": "c"}},
        {"match": {"error.message": "gone"}},
        {"range": {"@timestamp": {"gte": NOW.isoformat(), "lte": NOW.isoformat()}}},
    ]
    found = es.search(index=who.stream, query={"bool": {"filter": filters}})
    assert found["hits"]["total"]["value"] == 2


def test_without_our_template_nothing_is_made_and_the_remedy_is_named(
    elasticsearch_node: Callable[..., Any], reading: Make
) -> None:
    node = elasticsearch_node()
    sink, who = ElasticsearchSink(Connection(url=node.url)), whose()
    with pytest.raises(MappingError) as caught:
        sink.record(who.stream, heartbeat(who, reading(), 0, NOW))
    sink.close(complete=True)
    assert "shipper setup" in caught.value.hint
    with Elasticsearch(node.url) as client:
        assert client.indices.resolve_index(name="metrics-*")["data_streams"] == []
