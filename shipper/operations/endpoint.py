"""``/metrics``, ``/healthz`` and ``/readyz`` over HTTP: small, bounded, for reading alone."""

import contextlib
import os
import socket
import threading
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any, TypeAlias

import msgspec

from shipper.errors import UsageError
from shipper.operations.address import WHERE, Address

#: So many requests are answered at once; further ones are hung up on.
_MOST_AT_ONCE = 16
#: How often connections that take too long are looked for.
_LOOK_EVERY_S = 0.2


class Page(msgspec.Struct, frozen=True):
    """An answer."""

    status: int
    content_type: str
    body: bytes


#: Makes the answer to one path.
Serve: TypeAlias = Callable[[], Page]


class Endpoint:
    """Serves pages at an address, from ``start`` to ``close``; from the beginning the port is taken.

    Args:
        address: where.
        pages: by path.
        within_s: a connection that has not sent its request and taken its answer within this is cut.

    Raises:
        UsageError: the port is taken, or the address is not of this host.
    """

    def __init__(self, address: Address, pages: Mapping[str, Serve], within_s: float = 10.0) -> None:
        self._server = _bound(address, pages, within_s)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(_LOOK_EVERY_S,), daemon=True)
        self.address = Address(address.host, self._server.server_address[1])

    def start(self) -> None:
        """Begin to answer; those who asked before have waited."""
        self._thread.start()

    def close(self) -> None:
        """Stop answering, and give the port back."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()


def _bound(address: Address, pages: Mapping[str, Serve], within_s: float) -> "_Server":
    try:
        family, _, _, _, place = socket.getaddrinfo(
            address.host, address.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        return _Server(family, place, pages, within_s)
    except OSError as error:
        raise UsageError(
            f"cannot listen at {address.url}: {error.strerror or error}",
            where=WHERE,
            hint="another port, an address of this host, or none (which turns metrics and health off)",
        ) from None


class _Server(ThreadingHTTPServer):
    """A server whose connections are few and short."""

    daemon_threads = True
    block_on_close = False
    allow_reuse_address = os.name == "posix"  # on Windows it would let two processes have one port
    request_queue_size = 32

    def __init__(self, family: int, place: Any, pages: Mapping[str, Serve], within_s: float) -> None:
        self.address_family = family
        self.pages = pages
        self._within_s = within_s
        self._open: dict[Any, float] = {}
        super().__init__(place, _Handler)

    def server_bind(self) -> None:
        """Bind without asking the resolver for this host's name, which may take long."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = "", self.server_address[1]

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer in a thread of its own, while there are few."""
        if len(self._open) >= _MOST_AT_ONCE:
            self.shutdown_request(request)
            return
        self._open[request] = time.monotonic()
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Forget the connection, and close it."""
        self._open.pop(request, None)
        super().shutdown_request(request)

    def service_actions(self) -> None:
        """Cut what takes too long; called between requests."""
        now_s = time.monotonic()
        for request, since_s in list(self._open.items()):
            if now_s - since_s > self._within_s:
                with contextlib.suppress(OSError):
                    request.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a client that goes away is no event."""


class _Handler(BaseHTTPRequestHandler):
    """One request, of at most 64 KB a line and 100 lines (``http.server``)."""

    server: _Server

    def do_GET(self) -> None:
        """Answer with a page."""
        serve = self.server.pages.get(self.path.partition("?")[0])
        if serve is None:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        try:
            page = serve()
        except Exception:  # noqa: BLE001 (a fault of ours is told as one, and without a trace)
            self.send_error(HTTPStatus.INTERNAL_SERVER_ERROR)
            return
        self._send(page)

    do_HEAD = do_GET  # noqa: N815 (the base class names it so)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer with the status alone: what a client sent is not sent back."""
        del message, explain
        status = HTTPStatus(code)
        if status is HTTPStatus.NOT_IMPLEMENTED:  # what http.server says of any method that it has no function for
            status = HTTPStatus.METHOD_NOT_ALLOWED
        self._send(Page(status, "text/plain; charset=utf-8", f"{status} {status.phrase}\n".encode()))

    def _send(self, page: Page) -> None:
        self.send_response(page.status)
        self.send_header("content-type", page.content_type)
        self.send_header("content-length", str(len(page.body)))
        self.send_header("cache-control", "no-store")
        self.send_header("x-content-type-options", "nosniff")
        if page.status == HTTPStatus.METHOD_NOT_ALLOWED:
            self.send_header("allow", "GET, HEAD")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(page.body)

    def version_string(self) -> str:
        """Name no versions."""
        return "shipper"

    def log_message(self, *_: Any) -> None:
        """Say nothing: a probe every few seconds is no news."""
