"""The server: checks what every request to Kibana must have, finds the space, and hands on to what knows the answer."""

import ssl
import threading
from collections.abc import Iterable, Mapping
from http.server import ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl, unquote, urlsplit

import msgspec

from shipper.testing.engine.certificates import Certificates
from shipper.testing.kibana.clock import Clock
from shipper.testing.kibana.fault import Fault
from shipper.testing.kibana.form import file_of, lines_of
from shipper.testing.kibana.handler import handler
from shipper.testing.kibana.reply import Body, RefusedError, Reply, answered, refused
from shipper.testing.kibana.rules import Rules
from shipper.testing.kibana.saved_objects import SavedObjects

_RULES = "/api/detection_engine/rules"
_SAFE = ("GET", "HEAD")


class Request(msgspec.Struct, frozen=True):
    """One request as it came.

    Attributes:
        method: of HTTP.
        path: without base path, space and query.
        space: its id.
        query: its parameters.
        headers: by names in lower case.
        body: as sent.
    """

    method: str
    path: str
    space: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    def json(self) -> Body:
        """Return the body as JSON.

        Raises:
            RefusedError: it is none, or not said to be.
        """
        if not self.headers.get("content-type", "").startswith("application/json"):
            raise RefusedError(415, "Unsupported Media Type")
        try:
            return msgspec.json.decode(self.body, type=Body)
        except msgspec.DecodeError as error:
            raise RefusedError(400, f"Invalid request payload JSON format: {error}") from None


class StandIn:
    """A Kibana that is none, on a free port of 127.0.0.1. A context manager.

    Args:
        certificates: it speaks TLS with them.
        version: that it says it has; from 8.19 on it migrates what it imports.
        spaces: that exist.
        authorization: the header that must come; empty for none.
        base_path: before every path.
        faults: strike the requests that they fit, in this order.
    """

    def __init__(
        self,
        *,
        certificates: Certificates | None = None,
        version: str = "8.12.2",
        spaces: Iterable[str] = ("default",),
        authorization: str = "",
        base_path: str = "",
        faults: Iterable[Fault] = (),
    ) -> None:
        clock = Clock()
        self.objects = SavedObjects(clock, newer=version.startswith(("8.19", "9.")))
        self.rules = Rules(clock)
        self.requests: list[Request] = []
        self.faults = list(faults)
        #: Parts of paths that the user lacks the privilege for.
        self.denied: set[str] = set()
        self._version, self._spaces = version, tuple(spaces)
        self._authorization, self._base_path = authorization, base_path
        self._scheme = "https" if certificates else "http"
        self._ending = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler(self.answer, self.silent))
        self._server.daemon_threads = True
        if certificates:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(certificates.certificate, certificates.key)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._ending.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        """Where it listens, with its base path."""
        return f"{self._scheme}://127.0.0.1:{self._server.server_address[1]}{self._base_path}"

    def writes(self) -> list[str]:
        """Return method and path of every request that could have changed something."""
        reads = ("/api/saved_objects/_export",)
        return [f"{one.method} {one.path}" for one in self.requests if one.method != "GET" and one.path not in reads]

    def answer(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply | Fault:
        """Return the answer to one request, or the fault that strikes instead."""
        request = self._request(method, target, headers, body)
        if request is None:
            return refused(404, "Not Found")
        self.requests.append(request)
        fault = self._fault(request)
        if fault is not None and fault.kind in ("reply", "stall"):
            return fault.reply if fault.kind == "reply" else fault
        try:
            reply = self._refusal(request) or self._carried_out(request)
        except RefusedError as error:
            reply = error.reply
        return msgspec.structs.replace(fault, reply=reply) if fault is not None else reply

    def silent(self, seconds: float) -> None:
        """Say nothing for a while."""
        self._ending.wait(seconds)

    def _request(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Request | None:
        parts = urlsplit(target)
        if not parts.path.startswith(self._base_path + "/"):
            return None
        path, space = parts.path.removeprefix(self._base_path), "default"
        if path.startswith("/s/"):
            space, _, rest = path.removeprefix("/s/").partition("/")
            path = f"/{rest}"
        lowered = {name.lower(): value for name, value in headers.items()}
        return Request(
            method, path, space, dict(parse_qsl(parts.query, strict_parsing=bool(parts.query))), lowered, body
        )

    def _fault(self, request: Request) -> Fault | None:
        for place, fault in enumerate(self.faults):
            if fault.path in request.path and fault.method in ("", request.method):
                left = fault.times - 1
                self.faults[place : place + 1] = [msgspec.structs.replace(fault, times=left)] if left else []
                return fault
        return None

    def _refusal(self, request: Request) -> Reply | None:
        if self._authorization and request.headers.get("authorization") != self._authorization:
            return refused(401, "[security_exception] unable to authenticate user")
        if request.method not in _SAFE and "kbn-xsrf" not in request.headers:
            return refused(400, "Request must contain a kbn-xsrf header.")
        if any(part in request.path for part in self.denied):
            return refused(403, f"API [{request.method} {request.path}] is unauthorized for user")
        return None

    def _carried_out(self, request: Request) -> Reply:
        if request.path.startswith("/api/saved_objects/"):
            return self._saved_objects(request)
        if request.path.startswith(_RULES):
            return self._detection_rules(request)
        if (request.method, request.path) == ("GET", "/api/status"):
            status = {"overall": {"level": "available"}}
            return answered({"name": "stand-in", "version": {"number": self._version}, "status": status})
        if request.method == "GET" and request.path.startswith("/api/spaces/space"):
            return self._known_spaces(request.path.removeprefix("/api/spaces/space").lstrip("/"))
        return refused(404, "Not Found")

    def _known_spaces(self, asked: str) -> Reply:
        if not asked:
            return answered([{"id": space, "name": space} for space in self._spaces])
        if unquote(asked) not in self._spaces:
            return refused(404, "Not Found")
        return answered({"id": asked, "name": asked})

    def _saved_objects(self, request: Request) -> Reply:
        path = request.path.removeprefix("/api/saved_objects/")
        if (request.method, path) == ("POST", "_export"):
            return self.objects.export(request.space, request.json())
        if (request.method, path) == ("POST", "_import"):
            return self.objects.take(request.space, _uploaded(request), overwrite=_overwrites(request))
        if request.method == "DELETE" and path.count("/") == 1:
            return self.objects.delete(request.space, *map(unquote, path.split("/")))
        return refused(404, "Not Found")

    def _detection_rules(self, request: Request) -> Reply:
        match request.method, request.path.removeprefix(_RULES):
            case "GET", "/_find":
                return self.rules.find(request.space, request.query)
            case "GET", "":
                return self.rules.read(request.space, request.query["rule_id"])
            case "DELETE", "":
                return self.rules.delete(request.space, request.query["rule_id"])
            case "PATCH", "":
                return self.rules.patch(request.space, request.json())
            case "POST", "/_import":
                return self.rules.take(request.space, _uploaded(request), overwrite=_overwrites(request))
        return refused(404, "Not Found")


def _uploaded(request: Request) -> list[Body]:
    return lines_of(file_of(request.headers.get("content-type", ""), request.body))


def _overwrites(request: Request) -> bool:
    if unknown := set(request.query) - {"overwrite", "createNewCopies", "compatibilityMode", "overwrite_exceptions"}:
        raise RefusedError(400, f"[request query.{min(unknown)}]: definition for this key is missing")
    return request.query.get("overwrite") == "true"
