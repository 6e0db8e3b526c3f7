"""One conversation with an Elasticsearch: a request, its answer, and what can be wrong with the line between."""

from threading import Lock
from typing import TYPE_CHECKING, Literal, TypeVar

import msgspec

from shipper.errors import AuthenticationError, SinkError
from shipper.sinks.elasticsearch.connection import Connection

if TYPE_CHECKING:
    from elastic_transport import ApiResponseMeta, Transport

#: The media types that an 8.x client names; servers 8.x and 9.x answer them alike.
#: Source: https://www.elastic.co/docs/reference/elasticsearch/rest-apis/compatibility
_JSON = "application/vnd.elasticsearch+json; compatible-with=8"
_NDJSON = "application/vnd.elasticsearch+x-ndjson; compatible-with=8"
#: Sent by every genuine server since 7.14, with errors too.
_PRODUCT_HEADER = "x-elastic-product"

_OLDEST = (8, 12)
_TOO_NEW = (10, 0)
_UNAUTHORIZED = 401
_FORBIDDEN = 403
_FAILED = 400

Method = Literal["GET", "PUT", "POST", "HEAD"]


Decoded = TypeVar("Decoded")


class Answer(msgspec.Struct, frozen=True):
    """What came back: any HTTP status; a 401 never gets this far.

    Attributes:
        status: of HTTP.
        body: as sent, usually JSON.
        retry_after: the header of that name, as sent.
    """

    status: int
    body: bytes
    retry_after: str = ""

    @property
    def ok(self) -> bool:
        """Say whether the request was carried out."""
        return self.status < _FAILED

    def decoded(self, kind: type[Decoded]) -> Decoded:
        """Return the body as ``kind``.

        Raises:
            SinkError: the body is something else.
        """
        try:
            return msgspec.json.decode(self.body, type=kind)
        except msgspec.DecodeError as error:
            raise SinkError(
                f"an answer is not what Elasticsearch sends: {error}", hint="is a proxy in between?"
            ) from None

    def error(self) -> "ServerError":
        """Return the error that the body tells of, whatever shape it has."""
        try:
            return msgspec.json.decode(self.body, type=_Refusal).error
        except msgspec.DecodeError:
            return ServerError(f"http_{self.status}", f"HTTP {self.status}")


class ServerError(msgspec.Struct, frozen=True):
    """``error.type`` and ``error.reason`` of an answer."""

    type: str = "unknown"
    reason: str = ""


class _Refusal(msgspec.Struct):
    error: ServerError


class Unanswered(Exception):  # noqa: N818 (not an error a user sees: the sink tries again)
    """No answer came: nobody knows whether the request was carried out.

    Args:
        reason: one line, without credentials.
        delivered: false where the request never left (refused, no route), so that it was surely not carried out.
    """

    def __init__(self, reason: str, *, delivered: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.delivered = delivered


class Server:
    """One Elasticsearch behind one URL; safe to use from several threads."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.target = connection.target
        self._transport: Transport | None = None
        self._opening = Lock()
        self._is_genuine = False

    def request(self, method: Method, path: str, body: bytes | None = None, *, ndjson: bool = False) -> Answer:
        """Send one request, once, and return its answer whatever its status.

        Raises:
            Unanswered: no connection, no answer in time, or the line broke.
            AuthenticationError: 401.
            SinkError: TLS cannot be agreed on, or the other side is no Elasticsearch.
        """
        from elastic_transport import ConnectionError as LineError
        from elastic_transport import ConnectionTimeout, SerializationError, TlsError

        from shipper.sinks.elasticsearch import line, tls

        headers = {"accept": _JSON}
        if body is not None:
            headers["content-type"] = _NDJSON if ndjson else _JSON
        try:
            meta, answered = self._line().perform_request(method, path, body=body, headers=headers)
        except TlsError as error:
            raise tls.refusal(self.target, error.message) from None
        except ConnectionTimeout:
            raise Unanswered(f"no answer within {self.connection.request_timeout_s:g} s", delivered=True) from None
        except LineError as error:
            reason, delivered = line.fault(error)
            raise Unanswered(reason, delivered=delivered) from None
        except SerializationError:
            raise _foreign(self.target) from None
        return self._checked(meta, answered)

    def ask(self, method: Method, path: str, body: bytes | None = None) -> Answer:
        """Send a request that a setup or a check depends on: as ``request``, but unreachable is final.

        Raises:
            SinkError: nobody answers.
            AuthenticationError: 401, or 403 where the answer is ``security_exception``.
        """
        try:
            answer = self.request(method, path, body)
        except Unanswered as fault:
            raise unreachable(self.target, fault.reason) from None
        if answer.status == _FORBIDDEN and answer.error().type == "security_exception":
            raise forbidden(self.target, answer.error().reason)
        return answer

    def version(self) -> str | None:
        """Return the server's version, or ``None`` where it may not be asked for.

        Raises:
            SinkError: it is not one of 8.12 to 9.x.
        """
        version = self._version_of_root() or self._version_of_nodes()
        if version is not None and not _OLDEST <= _numbers(version) < _TOO_NEW:
            raise SinkError(
                f"is Elasticsearch {version}; 8.12 to 9.x are supported", where=self.target, hint="ship to a newer one"
            )
        return version

    def close(self) -> None:
        """Close what is open; a later request opens it again."""
        if self._transport is not None:
            self._transport.close()
            self._transport = None

    def _version_of_root(self) -> str | None:
        answer = self.request_or_stop("/")
        return answer.decoded(_Root).version.number if answer.ok else None

    def _version_of_nodes(self) -> str | None:
        answer = self.request_or_stop("/_nodes/http?filter_path=nodes.*.version")
        if not answer.ok:
            return None
        versions = {node.version for node in answer.decoded(_Nodes).nodes.values()}
        return min(versions, key=_numbers, default=None)

    def request_or_stop(self, path: str) -> Answer:
        """GET ``path``; unreachable is final, any status is an answer."""
        try:
            return self.request("GET", path)
        except Unanswered as fault:
            raise unreachable(self.target, fault.reason) from None

    def _line(self) -> "Transport":
        with self._opening:
            if self._transport is None:
                from shipper.sinks.elasticsearch.line import open_line

                self._transport = open_line(self.connection)
            return self._transport

    def _checked(self, meta: "ApiResponseMeta", body: bytes) -> Answer:
        if meta.status == _UNAUTHORIZED:
            raise AuthenticationError(
                "refuses the credentials (401)" if self.connection.sends_credentials else "asks for credentials (401)",
                where=self.target,
                hint="set SHIPPER_API_KEY, or SHIPPER_USERNAME and SHIPPER_PASSWORD",
            )
        if not self._is_genuine:
            self._is_genuine = meta.headers.get(_PRODUCT_HEADER) == "Elasticsearch"
        if not self._is_genuine and meta.status < _FAILED:
            raise _foreign(self.target)
        return Answer(meta.status, body, meta.headers.get("retry-after") or "")


class _Version(msgspec.Struct):
    number: str


class _Root(msgspec.Struct):
    version: _Version


class _Node(msgspec.Struct):
    version: str


class _Nodes(msgspec.Struct):
    nodes: dict[str, _Node] = {}


def _numbers(version: str) -> tuple[int, ...]:
    """Return ``8.19.0-SNAPSHOT`` as (8, 19): what is compared."""
    return tuple(int(part) for part in version.split(".")[:2] if part.isdigit())


def _foreign(target: str) -> SinkError:
    return SinkError(
        "answers, but is not Elasticsearch", where=target, hint="check host and port; Kibana has another port"
    )


def unreachable(target: str, reason: str) -> SinkError:
    """Return the error for a server that does not answer."""
    return SinkError(f"cannot be reached: {reason}", where=target, hint="is it running, and are host and port right?")


def forbidden(target: str, reason: str) -> AuthenticationError:
    """Return the error for a 403 of the security layer; ``reason`` says who lacks which privilege."""
    return AuthenticationError(
        f"refuses the privilege (403): {reason}",
        where=target,
        hint="docs/reference/mappings.md lists the privileges that shipping and setup need",
    )
