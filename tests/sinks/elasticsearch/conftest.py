"""A stand-in for faults that a real Elasticsearch cannot be made to show cheaply, and documents to send."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from shipper import assets, setup
from shipper.model import INGESTED_PLACEHOLDER, Document, Position
from shipper.sinks.elasticsearch import Connection

#: Answers to one bulk request: an HTTP status, a body, headers; ``None`` as status cuts the line without a word.
Reply = tuple[int | None, Any, dict[str, str]]


def _all_created(body: bytes) -> Reply:
    return 200, {"errors": False, "items": [{"create": {"status": 201}}] * (body.count(b"\n") // 2)}, {}


class StandIn:
    """An HTTP server that answers ``/`` like an Elasticsearch and ``_bulk`` from a script; it notes what it got."""

    def __init__(self) -> None:
        self.script: list[Reply] = []
        self.bulks: list[list[dict[str, Any]]] = []
        self.headers: list[dict[str, str]] = []
        #: Names of the requests that are being carried out, for one question after the other.
        self.under_way: list[list[str]] = []
        #: How many questions long the last bulk request is being carried out.
        self.busy_with_last = 0
        self.got: list[str] = []
        self.version = "8.19.0"
        self.product = "Elasticsearch"
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                path = self.path.partition("?")[0]
                stand_in.got.append(path)
                self._reply(stand_in.told(path))

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                stand_in.bulks.append([json.loads(line) for line in body.splitlines()])
                stand_in.headers.append({name.lower(): value for name, value in self.headers.items()})
                self._reply(stand_in.script.pop(0) if stand_in.script else _all_created(body))

            def _reply(self, reply: Reply) -> None:
                status, body, headers = reply
                if status is None:
                    self.close_connection = True
                    return
                encoded = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                for name, value in {"content-type": "application/json", **headers}.items():
                    self.send_header(name, value)
                if stand_in.product:
                    self.send_header("x-elastic-product", stand_in.product)
                if "connection" not in headers:  # else its end is the end of the answer
                    self.send_header("content-length", str(len(encoded)))
                self.end_headers()
                self.wfile.write(encoded)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the base class names it so)
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def will(self, *of: dict[str, Any]) -> None:
        """Answer the next bulk request with these items."""
        failed = any("error" in item["create"] for item in of)
        self.will_reply(200, {"errors": failed, "items": list(of)})

    def will_reply(self, status: int | None, body: Any = b"", **headers: str) -> None:
        """Answer the next bulk request as a whole; ``None`` cuts the line without a word."""
        self.script.append((status, body, {name.replace("_", "-"): value for name, value in headers.items()}))

    @staticmethod
    def created(**more: Any) -> dict[str, Any]:
        """Return an item that was taken."""
        return {"create": {"status": 201, **more}}

    @staticmethod
    def refused(status: int, kind: str, reason: str = "because") -> dict[str, Any]:
        """Return an item that was refused."""
        return {"create": {"status": status, "error": {"type": kind, "reason": reason}}}

    def sent_ids(self) -> list[list[str]]:
        """Return the ids of each bulk request."""
        return [[line["create"]["_id"] for line in bulk[::2]] for bulk in self.bulks]

    def told(self, path: str) -> Reply:
        """Return what is answered to a question; there is no data stream."""
        if path == "/":
            return 200, {"version": {"number": self.version}}, {}
        if path != "/_tasks":
            return 404, {"error": {"type": "index_not_found_exception"}}, {}
        tasks = {name: {"headers": {"X-Opaque-Id": name}} for name in self.running()}
        return 200, {"nodes": {"a": {"tasks": tasks}}}, {}

    def running(self) -> list[str]:
        """Return the names of the requests that are being carried out now."""
        if self.busy_with_last:
            self.busy_with_last -= 1
            return [self.headers[-1]["x-opaque-id"]]
        return self.under_way.pop(0) if self.under_way else []

    def close(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    server = StandIn()
    yield server
    server.close()


MakeDocument = Callable[..., Document]


@pytest.fixture
def make_document() -> MakeDocument:
    """Return a maker of synthetic documents; what they hold besides is the test's business."""

    def make(identity: str, data_stream: str = "logs-intune_connector.events-default", **fields: Any) -> Document:
        event = {"ingested": INGESTED_PLACEHOLDER, "code": "20102"}
        parts = {"event": event, "@timestamp": "2026-11-23T09:30:00.123456Z", **fields}
        body = json.dumps(parts, separators=(",", ":")).encode()
        at = body.index(INGESTED_PLACEHOLDER.encode())
        return Document(identity, data_stream, body, at, Position("synthetic.evtx", 1))

    return make


@pytest.fixture
def installed(elasticsearch_url: str) -> str:
    """Return the URL of the open node, with our templates in it."""
    setup.install(
        Connection(url=elasticsearch_url), assets.mappings(), namespace="default", agree=lambda _changes: True
    )
    return elasticsearch_url
