"""HTTP of the stand-in: reads requests, sends answers, whole or broken."""

from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler
from typing import TypeAlias

from shipper.testing.kibana.fault import Fault
from shipper.testing.kibana.reply import Reply

#: Method, target, headers and body of a request, to what becomes of it.
Answering: TypeAlias = Callable[[str, str, Mapping[str, str], bytes], Reply | Fault]


def handler(answering: Answering, silent: Callable[[float], None]) -> type[BaseHTTPRequestHandler]:
    """Return the handler of a server.

    Args:
        answering: says what becomes of a request.
        silent: waits so many seconds.
    """

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # head and body go out as two writes: else each answer waits 40 ms

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            outcome = answering(self.command, self.path, dict(self.headers.items()), body)
            if isinstance(outcome, Reply):
                self._send(outcome, len(outcome.body))
                return
            self.close_connection = True
            if outcome.kind == "stall":
                silent(outcome.stall_s)
            elif outcome.kind == "cut":
                self._send(outcome.reply, len(outcome.reply.body) // 2)

        do_POST = do_PATCH = do_DELETE = do_PUT = do_HEAD = do_GET  # noqa: N815 (their names in the base class)

        def _send(self, reply: Reply, length: int) -> None:
            self.send_response(reply.status)
            self.send_header("content-type", reply.content_type)
            self.send_header("content-length", str(len(reply.body)))
            self.send_header("kbn-name", "stand-in")
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body[:length])

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (its name in the base class)
            """Say nothing."""

    return Handler
