"""A secret is nowhere but on the wire: not in what a command says, keeps or sends, whether it succeeds or fails."""

import base64
import http.client
import json
import logging
import os
import socket
import time
import traceback
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest

from shipper import config
from shipper.cli import COMMANDS
from shipper.dead_letters import DeadLetterFile
from shipper.errors import ShipperError
from shipper.model import INGESTED_PLACEHOLDER, Document, Outcome, Position
from shipper.pipeline.opening import open_sink
from shipper.sinks.elasticsearch import Connection, ElasticsearchSink
from shipper.sinks.elasticsearch.server import Server
from shipper.testing.chaos import Shipper, wait_until
from shipper.testing.connector.events import legacy_event
from shipper.testing.engine import Node
from shipper.testing.engine.certificates import write_certificates
from shipper.testing.evtx_writer import write_log

Run = Callable[..., Any]

WAYS = [
    f"{secret} that {fate} in {place}"
    for secret, fates in (
        ("api_key", ("holds", "is refused")),
        ("password", ("holds", "is refused")),
        ("webhook_secret", ("holds",)),  # nobody refuses it here: there is nobody
    )
    for fate in fates
    for place in ("environment", "file", "configuration")
]
UNREACHABLE = "https://127.0.0.1:1"
#: What each command is asked to do; together with secrets that hold and with some that do not it succeeds and fails.
WORDS: dict[str, list[tuple[str, ...]]] = {
    "ship": [
        ("{events}",),
        ("{events}", "--json"),
        ("{events}", "--log-format", "ecs"),
        ("{events}", "--to", UNREACHABLE, "--json"),
        ("{events}", "--ca-file", "{other_ca}"),
        ("{events}", "--ca-fingerprint", "ab" * 32),
        ("{events}", "--workers", "many"),
        ("{broken}", "--json"),
        ("nowhere.ndjson",),
    ],
    "setup": [(), ("--json",), ("--to", UNREACHABLE), ("--ca-file", "{other_ca}"), ("--to", "nowhere")],
    "check": [("{events}",), ("{events}", "--json"), ("--to", UNREACHABLE), ("--ca-file", "{other_ca}", "--json")],
    "state": [(), ("--json",), ("--forget", "nothing")],
    "replay": [("--dry-run",), ("--to", UNREACHABLE), ("--json",), ()],
    "explain": [("20102",), ("nonsense", "--json")],
    "evaluate": [
        ("{events}",),
        ("{events}", "--json", "--alerts", "index"),
        ("{node}", "--json", "--alerts", "index"),
        (UNREACHABLE,),
        ("{events}", "--webhook-secret-file", "nowhere"),
    ],
    "audit": [("{events}",), ("{events}", "--json"), ("{events}", "--to", UNREACHABLE), ("nowhere.ndjson",)],
    "report": [("{events}", "-o", "{page}"), ("{node}", "-o", "{page}"), (UNREACHABLE,), ("nowhere.ndjson", "-o", "-")],
    "demo": [("--no-elasticsearch", "--folder", "{events}")],
}


class Given(NamedTuple):
    """Secrets that a command has, and the files that may hold them."""

    canaries: tuple[str, ...]
    files: tuple[Path, ...]
    holds: bool

    def __repr__(self) -> str:
        return "Given(...)"  # it is a local variable of tests that look for it in tracebacks

    def shown_in(self, text: str) -> list[str]:
        return [canary for canary in self.canaries if canary in text]

    def kept_in(self, folder: Path) -> list[Path]:
        """Return the files below ``folder`` that hold a secret and should not."""
        files = [path for path in folder.rglob("*") if path.is_file() and path not in self.files]
        return [path for path in files if any(canary.encode() in path.read_bytes() for canary in self.canaries)]


def secrets(node: Node, *, hold: bool) -> dict[str, str]:
    """Return an API key, a password and a webhook's secret, such as hold or such as are refused."""
    of_webhooks = {"webhook_secret": "canary-9d41c7"}
    if not hold:
        refused = {"api_key": base64.b64encode(b"canary:canary-5e1f0a").decode(), "password": "canary-77b2"}
        return refused | of_webhooks
    return {"api_key": node.create_api_key("canary"), "password": node.password} | of_webhooks


@pytest.fixture(params=WAYS)
def given(
    request: pytest.FixtureRequest,
    node: Node,
    tmp_path: Path,
    fresh_namespace: str,
    monkeypatch: pytest.MonkeyPatch,
) -> Given:
    """Give the secret to every command in one of the ways there are."""
    kind, _, place = request.param.partition(" in ")
    kind, _, fate = kind.partition(" that ")
    secret = secrets(node, hold=fate == "holds")
    text = secret[kind]
    settings = {"to": node.url, "ca_file": str(node.ca_file), "namespace": fresh_namespace, "give_up_after_s": "1"}
    settings |= {"state": str(tmp_path / "kept"), "heartbeat_s": "1"}
    if kind == "password":
        settings["username"] = node.username
    if kind == "webhook_secret":
        settings |= {"api_key": secret["api_key"], "alerts_to": "webhook:http://127.0.0.1:1/", "drain_within_s": "0.2"}
    file = tmp_path / f"{kind}.secret"
    if place == "environment":
        settings[kind] = text
    elif place == "file":
        file.write_text(text)
        settings[f"{kind}_file"] = str(file)
    else:
        file.write_text(f"[{config.SECTION_OF[kind]}]\n{kind} = {json.dumps(text)}\n")
        file.chmod(0o600)
        settings["config"] = str(file)
    for key, value in settings.items():
        monkeypatch.setenv(f"SHIPPER_{key.upper()}", value)
    return Given(canaries(kind, text, node.username), (file,), fate == "holds")


def canaries(kind: str, text: str, username: str) -> tuple[str, ...]:
    """Return every spelling of a secret that could end somewhere."""
    if kind == "password":
        return text, base64.b64encode(f"{username}:{text}".encode()).decode()
    return (text,) if kind == "webhook_secret" else (text, base64.b64decode(text).decode().partition(":")[2])


@pytest.fixture
def words(events: Path, tmp_path: Path, node: Node) -> dict[str, str]:
    """Return what stands for the names in ``WORDS``."""
    broken = tmp_path / "broken.ndjson"
    broken.write_bytes(b'{"winlog": {"channel": "Microsoft Intune Connector", "event_id": "20102"\n')
    (tmp_path / "other").mkdir()
    return {
        "events": str(events),
        "node": node.url,
        "page": str(tmp_path / "report.html"),
        "broken": str(broken),
        "other_ca": str(write_certificates(tmp_path / "other").authority),
    }


def test_every_command_is_looked_at() -> None:
    assert WORDS.keys() == COMMANDS.keys()


@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_shows_or_keeps_a_secret(  # noqa: PLR0917 (fixtures)
    given: Given,
    tell: Run,
    words: dict[str, str],
    command: str,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    keep_a_dead_letter(tmp_path / "kept")
    for some in WORDS[command]:
        told = tell(command, *(word.format(**words) for word in some))
        assert not given.shown_in(told.out + told.err), some
        assert "Traceback" not in told.err
    assert not given.shown_in(caplog.text)
    assert not given.kept_in(tmp_path)


def keep_a_dead_letter(folder: Path) -> None:
    body = json.dumps({"@timestamp": "2026-11-23T09:30:00.123Z", "event": {"ingested": INGESTED_PLACEHOLDER}}).encode()
    at = body.index(INGESTED_PLACEHOLDER.encode())
    document = Document("AAAAAAAAAAAAAAAAAAAA", "logs-intune_connector.events-canary", body, at, Position("a", 1))
    with DeadLetterFile(folder) as letters:
        letters.keep([(document, Outcome("rejected", "document_parsing_exception", "synthetic"))])


def test_no_secret_is_sent_as_a_document(
    given: Given, node: Node, tell: Run, events: Path, fresh_namespace: str
) -> None:
    tell("ship", events)
    found = documents(node, f"*-intune_connector.*-{fresh_namespace}")
    assert not given.shown_in(found)


def documents(node: Node, data_streams: str) -> str:
    node.access.request("POST", f"/{data_streams}/_refresh")
    _, answer = node.access.request("POST", f"/{data_streams}/_search", {"size": 1000})
    return json.dumps(answer)


def test_nothing_that_holds_a_secret_shows_it_when_it_is_printed(given: Given) -> None:
    settings = loaded()
    connection = Connection.to(settings.ship.to, settings.elasticsearch)
    holders = [
        settings,
        settings.alerts,
        settings.elasticsearch,
        connection,
        Server(connection),
        ElasticsearchSink(connection),
    ]
    holders += [connection.reread(), connection.api_key, connection.password]
    assert not [holder for holder in holders if given.shown_in(f"{holder!r} {holder!s} {holder}")]


def test_a_connection_is_never_encoded(given: Given) -> None:
    settings = loaded()
    with pytest.raises(TypeError):
        msgspec.json.encode(Connection.to(settings.ship.to, settings.elasticsearch))
    del given


@pytest.mark.parametrize(("url", "frame"), [("", "in check"), (UNREACHABLE, "in perform_request")])
def test_no_traceback_shows_a_secret_not_even_with_the_values_of_its_variables(
    given: Given, url: str, frame: str, words: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHIPPER_CA_FILE", words["other_ca"])
    if url:
        monkeypatch.setenv("SHIPPER_TO", url)
    sink = open_sink(loaded(), lambda _reason: None)
    with pytest.raises(ShipperError) as caught:
        sink.check("logs-a-b")  # type: ignore[attr-defined]  # (it is that of Elasticsearch)
    shown = "".join(traced(caught.value))
    assert frame in shown
    assert not given.shown_in(shown)


def traced(error: BaseException | None) -> Iterator[str]:
    """Yield the traceback of an error and of all that came before it, hidden or not, with local variables."""
    while error is not None:
        yield from traceback.TracebackException.from_exception(error, capture_locals=True).format(chain=False)
        error = error.__cause__ or error.__context__


def loaded() -> config.Config:
    path = os.environ.get("SHIPPER_CONFIG")
    return config.load(Path(path) if path else None, os.environ, {})


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Return a log of one synthetic failure."""
    path = tmp_path / "connector.evtx"
    write_log(path, [legacy_event("pki01.corp.example", 20102, datetime.now(UTC) - timedelta(hours=1), ())])
    return path


def test_no_secret_is_in_metrics_health_heartbeats_or_the_state_of_one_that_follows(
    given: Given, node: Node, log: Path, tmp_path: Path, fresh_namespace: str
) -> None:
    address = f"127.0.0.1:{free_port()}"
    environment = {name: text for name, text in os.environ.items() if name.startswith("SHIPPER_")}
    environment["SHIPPER_LOG_FORMAT"] = "ecs"
    with Shipper(["ship", log, "--follow", "--listen", address], environment=environment) as shipper:
        wait_until(lambda: address in shipper.said() or not shipper.is_running, shipper)
        pages = "".join(page(address, path) for path in ("/metrics", "/healthz", "/readyz", "/nothing"))
        time.sleep(1.5)
        said = (shipper.stopped() if shipper.is_running else shipper.ended()).said
    assert "intune_connector" in pages or not given.holds
    assert not given.shown_in(said + pages + documents(node, f"*-intune_connector.*-{fresh_namespace}"))
    assert not given.kept_in(tmp_path)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def page(address: str, path: str) -> str:
    """Return what is answered, nothing where the shipper has ended because its secrets are refused."""
    line = http.client.HTTPConnection(address, timeout=20)
    try:
        line.request("GET", path)
        answer = line.getresponse()
        return f"{answer.headers}{answer.read().decode()}"
    except OSError:
        return ""
    finally:
        line.close()
