"""Alerts to a syslog server, over UDP, TCP or TLS.

Syslog has no answers. Over UDP a message may be lost on its way and nobody knows: best effort. Over TCP and TLS what
the operating system has taken counts as delivered; a line that the other side has closed is noticed before the next
message is sent, but what was in the network when it broke is lost (https://www.rfc-editor.org/rfc/rfc6587 section 3.1).
"""

import contextlib
import socket
import ssl
from collections.abc import Sequence

from shipper.alerts.address import SyslogAddress
from shipper.alerts.line import connect, cut, fault
from shipper.alerts.lines import Stamp
from shipper.alerts.outlet import TAKEN, Refused, Taken, Unavailable
from shipper.alerts.syslog_message import syslog_message
from shipper.model import Document

#: Every receiver should take so much in a datagram: https://www.rfc-editor.org/rfc/rfc5424 section 6.1.
UDP_MOST_BYTES = 2048
#: Of a stream receivers take more; https://www.rfc-editor.org/rfc/rfc5425 section 4.3.1 wants 8,192.
STREAM_MOST_BYTES = 8192
_LOOK_BYTES = 4096


class UdpOutlet:
    """Sends each alert as one datagram; whether it arrives, nobody knows."""

    most = 100

    def __init__(self, address: SyslogAddress, stamp: Stamp) -> None:
        self.name = address.name
        self._address = address
        self._stamp = stamp

    def deliver(self, alerts: Sequence[Document]) -> list[Taken | Refused]:
        """Send; a name that cannot be resolved is waited for, what the network does is not."""
        try:
            found = socket.getaddrinfo(self._address.host, self._address.port, type=socket.SOCK_DGRAM)
        except OSError as error:
            raise Unavailable(fault(error)) from None
        family, kind, protocol, _, where = found[0]
        with socket.socket(family, kind, protocol) as sending:
            for number, alert in enumerate(alerts):
                try:
                    sending.sendto(syslog_message(alert, self._stamp(), UDP_MOST_BYTES), where)
                except OSError as error:
                    raise Unavailable(fault(error), taken=number) from None
        return [TAKEN] * len(alerts)

    def interrupt(self) -> None:
        """Do nothing: a datagram waits for nobody."""

    def close(self) -> None:
        """Do nothing: nothing stays open."""


class StreamOutlet:
    """Keeps a line open and sends each alert with its length in front (octet counting).

    Sources: https://www.rfc-editor.org/rfc/rfc6587 section 3.4.1, https://www.rfc-editor.org/rfc/rfc5425 section 4.3

    Args:
        address: where.
        stamp: the time of sending, for ``event.ingested``.
        timeout_s: how long connecting, and each write, may take.
        context: whom to trust; ``None`` for TCP.
    """

    most = 100

    def __init__(
        self, address: SyslogAddress, stamp: Stamp, timeout_s: float, context: ssl.SSLContext | None = None
    ) -> None:
        self.name = address.name
        self._address = address
        self._stamp = stamp
        self._timeout_s = timeout_s
        self._context = context
        self._line: socket.socket | None = None
        self._interrupted = False

    def deliver(self, alerts: Sequence[Document]) -> list[Taken | Refused]:
        """Send; when the line breaks, all of this call is sent again over another."""
        frames = b"".join(_framed(syslog_message(alert, self._stamp(), STREAM_MOST_BYTES)) for alert in alerts)
        try:
            line = self._open_line()
            if self._interrupted:
                raise Unavailable("interrupted")
            line.sendall(frames)
        except OSError as error:
            self.close()
            raise Unavailable(fault(error)) from None
        return [TAKEN] * len(alerts)

    def _open_line(self) -> socket.socket:
        if self._line is not None and _is_over(self._line):
            self.close()
        if self._line is None:
            self._line = connect(self._address.host, self._address.port, self._timeout_s, self._context)
        return self._line

    def interrupt(self) -> None:
        """Cut the line."""
        self._interrupted = True
        cut(self._line)

    def close(self) -> None:
        """Close the line; what was written goes out before."""
        line, self._line = self._line, None
        if line is not None:
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_WR)
            line.close()


def _framed(message: bytes) -> bytes:
    return b"%d %b" % (len(message), message)


def _is_over(line: socket.socket) -> bool:
    """Say whether the other side has closed the line; a server of syslog has nothing to say, TLS may send tickets."""
    timeout_s = line.gettimeout()
    line.settimeout(0)
    try:
        return not line.recv(_LOOK_BYTES)
    except (BlockingIOError, ssl.SSLWantReadError):
        return False
    except OSError:
        return True
    finally:
        line.settimeout(timeout_s)
