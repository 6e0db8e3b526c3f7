"""A TCP line that can be cut from another thread, with or without TLS."""

import contextlib
import socket
import ssl
from pathlib import Path

from shipper.errors import ConfigError


def trust(ca_file: str) -> ssl.SSLContext:
    """Return a context that trusts an authority of a PEM file, or the system's where none is named; TLS 1.2 or newer.

    Raises:
        ConfigError: the file holds no certificate.
    """
    where = f"alerts.alerts_ca_file: {ca_file}"
    if ca_file and not Path(ca_file).is_file():
        raise ConfigError("is no file", where=where, hint="check SHIPPER_ALERTS_CA_FILE")
    try:
        context = ssl.create_default_context(cafile=ca_file or None)
    except (ssl.SSLError, OSError):
        raise ConfigError("holds no PEM certificate", where=where, hint="check SHIPPER_ALERTS_CA_FILE") from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def connect(host: str, port: int, timeout_s: float, context: ssl.SSLContext | None) -> socket.socket:
    """Return an open line.

    Raises:
        OSError: it cannot be had, or the other side is not who it must be.
    """
    line = socket.create_connection((host, port), timeout=timeout_s)
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # head and body of a request go out at once
    if context is None:
        return line
    try:
        return context.wrap_socket(line, server_hostname=host)
    except BaseException:
        line.close()
        raise


def cut(line: socket.socket | None) -> None:
    """End whatever another thread waits for on this line."""
    if line is not None:
        with contextlib.suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)


def fault(error: BaseException) -> str:
    """Return why a line cannot be had or broke, in words; they hold nothing of what was sent."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {error.verify_message}; alerts_ca_file names its authority"
    if isinstance(error, ssl.SSLError):
        return f"TLS cannot be agreed on: {error.reason or 'the line broke'}"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return "the line broke"
