"""One conversation with a Kibana: a request, its answer, and what can be wrong with the line between."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote

import msgspec

from shipper.errors import AuthenticationError, SinkError, UsageError
from shipper.kibana.install.answer import LATER, Answer
from shipper.kibana.install.multipart import form
from shipper.kibana.install.saved_object import Body
from shipper.sinks.elasticsearch.connection import Connection

if TYPE_CHECKING:
    from elastic_transport import BaseNode

Method = Literal["GET", "POST", "PATCH", "DELETE"]

_JSON = "application/json"
_OLDEST, _TOO_NEW = (8, 12), (10, 0)
#: Kibana needs a minute or two from its start until it answers.
READY_WITHIN_S = 120.0
_AGAIN_S = 2.0


def _silent(_text: str) -> None:
    """Tell nobody."""


class _Version(msgspec.Struct, frozen=True):
    number: str = ""


class _Status(msgspec.Struct, frozen=True):
    version: _Version = _Version()


class _Space(msgspec.Struct, frozen=True):
    id: str


class Kibana:
    """One space of one Kibana.

    Args:
        connection: where it is, and as whom it is asked.
        space: its id.
        ready_within_s: how long a Kibana that is starting is waited for.
        tell: told once when it is waited for.
        sleep: waits so many seconds.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        space: str = "default",
        ready_within_s: float = READY_WITHIN_S,
        tell: Callable[[str], None] = _silent,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.space = space
        self._connection = connection
        self._ready_within_s = ready_within_s
        self._tell = tell
        self._sleep = sleep
        self._node: BaseNode | None = None

    @property
    def target(self) -> str:
        """What errors call it: scheme, host, port, and the space where it is not the default one."""
        return f"{self._connection.target}{self._prefix}"

    @property
    def _prefix(self) -> str:
        return "" if self.space == "default" else f"/s/{quote(self.space)}"

    def open(self) -> str | None:
        """See that it is one that we know and that the space is there; return its version, ``None`` where it hides it.

        Raises:
            UsageError: there is no such space.
            SinkError: unreachable, not ready in time, no Kibana, or not one of 8.12 to 9.x.
        """
        answer = self.request("GET", "/api/status", everywhere=True)
        if not answer.ok:
            raise answer.refusal("its status", "any role of Kibana")
        version = answer.decoded(_Status).version.number
        if version and not _OLDEST <= _numbers(version) < _TOO_NEW:
            raise SinkError(
                f"is Kibana {version}; 8.12 to 9.x are supported",
                where=self.target,
                hint="the files can be tried by hand: docs/how-to/import-by-hand.md",
            )
        if not version and not {"status", "name"} & set(answer.decoded(Body)):
            raise answer.foreign("no status")
        if self.space != "default":
            self._check_space()
        return version or None

    def request(
        self,
        method: Method,
        path: str,
        body: bytes | None = None,
        *,
        content_type: str = _JSON,
        everywhere: bool = False,
    ) -> Answer:
        """Send a request and return its answer whatever its status; one of "later" is sent again for a while.

        Args:
            method: of HTTP.
            path: with its query, without the space.
            body: of the content type.
            content_type: of the body.
            everywhere: the path belongs to no space.

        Raises:
            SinkError: no connection, no trust, no answer in time, or the line broke.
        """
        headers = {"kbn-xsrf": "true", "accept": "application/json, application/ndjson"}
        if body is not None:
            headers["content-type"] = content_type
        left_s = self._ready_within_s
        while True:
            answer = self._sent(method, path if everywhere else f"{self._prefix}{path}", body, headers)
            if answer.status not in LATER or left_s <= 0:
                return answer
            if left_s == self._ready_within_s:
                self._tell(f"{self.target} is not ready ({answer.status}); waiting up to {left_s:g} s")
            self._sleep(_AGAIN_S)
            left_s -= _AGAIN_S

    def post(self, path: str, body: object) -> Answer:
        """POST ``body`` as JSON."""
        return self.request("POST", path, msgspec.json.encode(body))

    def upload(self, path: str, file: bytes) -> Answer:
        """POST a file of NDJSON as a form."""
        body, content_type = form(file)
        return self.request("POST", path, body, content_type=content_type)

    def close(self) -> None:
        """Close what is open; a later request opens it again."""
        if self._node is not None:
            self._node.close()
            self._node = None

    def _sent(self, method: Method, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        from elastic_transport import ConnectionError as LineError
        from elastic_transport import ConnectionTimeout, HttpHeaders, TlsError

        from shipper.sinks.elasticsearch import tls
        from shipper.sinks.elasticsearch.line import fault, open_line

        if self._node is None:
            self._node = next(iter(open_line(self._connection).node_pool.all()))
        try:
            meta, answered = self._node.perform_request(method, path, body=body, headers=HttpHeaders(headers))
        except TlsError as error:
            if tls.is_broken_line(error.message):
                raise self._unanswered("the line broke", method) from None
            raise _untrusted(tls.refusal(self.target, error.message)) from None
        except ConnectionTimeout:
            within = f"no answer within {self._connection.request_timeout_s:g} s"
            raise self._unanswered(within, method) from None
        except LineError as error:
            reason, delivered = fault(error)
            raise self._unanswered(reason, method if delivered else "GET") from None
        return Answer(self.target, meta.status, answered, meta.headers.get("location") or "")

    def _unanswered(self, reason: str, method: Method) -> SinkError:
        if method == "GET":
            return SinkError(
                f"cannot be reached: {reason}", where=self.target, hint="is it running, and are host and port right?"
            )
        return SinkError(
            f"gave no answer: {reason}; whether it did what was asked, nobody knows",
            where=self.target,
            hint="run the same command again: it looks at what is there first",
        )

    def _check_space(self) -> None:
        answer = self.request("GET", f"/api/spaces/space/{quote(self.space)}", everywhere=True)
        if answer.missing:
            known = self.request("GET", "/api/spaces/space", everywhere=True)
            names = ", ".join(space.id for space in known.decoded(list[_Space])) if known.ok else ""
            raise UsageError(
                f"there is no space {self.space}",
                where=self._connection.target,
                hint=f"known: {names}" if names else "make it in Kibana first: Stack Management, Spaces",
            )
        if answer.status == 403:  # noqa: PLR2004 (forbidden)
            raise AuthenticationError(
                f"lets us not into the space {self.space} (403): {answer.reason}",
                where=self._connection.target,
                hint="the role needs Kibana privileges in this space",
            )
        if not answer.ok:
            raise answer.refusal("its spaces", "any privilege in the space")


def _untrusted(refused: SinkError) -> SinkError:
    hint = refused.hint
    if "SHIPPER_CA_FILE" in hint:
        hint = "set SHIPPER_KIBANA_CA_FILE to the PEM file of the authority that signed Kibana's certificate"
    return SinkError(refused.message, where=refused.where, hint=hint)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
