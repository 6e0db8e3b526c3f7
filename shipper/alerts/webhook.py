"""Alerts to a webhook: one HTTP POST an alert, signed, with a key by which a receiver knows a double."""

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from types import TracebackType

import msgspec

from shipper import __version__
from shipper.alerts.address import WebAddress
from shipper.alerts.line import connect, cut, fault
from shipper.alerts.lines import Stamp
from shipper.alerts.outlet import TAKEN, Refused, Taken, Unavailable
from shipper.alerts.signature import SIGNATURE_HEADER, TIMESTAMP_HEADER, signature
from shipper.model import Document

#: So much of an answer is read, so that its line can be used again; of a longer one nothing more is wanted.
_ANSWER_BYTES = 1 << 16
_SUCCESS, _REDIRECT, _CLIENT_ERROR, _SERVER_ERROR = range(200, 300), range(300, 400), range(400, 500), 500
#: It is not the alert that these are about: who sends it, how often, and to where it was put up for now.
#: Source: https://www.rfc-editor.org/rfc/rfc9110#name-client-error-4xx and
#: https://www.rfc-editor.org/rfc/rfc6585
_NOT_OF_THE_ALERT = frozenset({401, 403, 407, 408, 421, 423, 425, 429})


class Call(msgspec.Struct, frozen=True):
    """How a webhook is called.

    Attributes:
        timeout_s: how long connecting, and each wait for a part of the answer, may take; all together twice as long.
        context: whom to trust; ``None`` for plain http.
        secret: what requests are signed with, read anew at each; ``None`` where they are not signed.
        stamp: the time of sending, for ``event.ingested``.
        clock: seconds since 1970.
    """

    timeout_s: float
    context: ssl.SSLContext | None
    secret: Callable[[], bytes] | None
    stamp: Stamp
    clock: Callable[[], float] = time.time


class _Answer(msgspec.Struct, frozen=True):
    status: int
    retry_after: str


class WebhookOutlet:
    """Posts each alert on its own; 2xx has taken it, most 4xx will never take it, all else is tried again.

    Redirects are not followed: whoever answers at the address may not send alerts, and signatures, elsewhere.

    Args:
        address: where.
        call: how.
    """

    most = 1

    def __init__(self, address: WebAddress, call: Call) -> None:
        self.name = address.name
        self._address = address
        self._call = call
        self._line: _Line | None = None
        self._interrupted = False

    def deliver(self, alerts: Sequence[Document]) -> list[Taken | Refused]:
        """Post; see ``Outlet.deliver``."""
        return [self._judged(self._posted(alert)) for alert in alerts]

    def interrupt(self) -> None:
        """Cut the line."""
        self._interrupted = True
        line = self._line
        if line is not None:
            cut(line.sock)

    def close(self) -> None:
        """Close the line."""
        line, self._line = self._line, None
        if line is not None:
            line.close()

    def _judged(self, answer: _Answer) -> Taken | Refused:
        status = answer.status
        if status in _SUCCESS:
            return TAKEN
        if status in _CLIENT_ERROR and status not in _NOT_OF_THE_ALERT:
            return Refused(f"http_{status}", f"answers {status}")
        hint = "; redirects are not followed: name the new address" if status in _REDIRECT else ""
        raise Unavailable(f"answers {status}{hint}", retry_after=answer.retry_after)

    def _posted(self, alert: Document) -> _Answer:
        """Send once; a line that was kept open and has gone stale is opened anew, and that counts as the same once."""
        body = alert.stamped(self._call.stamp())
        headers = self._headers(alert.id, body)
        fresh = self._line is None
        try:
            return self._exchanged(body, headers)
        except _StaleError:
            if fresh:
                raise Unavailable("the line broke") from None
        return self._posted(alert)

    def _exchanged(self, body: bytes, headers: dict[str, str]) -> _Answer:
        kept = self._line is not None
        try:
            line = self._line = self._line or _Line(self._address, self._call)
            if self._interrupted:
                raise Unavailable("interrupted")
            with _Watch(2 * self._call.timeout_s, line):
                line.request("POST", self._address.path, body, headers)
                return self._read(line)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            if kept and not isinstance(error, TimeoutError):
                raise _StaleError from None
            raise Unavailable(fault(error)) from None

    def _read(self, line: "_Line") -> _Answer:
        answer = line.getresponse()
        short = answer.length is not None and answer.length <= _ANSWER_BYTES
        if short:
            answer.read()
        if not short or answer.will_close:
            self.close()
        return _Answer(answer.status, answer.getheader("retry-after") or "")

    def _headers(self, id_: str, body: bytes) -> dict[str, str]:
        timestamp = str(int(self._call.clock()))
        headers = {
            "Content-Type": "application/json",
            "User-Agent": f"intune-connector-shipper/{__version__}",
            "Idempotency-Key": id_,
            TIMESTAMP_HEADER: timestamp,
        }
        if self._call.secret is not None:
            headers[SIGNATURE_HEADER] = signature(self._call.secret(), timestamp, body)
        return headers


class _StaleError(Exception):
    """The other side had closed a line that was kept open."""


class _Line(http.client.HTTPConnection):
    """A connection to a webhook that trusts whom it is told to, and goes through no proxy."""

    sock: socket.socket | None

    def __init__(self, address: WebAddress, call: Call) -> None:
        super().__init__(address.host, address.port, timeout=call.timeout_s)
        self._context = call.context
        self._timeout_s = call.timeout_s
        if address.scheme == "https":
            self.default_port = http.client.HTTPS_PORT

    def connect(self) -> None:
        """Open it."""
        self.sock = connect(self.host, self.port, self._timeout_s, self._context)


class _Watch:
    """Cuts the line when the block takes longer: a socket's own time-out begins anew with every byte.

    Raises:
        TimeoutError: it did; an answer that was cut short may look like a whole one.
    """

    def __init__(self, seconds: float, line: _Line) -> None:
        self._line = line
        self._over = False
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        if self._over:
            raise TimeoutError from None

    def _cut(self) -> None:
        self._over = True
        cut(self._line.sock)
