"""One conversation with an Elasticsearch: a request, its answer, and what can be wrong with the line between."""

from collections.abc import Callable
from threading import Event, Thread
from typing import TYPE_CHECKING, Literal

import msgspec

from shipper.errors import AuthenticationError, SinkError
from shipper.sinks.elasticsearch.answer import FAILED, Answer, Unanswered
from shipper.sinks.elasticsearch.connection import Connection
from shipper.sinks.elasticsearch.rotation import REPLACED_WITHIN_S, Line, Lines, Refusal

if TYPE_CHECKING:
    from elastic_transport import ApiResponseMeta

__all__ = ["Answer", "Method", "Server", "Unanswered", "forbidden", "unreachable"]

#: The media types that an 8.x client names; servers 8.x and 9.x answer them alike.
#: Source: https://www.elastic.co/docs/reference/elasticsearch/rest-apis/compatibility
_JSON = "application/vnd.elasticsearch+json; compatible-with=8"
_NDJSON = "application/vnd.elasticsearch+x-ndjson; compatible-with=8"
#: Sent by every genuine server since 7.14, with errors too.
_PRODUCT_HEADER = "x-elastic-product"

_OLDEST = (8, 12)
_TOO_NEW = (10, 0)
_CUT_EVERY_S = 0.1
_UNAUTHORIZED = 401
_FORBIDDEN = 403

Method = Literal["GET", "PUT", "POST", "HEAD", "DELETE"]


def _silent(_text: str) -> None:
    """Tell nobody."""


class Server:
    """One Elasticsearch behind one URL; safe to use from several threads.

    Args:
        connection: where it is, and as whom it is asked.
        tell: told once when a replaced key, password or authority is used from now on, is broken, or is waited for.
        replaced_within_s: how long what worked before and is refused now is waited for to be replaced in its file.
    """

    def __init__(
        self,
        connection: Connection,
        tell: Callable[[str], None] = _silent,
        *,
        replaced_within_s: float = REPLACED_WITHIN_S,
    ) -> None:
        self.connection = connection
        self.target = connection.target
        self._lines = Lines(connection, tell, within_s=replaced_within_s)
        self._is_genuine = False
        self._busy: list[Line] = []
        self._closed = Event()

    def request(
        self, method: Method, path: str, body: bytes | None = None, *, ndjson: bool = False, name: str = ""
    ) -> Answer:
        """Send one request and return its answer whatever its status.

        It is carried out once: only what was refused for its credentials or before it was sent is sent again, with
        what the files of the connection hold by then, or with the credentials that worked before.

        Args:
            method: of HTTP.
            path: with its query.
            body: JSON.
            ndjson: the body is lines of JSON.
            name: what Elasticsearch calls the task that it makes of the request.

        Raises:
            Unanswered: no connection, no answer in time, or the line broke.
            AuthenticationError: 401.
            SinkError: TLS cannot be agreed on, or the other side is no Elasticsearch.
        """
        headers = {"accept": _JSON}
        if body is not None:
            headers["content-type"] = _NDJSON if ndjson else _JSON
        if name:
            headers["x-opaque-id"] = name
        tried, since_s = [self._lines.current()], self._lines.clock()
        while True:
            outcome = self._tried(tried[-1], method, path, body, headers)
            refusal = _refusal(outcome)
            if isinstance(outcome, Answer) and outcome.ok:
                self._lines.worked(tried[-1])
            if refusal is None:
                return self._returned(outcome)
            other = self._lines.instead(tried, refusal, since_s)
            if other is None:
                return self._returned(outcome)
            tried.append(other)

    def interrupt(self) -> None:
        """End every wait, for an answer or for a replaced key or authority, now and for good."""
        self._lines.interrupt()
        Thread(target=self._cut_until_closed, daemon=True).start()

    def _cut_until_closed(self) -> None:
        """Cut the line under each request, also under one that a thread was just about to send."""
        from shipper.sinks.elasticsearch.line import cut

        while True:
            for line in tuple(self._busy):
                cut(line.transport)
            if self._closed.wait(_CUT_EVERY_S):
                return

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
        self._closed.set()
        self._lines.close()

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

    def _tried(
        self, line: Line, method: Method, path: str, body: bytes | None, headers: dict[str, str]
    ) -> Answer | SinkError:
        """Send a request once; that the server is not trusted is a value here."""
        from elastic_transport import ConnectionError as LineError
        from elastic_transport import ConnectionTimeout, SerializationError, TlsError

        from shipper.sinks.elasticsearch import tls
        from shipper.sinks.elasticsearch.line import fault

        self._busy.append(line)
        try:
            meta, answered = line.transport.perform_request(method, path, body=body, headers=headers)
        except TlsError as error:
            if tls.is_broken_line(error.message):
                raise Unanswered("the line broke", delivered=True) from None
            return tls.refusal(self.target, error.message)
        except ConnectionTimeout:
            raise Unanswered(f"no answer within {self.connection.request_timeout_s:g} s", delivered=True) from None
        except LineError as error:
            reason, delivered = fault(error)
            raise Unanswered(reason, delivered=delivered) from None
        except SerializationError:
            raise _foreign(self.target) from None
        finally:
            self._busy.remove(line)
        return self._checked(meta, answered)

    def _checked(self, meta: "ApiResponseMeta", body: bytes) -> Answer:
        if not self._is_genuine:
            self._is_genuine = meta.headers.get(_PRODUCT_HEADER) == "Elasticsearch"
        if not self._is_genuine and meta.status < FAILED:
            raise _foreign(self.target)
        whole = "content-length" in meta.headers or "transfer-encoding" in meta.headers
        return Answer(meta.status, body, meta.headers.get("retry-after") or "", whole)

    def _returned(self, outcome: Answer | SinkError) -> Answer:
        if isinstance(outcome, SinkError):
            raise outcome
        if outcome.status == _UNAUTHORIZED:
            raise _unauthorized(self.connection)
        return outcome


def _refusal(outcome: Answer | SinkError) -> Refusal | None:
    if isinstance(outcome, SinkError):
        return "certificate"
    if outcome.status == _UNAUTHORIZED:
        return "credentials"
    return "privileges" if outcome.status == _FORBIDDEN else None


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
        hint="shipper check says which are missing, docs/how-to/secure.md what each is for",
    )


def _unauthorized(connection: Connection) -> AuthenticationError:
    file = connection.api_key_file or ("" if connection.api_key else connection.password_file)
    if not connection.sends_credentials:
        message, hint = "asks for credentials (401)", "set SHIPPER_API_KEY, or SHIPPER_USERNAME and SHIPPER_PASSWORD"
    elif file:
        message, hint = "refuses the credentials (401)", f"put valid ones into {file}; then the next run goes on"
    else:
        message = "refuses the credentials (401)"
        hint = "set SHIPPER_API_KEY, or SHIPPER_USERNAME and SHIPPER_PASSWORD, to valid ones; then the next run goes on"
    return AuthenticationError(message, where=connection.target, hint=hint)
