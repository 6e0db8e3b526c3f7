"""The way to Elasticsearch, a step at a time: name, port, TLS."""

import socket
import ssl
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from shipper.check.finding import Finding, Findings, failure
from shipper.errors import ShipperError
from shipper.sinks.elasticsearch import Connection, tls
from shipper.sinks.elasticsearch.server import unreachable

#: A step that takes longer is given up: somebody waits for the answer.
_WITHIN_S = 10
_DAY_S = 24 * 60 * 60
#: A certificate that ends sooner than this is a warning.
_SOON_DAYS = 30


def examine(connection: Connection) -> Findings:
    """Yield one finding a step, up to the first that fails."""
    parts = urlsplit(connection.url)
    host = parts.hostname or ""
    if parts.scheme == "http":
        yield _clear_text(connection)
    try:
        yield _resolved(connection, host)
        yield _connected(connection, host)
        if parts.scheme == "https":
            yield from _agreed(connection, host)
    except ShipperError as error:
        yield failure(error)


def _clear_text(connection: Connection) -> Finding:
    if connection.sends_credentials and connection.allow_clear_text:
        return Finding(
            "warning",
            "credentials and events travel in clear text",
            connection.target,
            "use https://; allow_clear_text is for a network that nobody else is in",
        )
    return Finding("note", "events travel in clear text", connection.target, "use https:// beyond this machine")


def _resolved(connection: Connection, host: str) -> Finding:
    try:
        found = socket.getaddrinfo(host, connection.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise unreachable(connection.target, f"the name {host} is not known ({_reason(error)})") from None
    addresses = sorted({str(address[0]) for *_, address in found})
    return Finding("ok", f"the name resolves to {', '.join(addresses)}", host)


def _connected(connection: Connection, host: str) -> Finding:
    try:
        socket.create_connection((host, connection.port), timeout=_within(connection)).close()
    except OSError as error:
        raise unreachable(connection.target, _reason(error)) from None
    return Finding("ok", "the port answers", f"{host}:{connection.port}")


def _within(connection: Connection) -> float:
    return min(_WITHIN_S, connection.request_timeout_s)


def _reason(error: OSError | UnicodeError) -> str:
    return (getattr(error, "strerror", None) or str(error)).lower()


def _agreed(connection: Connection, host: str) -> Findings:
    context = tls.context(connection, host)
    try:
        with (
            socket.create_connection((host, connection.port), timeout=_within(connection)) as line,
            context.wrap_socket(line, server_hostname=host) as wrapped,
        ):
            certificate: Mapping[str, Any] = wrapped.getpeercert() or {}
            version = wrapped.version()
    except ssl.SSLError as error:
        raise tls.refusal(connection.target, str(error)) from None
    except OSError as error:
        raise unreachable(connection.target, _reason(error)) from None
    yield Finding("ok", f"{version}; the certificate is signed by {_name(certificate['issuer'])}", connection.target)
    yield _expiry("the server's certificate", certificate, connection.target)
    for authority in context.get_ca_certs():
        if authority.get("subject") == certificate["issuer"] != certificate["subject"]:
            yield _expiry("the authority's certificate", authority, _name(certificate["issuer"]))


def _name(name: Any) -> str:
    """Return a distinguished name, as ``ssl`` gives it, in one line."""
    pairs = [pair for part in name for pair in part]
    return ", ".join(f"{key}={value}" for key, value in pairs) or "nobody"


def _expiry(whose: str, certificate: Mapping[str, Any], where: str) -> Finding:
    ends = str(certificate["notAfter"])
    days = (ssl.cert_time_to_seconds(ends) - time.time()) / _DAY_S
    if days < _SOON_DAYS:
        remedy = "have it renewed; a new CA file is taken up while running"
        return Finding("warning", f"{whose} ends in {max(0, int(days))} days, on {ends}", where, remedy)
    return Finding("ok", f"{whose} is valid until {ends}", where)
