"""Alerts of a synthetic kind, and receivers that misbehave as they are told."""

import json
import os
import signal
import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from shipper.cli import main
from shipper.model import INGESTED_PLACEHOLDER, Document, Position
from shipper.testing.connector.events import legacy_event
from shipper.testing.engine.certificates import Certificates, write_certificates
from shipper.testing.evtx_writer import EventSpec, write_log

MakeAlert = Callable[..., Document]


@pytest.fixture(scope="session")
def alert() -> MakeAlert:
    """Return a function that makes the synthetic alert of a number."""
    return make_alert


def make_alert(number: int, **more: Any) -> Document:
    content = {
        "event": {"ingested": INGESTED_PLACEHOLDER, "kind": "alert", "id": f"alert-{number}", "reason": "why"},
        "@timestamp": "2026-11-24T09:30:00.000Z",
        "agent": {"name": "shipper01"},
        "rule": {"id": "a-rule"},
        "intune_connector": {"alert": {"severity": "high"}},
        **more,
    }
    body = json.dumps(content, separators=(",", ":")).encode()
    at = body.index(INGESTED_PLACEHOLDER.encode())
    return Document(f"alert-{number}", "logs-intune_connector.alerts-default", body, at, Position("alerts", -1))


class Request(NamedTuple):
    """What a receiver got."""

    path: str
    headers: dict[str, str]
    body: bytes


class Receiver:
    """An HTTP server that keeps what it gets and answers as it is told.

    Attributes:
        answers: (status, headers) or a function of the handler, one a request; 200 when they are used up.
    """

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.requests: list[Request] = []
        self.answers: list[tuple[int, dict[str, str]] | Callable[[BaseHTTPRequestHandler], None]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.requests.append(Request(self.path, dict(self.headers), body))
                answer = receiver.answers.pop(0) if receiver.answers else (200, {})
                if callable(answer):
                    answer(self)
                    return
                self.send_response(answer[0])
                for name, text in answer[1].items():
                    self.send_header(name, text)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"ok")

            def log_message(self, *words: object) -> None: ...

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: Any, client_address: Any) -> None: ...

        self._server = Server(("127.0.0.1", 0), Handler)
        self.scheme = "http"
        if context is not None:
            self.scheme = "https"
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self._server.server_port}/in?key=path-secret"

    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(request.body) for request in self.requests]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return write_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="session")
def other_authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_certificates(tmp_path_factory.mktemp("other")).authority


@pytest.fixture
def server_context(certificates: Certificates) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.certificate, certificates.key)
    return context


@pytest.fixture
def receiver(server_context: ssl.SSLContext) -> Iterator[Receiver]:
    """Yield a webhook with TLS."""
    one = Receiver(server_context)
    yield one
    one.close()


EVERY_FAILURE = """\
id = "every-failure"
nature = "failure"
severity = "high"
risk_score = 60
quiet_for = "1s"

[where.is]
"event.code" = "20102"

[looks_for]
kind = "match"

[text.en]
name = "A request failed"
why = "A synthetic rule: every failure to issue is an alert."
first_steps = ["Look at it."]

[text.it]
name = "Una richiesta non è riuscita"
why = "Una regola sintetica: ogni emissione non riuscita è un avviso."
first_steps = ["Guardarla."]
"""


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """Return a folder of one rule: every failure is an alert."""
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "every-failure.toml").write_text(EVERY_FAILURE, encoding="utf-8")
    return folder


HOST = "pki01.corp.example"


def issue_failed(number: int) -> EventSpec:
    """Make a synthetic failure to issue, of the hour before."""
    time = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1) + timedelta(milliseconds=100 * number)
    details = (("DeviceId", f"00000000-0000-4000-8000-{number:012}"), ("CAName", "CA01"))
    return legacy_event(HOST, 20102, time, details, code="0x00000400", texts=("gone",))


WriteLog = Callable[[int], Path]


@pytest.fixture
def write_failures(tmp_path: Path) -> WriteLog:
    """Return a function that writes a log of so many synthetic failures."""

    def write(count: int) -> Path:
        path = tmp_path / f"connector-{count}.evtx"
        write_log(path, map(issue_failed, range(count)))
        return path

    return write


class Told(NamedTuple):
    """How a command ended and what it said."""

    code: int
    out: str
    err: str

    @property
    def account(self) -> dict[str, Any]:
        loaded: dict[str, Any] = json.loads(self.err.splitlines()[-1])
        return loaded


@pytest.fixture(autouse=True)
def _no_settings_of_the_tester(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("SHIPPER_") and name != "SHIPPER_SHARED"]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def tell(capfd: pytest.CaptureFixture[str]) -> Iterator[Callable[..., Told]]:
    """Return a function that runs the command line in this process."""

    def run(*words: object) -> Told:
        capfd.readouterr()
        told = Told(main([str(word) for word in words]), *capfd.readouterr())
        assert "Traceback" not in told.err
        assert "a fault in the shipper itself" not in told.err
        return told

    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield run
    for number, handler in handlers.items():
        signal.signal(number, handler)


@pytest.fixture
def plain_receiver() -> Iterator[Receiver]:
    """Yield a webhook on this machine without TLS."""
    one = Receiver()
    yield one
    one.close()
