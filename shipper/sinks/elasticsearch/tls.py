"""TLS: who the server must be before anything is sent to it."""

import hashlib
import socket
import ssl
from typing import Any

from shipper.errors import ConfigError, SinkError
from shipper.sinks.elasticsearch.connection import Connection


def context(connection: Connection, host: str) -> ssl.SSLContext:
    """Return a context that trusts the pinned certificate, else the CA file, else the system's authorities.

    A fingerprint pins a certificate of the chain as the only authority: the server's own certificate must be signed
    by it (or be it). Comparing fingerprints alone would not do: anybody can send a public CA certificate along.

    Raises:
        ConfigError: the CA file holds no certificate.
        SinkError: no certificate of the chain has the fingerprint, or the server cannot be reached.
    """
    if connection.ca_fingerprint:
        return _pinned(connection, host)
    try:
        return ssl.create_default_context(cafile=connection.ca_file or None)
    except (ssl.SSLError, OSError):
        raise ConfigError(
            "holds no PEM certificate",
            where=f"elasticsearch.ca_file: {connection.ca_file}",
            hint="check SHIPPER_CA_FILE",
        ) from None


def _pinned(connection: Connection, host: str) -> ssl.SSLContext:
    chain = _presented_chain(connection, host)
    for certificate in chain:
        if hashlib.sha256(certificate).hexdigest() == connection.fingerprint:
            return _trusting_only(certificate)
    raise SinkError(
        "no certificate of the server has the fingerprint that was given",
        where=connection.target,
        hint="compare SHIPPER_CA_FINGERPRINT with what Elasticsearch showed; a server may keep its authority's "
        "certificate to itself, then name that with SHIPPER_CA_FILE; else somebody may listen in",
    )


def _trusting_only(certificate: bytes) -> ssl.SSLContext:
    trusting = ssl.create_default_context(cadata=ssl.DER_cert_to_PEM_cert(certificate))
    trusting.verify_flags |= ssl.VerifyFlags.VERIFY_X509_PARTIAL_CHAIN  # the pinned one may be no root
    trusting.check_hostname = False  # the pin says who it is; self-made certificates seldom carry the right name
    return trusting


def _presented_chain(connection: Connection, host: str) -> list[bytes]:
    """Return what the server presents, DER, trusted by nobody yet; nothing is sent over this connection."""
    curious = ssl.create_default_context()
    curious.check_hostname = False
    curious.verify_mode = ssl.CERT_NONE
    try:
        with (
            socket.create_connection((host, connection.port), timeout=connection.request_timeout_s) as line,
            curious.wrap_socket(line, server_hostname=host) as wrapped,
        ):
            return _der_chain(wrapped)
    except OSError as error:
        raise SinkError(
            f"cannot be reached: {(error.strerror or str(error)).lower()}",
            where=connection.target,
            hint="is it running, with TLS, and are host and port right?",
        ) from None


def _der_chain(wrapped: ssl.SSLSocket) -> list[bytes]:
    """Return the chain as sent; before Python 3.13 it is reached under the name it had until it was documented.

    Source: https://docs.python.org/3/library/ssl.html#ssl.SSLSocket.get_unverified_chain
    """
    documented: Any = getattr(wrapped, "get_unverified_chain", None)
    if documented is not None:
        return list(documented())
    inner: Any = wrapped._sslobj  # type: ignore[attr-defined]  # noqa: SLF001 (see the docstring)
    return [ssl.PEM_cert_to_DER_cert(one.public_bytes()) for one in inner.get_unverified_chain()]


#: How OpenSSL names a line that ended within TLS: nothing was refused.
_BROKEN = ("EOF occurred in violation of protocol", "UNEXPECTED_EOF_WHILE_READING", "record layer failure")


def is_broken_line(reason: str) -> bool:
    """Say whether TLS failed because the line broke, as it does when a server is killed, and not by what it is."""
    return any(part in reason for part in _BROKEN)


def refusal(target: str, reason: str) -> SinkError:
    """Return the error for a handshake that failed: what it means and which setting is missing."""
    if "WRONG_VERSION_NUMBER" in reason or "UNKNOWN_PROTOCOL" in reason:
        return SinkError("does not speak TLS on this port", where=target, hint="is it http:// instead of https://?")
    if "CERTIFICATE_VERIFY_FAILED" in reason:
        return SinkError(
            f"its certificate is not trusted: {_verify_reason(reason)}",
            where=target,
            hint="set SHIPPER_CA_FILE to the CA's PEM file (config/certs/http_ca.crt), or SHIPPER_CA_FINGERPRINT",
        )
    return SinkError(f"TLS cannot be agreed on: {reason}", where=target, hint="TLS 1.2 or newer is needed")


def _verify_reason(reason: str) -> str:
    """Return the part of OpenSSL's text that people understand: ``self-signed certificate in certificate chain``."""
    return reason.rpartition("certificate verify failed: ")[2].partition(" (_ssl")[0].strip("'\")")
