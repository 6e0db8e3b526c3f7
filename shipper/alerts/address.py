"""Where alerts go over the network: URLs of webhooks and syslog servers, checked before anything is sent."""

import re
from hashlib import blake2b
from typing import Literal, TypeAlias
from urllib.parse import SplitResult, urlsplit

import msgspec

from shipper.errors import UsageError
from shipper.loopback import is_loopback

Transport: TypeAlias = Literal["udp", "tcp", "tls"]

#: Sources: https://www.rfc-editor.org/rfc/rfc5426 section 3.3, https://www.rfc-editor.org/rfc/rfc5425 section 4.1; for
#: TCP there is no port of its own, 514 is what servers use.
SYSLOG_PORTS: dict[Transport, int] = {"udp": 514, "tcp": 514, "tls": 6514}
_HTTP_PORTS = {"http": 80, "https": 443}
_NO_URL = re.compile(r"[\s\x00-\x20\x7f]")


class WebAddress(msgspec.Struct, frozen=True):
    """A webhook.

    Attributes:
        scheme, host, port: where.
        path: with its query; may be a secret, as with many chat services.
        name: what it may be called: scheme, host, port and some digits of a digest of the whole.
    """

    scheme: str
    host: str
    port: int
    path: str
    name: str

    def __repr__(self) -> str:
        """Show the name alone."""
        return f"WebAddress({self.name})"


class SyslogAddress(msgspec.Struct, frozen=True):
    """A syslog server."""

    transport: Transport
    host: str
    port: int

    @property
    def name(self) -> str:
        """What it is called."""
        return f"syslog:{self.transport}://{_bracketed(self.host)}:{self.port}"


def parse_webhook(text: str) -> WebAddress:
    """Return the address that ``https://HOST/PATH`` is; plain http goes to this machine alone.

    Raises:
        UsageError: it is none. The error does not show the path.
    """
    parts, port = _split(text, tuple(_HTTP_PORTS), "webhook:https://HOST/PATH")
    host = parts.hostname or ""
    port = port or _HTTP_PORTS[parts.scheme]
    name = f"webhook:{parts.scheme}://{_bracketed(host)}:{port}"
    if parts.scheme == "http" and not is_loopback(host):
        raise UsageError(
            "alerts are not sent in clear text over a network",
            where=name,
            hint="use https://, or a tunnel to localhost",
        )
    path = parts.path or "/"
    path += f"?{parts.query}" if parts.query else ""
    digest = blake2b(text.encode(), digest_size=4).hexdigest()
    return WebAddress(parts.scheme, host, port, path, f"{name}#{digest}")


def parse_syslog(text: str) -> SyslogAddress:
    """Return the address that ``udp://HOST:PORT`` (or ``tcp``, ``tls``) is.

    Raises:
        UsageError: it is none.
    """
    parts, port = _split(text, tuple(SYSLOG_PORTS), "syslog:tls://HOST:6514, syslog:tcp://HOST or syslog:udp://HOST")
    if parts.path not in ("", "/") or parts.query:
        raise UsageError("a syslog server has no path", where="--alerts", hint="syslog:tls://HOST:6514")
    transport: Transport = "udp" if parts.scheme == "udp" else "tcp" if parts.scheme == "tcp" else "tls"
    return SyslogAddress(transport, parts.hostname or "", port or SYSLOG_PORTS[transport])


def _split(text: str, schemes: tuple[str, ...], wanted: str) -> tuple[SplitResult, int | None]:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:  # a port that is no number, brackets that are not closed
        raise UsageError("is no address", where="--alerts", hint=wanted) from None
    if "@" in parts.netloc:
        raise UsageError("a URL with credentials in it shows them to every process list", where="--alerts", hint=wanted)
    if parts.scheme not in schemes or not parts.hostname or port == 0 or _NO_URL.search(text) or not text.isascii():
        raise UsageError("is no address", where="--alerts", hint=wanted)
    return parts, port


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
