"""A real ``shipper ship`` watched from outside: metrics and health over HTTP, heartbeats, log lines."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from elasticsearch import Elasticsearch
from prometheus_client.parser import text_string_to_metric_families

from shipper import assets, setup
from shipper.sinks.elasticsearch import Connection
from shipper.testing.engine import Node
from shipper.testing.evtx_writer import flip_bit, write_log
from tests.cli.conftest import issue_failed

ROOT = Path(__file__).parent.parent.parent
PREFIX = "intune_connector_shipper_"


class Ship:
    """``shipper ship`` under way, with its standard input kept open."""

    def __init__(self, folder: Path, *words: str, **environment: str) -> None:
        self._said = folder / "said"
        with self._said.open("wb") as said:
            self.process = subprocess.Popen(  # noqa: S603 (our own words)
                [sys.executable, "-m", "shipper", "ship", *words],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=said,
                env={**os.environ, **environment},
            )

    def said(self) -> str:
        return self._said.read_text()

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.said().splitlines()]

    def wait_until(self, holds: Callable[[], object], within_s: float = 60) -> None:
        end = time.monotonic() + within_s
        while not holds():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < end, self.said()
            time.sleep(0.05)

    def get(self, path: str) -> tuple[int, str]:
        self.wait_until(lambda: "metrics and health at" in self.said())
        found = re.search(r"metrics and health at (http://[\d.:]+)", self.said())
        assert found is not None
        place = urlsplit(found[1])
        line = http.client.HTTPConnection(str(place.hostname), place.port, timeout=20)
        try:
            line.request("GET", path)
            answer = line.getresponse()
            return answer.status, answer.read().decode()
        finally:
            line.close()

    def value(self, name: str, **labels: str) -> float:
        """Return a metric, summed over the labels that are not named."""
        samples = [s for family in text_string_to_metric_families(self.get("/metrics")[1]) for s in family.samples]
        return sum(s.value for s in samples if s.name == PREFIX + name and labels.items() <= s.labels.items())

    def end(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


@pytest.fixture
def ship(tmp_path: Path) -> Iterator[Callable[..., Ship]]:
    """Return a function that starts ``shipper ship``; what still runs at the end is killed."""
    started: list[Ship] = []

    def start(*words: object, **environment: str) -> Ship:
        started.append(Ship(tmp_path, *map(str, words), **environment))
        return started[-1]

    yield start
    for one in started:
        one.process.kill()
        one.process.communicate()


@pytest.fixture
def installed(elasticsearch_url: str) -> str:
    setup.install(Connection(url=elasticsearch_url), assets.mappings(), namespace="default", agree=lambda _: True)
    return elasticsearch_url


def heartbeats(es: Elasticsearch, namespace: str) -> list[dict[str, Any]]:
    stream = f"metrics-intune_connector.shipper-{namespace}"
    es.indices.refresh(index=stream)
    found = es.search(index=stream, sort="intune_connector.shipper.sequence", size=1000)
    return [hit["_source"]["intune_connector"]["shipper"] for hit in found["hits"]["hits"]]


def test_a_run_that_follows_a_log_is_seen_to_deliver_it(
    ship: Callable[..., Ship], installed: str, es: Elasticsearch, fresh_namespace: str, tmp_path: Path
) -> None:
    log = tmp_path / "a.evtx"
    write_log(log, map(issue_failed, range(50)))
    to = ("--to", installed, "--namespace", fresh_namespace, "--state", tmp_path / "state")

    run = ship(log, "--follow", *to, "--listen", "127.0.0.1:0", SHIPPER_HEARTBEAT_S="0.5")
    run.wait_until(lambda: run.value("shipped_total") == 50)
    write_log(log, map(issue_failed, range(120)))
    run.wait_until(lambda: run.value("shipped_total") == 120)
    run.wait_until(lambda: run.value("lag_records", source=str(log)) == 0)

    assert run.value("lag_seconds", source=str(log)) == 0
    assert run.value("batch_duration_seconds_count") >= 2
    assert run.value("queue_documents") == run.value("queue_bytes") == 0
    assert run.get("/healthz") == (200, '{"status":"ok","reasons":[]}\n')
    assert run.get("/readyz")[0] == 200
    run.wait_until(lambda: run.value("heartbeats_total", result="sent") >= 3)
    assert run.end() == 0
    beats = heartbeats(es, fresh_namespace)
    assert [beat["sequence"] for beat in beats] == list(range(len(beats)))
    assert (beats[0]["state"], beats[1]["state"], beats[-1]["state"]) == ("starting", "running", "stopping")
    assert (beats[-1]["shipped"], beats[-1]["lag_records"], beats[-1]["sources"]) == (120, 0, 1)


def test_a_blocked_index_makes_it_wait_and_say_so_everywhere_until_it_is_lifted(
    ship: Callable[..., Ship], installed: str, es: Elasticsearch, fresh_namespace: str, tmp_path: Path
) -> None:
    log, stream = tmp_path / "a.evtx", f"logs-intune_connector.events-{fresh_namespace}"
    write_log(log, map(issue_failed, range(5)))
    to = ("--to", installed, "--namespace", fresh_namespace, "--state", tmp_path / "state")
    run = ship(log, "--follow", *to, "--listen", ":0", "--log-format", "ecs", "--json", SHIPPER_HEARTBEAT_S="0.3")
    run.wait_until(lambda: run.value("shipped_total") == 5)

    es.indices.put_settings(index=stream, settings={"index.blocks.write": True})
    write_log(log, map(issue_failed, range(9)))
    run.wait_until(lambda: run.value("waiting", reason="cluster_block_exception") == 1)
    status, body = run.get("/readyz")
    assert (status, json.loads(body)["status"]) == (503, "failing")
    assert "cluster_block_exception" in json.loads(body)["reasons"][0]
    assert run.get("/healthz")[0] == 200
    run.wait_until(lambda: run.value("lag_seconds", source=str(log)) > 1.5)
    run.wait_until(lambda: "waiting" in {beat["state"] for beat in heartbeats(es, fresh_namespace)})
    es.indices.put_settings(index=stream, settings={"index.blocks.write": None})
    run.wait_until(lambda: run.value("shipped_total") == 9)
    run.wait_until(lambda: run.get("/readyz")[0] == 200)

    assert run.end() == 0
    lines = run.lines()
    assert {"started", "waiting", "resumed", "stopping", "ended"} <= {line.get("event.action") for line in lines}
    (waiting,) = [line for line in lines if line.get("event.action") == "waiting"]
    assert (waiting["log.level"], waiting["error.type"]) == ("warn", "cluster_block_exception")
    assert lines[-2]["event.action"] == "ended"
    assert (lines[-1]["read"], lines[-1]["shipped"]) == (9, 9)
    (beat, *_) = [beat for beat in heartbeats(es, fresh_namespace) if beat["state"] == "waiting"]
    assert beat["waiting_for"].startswith("cluster_block_exception: ")


def test_an_elasticsearch_that_is_frozen_is_told_and_neither_the_pages_nor_the_end_wait_for_it(
    ship: Callable[..., Ship], elasticsearch_node: Callable[..., Node], tmp_path: Path
) -> None:
    node, log = elasticsearch_node(), tmp_path / "a.evtx"
    setup.install(Connection(url=node.url), assets.mappings(), namespace="default", agree=lambda _: True)
    write_log(log, map(issue_failed, range(5)))
    short = {"SHIPPER_HEARTBEAT_S": "0.2", "SHIPPER_REQUEST_TIMEOUT_S": "6", "SHIPPER_DRAIN_WITHIN_S": "1"}
    run = ship(log, "--follow", "--to", node.url, "--state", tmp_path / "state", "--listen", ":0", **short)
    run.wait_until(lambda: run.value("shipped_total") == 5 and run.value("heartbeats_total", result="sent") >= 2)

    node.suspend()
    try:
        write_log(log, map(issue_failed, range(9)))
        run.wait_until(lambda: run.value("waiting", reason="no_answer") == 1)
        assert run.get("/readyz")[0] == 503
        assert run.get("/healthz")[0] == 200
        assert run.value("queue_documents") == 4
        run.wait_until(lambda: run.value("heartbeats_total", result="failed") >= 1)
        begun = time.monotonic()
        assert run.end() == 0
        assert time.monotonic() - begun < 40
    finally:
        node.resume()
    assert "5 shipped" in run.said()


def test_the_role_of_the_documentation_is_enough_for_heartbeats(
    ship: Callable[..., Ship], secured_elasticsearch: Node, fresh_namespace: str, tmp_path: Path
) -> None:
    node = secured_elasticsearch
    role = json.loads((ROOT / "mappings" / "security" / "role" / "intune_connector_shipper.json").read_text())
    key = node.create_api_key(f"shipper-{fresh_namespace}", {"shipper": role})
    whole = Connection(
        url=node.url, api_key=None, username=node.username, password=_secret(node), ca_file=str(node.ca_file)
    )
    setup.install(whole, assets.mappings(), namespace="default", agree=lambda _: True)
    log = tmp_path / "a.evtx"
    write_log(log, map(issue_failed, range(5)))
    to = ("--to", node.url, "--ca-file", node.ca_file, "--namespace", fresh_namespace, "--state", tmp_path / "state")

    run = ship(log, "--follow", *to, "--listen", ":0", SHIPPER_API_KEY=key, SHIPPER_HEARTBEAT_S="0.3")
    run.wait_until(lambda: run.value("heartbeats_total", result="sent") >= 2)

    assert run.value("heartbeats_total", result="failed") == 0
    assert run.end() == 0
    assert "no heartbeat" not in run.said()


def _secret(node: Node) -> Any:
    from shipper.sinks.elasticsearch import Secret

    return Secret(node.password)


def test_without_the_metrics_template_that_is_said_once_and_the_events_arrive(
    ship: Callable[..., Ship], elasticsearch_node: Callable[..., Node], tmp_path: Path
) -> None:
    node = elasticsearch_node()
    wanted = [asset for asset in assets.mappings() if "metrics-" not in asset.name]
    setup.install(Connection(url=node.url), wanted, namespace="default", agree=lambda _: True)
    log = tmp_path / "a.evtx"
    write_log(log, map(issue_failed, range(5)))

    run = ship(
        log, "--follow", "--to", node.url, "--state", tmp_path / "s", "--listen", ":0", SHIPPER_HEARTBEAT_S="0.1"
    )
    run.wait_until(lambda: run.value("heartbeats_total", result="failed") >= 3)
    run.wait_until(lambda: run.value("shipped_total") == 5)

    assert run.end() == 0
    (said,) = [line for line in run.said().splitlines() if "no heartbeat" in line]
    assert "shipper setup" in said


def test_standard_input_that_is_silent_is_alive_and_ready(ship: Callable[..., Ship], tmp_path: Path) -> None:
    run = ship("-", "--listen", "127.0.0.1:0", "--state", tmp_path / "state", "--json")
    run.wait_until(lambda: run.get("/readyz")[0] == 200)
    assert run.get("/healthz")[0] == 200
    assert run.end() == 0
    first, *_, last = run.said().splitlines()
    assert json.loads(first)["said"].startswith("metrics and health at http://127.0.0.1:")
    assert list(json.loads(last))[:2] == ["read", "shipped"]


def test_several_processes_that_decode_are_forked_before_any_thread_is(
    ship: Callable[..., Ship], tmp_path: Path
) -> None:
    log = tmp_path / "a.evtx"
    write_log(log, map(issue_failed, range(3000)))
    run = ship(log, "-", "--workers", "2", "--listen", ":0", PYTHONWARNINGS="error")
    run.wait_until(lambda: run.value("shipped_total") == 3000)
    assert run.end() == 0


@pytest.mark.parametrize("log_format", ["text", "ecs"])
def test_a_port_that_is_taken_is_said_before_anything_is_shipped(
    tell: Callable[..., Any], tmp_path: Path, log_format: str
) -> None:
    log, out = tmp_path / "a.evtx", tmp_path / "out.ndjson"
    write_log(log, map(issue_failed, range(5)))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        told = tell("ship", log, "--to", f"ndjson:{out}", "--listen", address, "--log-format", log_format)
    assert told.code == 2
    assert f"cannot listen at http://{address}" in told.err
    assert "another port" in told.err
    assert not out.exists()


def test_a_listening_that_other_hosts_can_reach_is_pointed_out(tell: Callable[..., Any], tmp_path: Path) -> None:
    log = tmp_path / "a.evtx"
    write_log(log, map(issue_failed, range(5)))
    told = tell("ship", log, "--listen", "0.0.0.0:0")
    assert told.code == 0
    assert "for every host that can reach it" in told.err


def ran_in_python(program: str, *words: object) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(  # noqa: S603 (our own program)
        [sys.executable, "-c", program, *map(str, words)], capture_output=True, text=True, timeout=120, check=False
    )


def test_what_listening_takes_and_is_not_installed_is_named_with_its_command(tmp_path: Path) -> None:
    log = tmp_path / "a.evtx"
    write_log(log, map(issue_failed, range(5)))
    program = "import sys; sys.modules['prometheus_client'] = None; from shipper.cli import main; sys.exit(main())"
    ended = ran_in_python(program, "ship", log, "--listen", ":0")
    assert ended.returncode == 2
    assert "pip install 'intune-connector-shipper[metrics]'" in ended.stderr
    assert "Traceback" not in ended.stderr


NOT_TO_BE_IMPORTED = {
    "explain": ("shipper.operations", "prometheus_client", "http.server", "elasticsearch", "elastic_transport"),
    "ship": ("prometheus_client", "http.server", "shipper.operations.endpoint", "shipper.cli.account_in_ecs"),
}


@pytest.mark.parametrize("command", NOT_TO_BE_IMPORTED)
def test_a_command_does_not_import_what_it_has_no_use_for(command: str, tmp_path: Path) -> None:
    log = tmp_path / "a.evtx"
    write_log(log, map(issue_failed, range(5)))
    words: list[object] = ["explain", "20102"] if command == "explain" else ["ship", log]
    program = "import sys; from shipper.cli import main; main(); print('\\n'.join(sys.modules), file=sys.stderr)"
    ended = ran_in_python(program, *words)
    assert ended.returncode == 0
    assert not set(NOT_TO_BE_IMPORTED[command]) & set(ended.stderr.splitlines())


@pytest.mark.parametrize("more", [[], ["--json"]])
def test_every_line_is_ecs_json_whatever_the_file_is_called_and_holds(
    tell: Callable[..., Any], tmp_path: Path, more: list[str]
) -> None:
    whole = tmp_path / "whole.evtx"
    write_log(whole, map(issue_failed, range(9)))
    damaged = Path(os.fsdecode(os.fsencode(tmp_path) + b'/\xff\n\x1b[2J"\xe2\x80\xae.evtx'))
    damaged.write_bytes(flip_bit(whole.read_bytes(), 4))

    told = tell("ship", damaged, "--log-format", "ecs", *more)

    assert told.code == 1
    lines = [json.loads(line) for line in told.err.splitlines()]
    if more:
        assert lines.pop()["unreadable"] == 1
    assert [line["event.action"] for line in lines] == ["started", "record-unreadable", "ended"]
    assert all(line["ecs.version"] and line["event.dataset"] == "intune_connector.shipper" for line in lines)
    assert lines[1]["log.file.path"].endswith('\\x0a\\x1b[2J"\\u202e.evtx')
    assert lines[-1]["intune_connector.shipper.unreadable"] == 1
    assert lines[-1]["event.outcome"] == "failure"


@pytest.mark.parametrize(
    ("words", "environment"), [(["--log-format", "ecs"], {}), ([], {"SHIPPER_LOG_FORMAT": "ecs"})], ids=["flag", "key"]
)
def test_an_error_of_the_configuration_is_an_ecs_line_too(
    tell: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, words: list[str], environment: dict[str, str]
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    told = tell("ship", "x", "--config", "absent.toml", *words)
    assert told.code == 2
    (line,) = map(json.loads, told.err.splitlines())
    assert (line["log.level"], line["event.action"], line["error.type"]) == ("error", "failed", "ConfigError")
    assert "absent.toml" in line["message"]


def refuse_all(es: Elasticsearch, namespace: str) -> None:
    """Make a template whose mapping takes no document of the tests."""
    es.indices.put_index_template(
        name=f"foreign-{namespace}",
        index_patterns=[f"logs-intune_connector.events-{namespace}"],
        data_stream={},
        priority=900,
        template={"mappings": {"properties": {"device": {"properties": {"id": {"type": "long"}}}}}},
    )


def test_the_last_heartbeat_says_what_ended_the_run(
    ship: Callable[..., Ship], installed: str, es: Elasticsearch, fresh_namespace: str, tmp_path: Path
) -> None:
    refuse_all(es, fresh_namespace)
    log = tmp_path / "a.evtx"
    write_log(log, map(issue_failed, range(1500)))
    to = ("--to", installed, "--namespace", fresh_namespace, "--state", tmp_path / "state")

    run = ship(log, "--follow", *to, SHIPPER_ALLOW_FOREIGN_MAPPING="true", SHIPPER_DEAD_LETTERS_MAX_MB="1")

    assert run.process.wait(60) == 3, run.said()
    stream = f"metrics-intune_connector.shipper-{fresh_namespace}"
    es.indices.refresh(index=stream)
    found = es.search(index=stream, query={"term": {"intune_connector.shipper.state": "stopping"}})
    (last,) = [hit["_source"] for hit in found["hits"]["hits"]]
    assert last["error"]["type"] == "StateError"
    assert "the dead letters are full" in last["error"]["message"]


def test_refused_documents_are_one_line_for_each_kind_with_the_first_reason(
    tell: Callable[..., Any], elasticsearch_url: str, es: Elasticsearch, fresh_namespace: str, tmp_path: Path
) -> None:
    refuse_all(es, fresh_namespace)
    log = tmp_path / "a.evtx"
    write_log(log, map(issue_failed, range(7)))
    to = ("--to", elasticsearch_url, "--namespace", fresh_namespace, "--allow-foreign-mapping")

    told = tell("ship", log, *to, "--log-format", "ecs")

    assert told.code == 1
    (line,) = [one for one in map(json.loads, told.err.splitlines()) if one["event.action"] == "dead-letters"]
    assert (line["log.level"], line["error.type"]) == ("error", "document_parsing_exception")
    assert line["intune_connector.shipper.dead"] == 7
    assert "[device.id]" in line["error.message"]
