"""Pinning: what a fingerprint proves, against servers that hold the right key and against one that does not."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from shipper.errors import SinkError
from shipper.sinks.elasticsearch import Connection, ElasticsearchSink, Secret

CANARY = "canary-51c0"
PEM = serialization.Encoding.PEM


def name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def certificate(
    subject: str, issuer: str, key: ec.EllipticCurvePrivateKey, signer: ec.EllipticCurvePrivateKey, *, ca: bool = False
) -> x509.Certificate:
    now = datetime.now(UTC)
    public = signer.public_key()
    return (
        x509.CertificateBuilder(name(issuer), name(subject), key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(public), critical=False)
        .sign(signer, hashes.SHA256())
    )


def fingerprint(of: x509.Certificate) -> str:
    return of.fingerprint(hashes.SHA256()).hex(":").upper()


@contextmanager
def server(
    folder: Path, key: ec.EllipticCurvePrivateKey, *chain: x509.Certificate
) -> Iterator[tuple[str, list[bytes]]]:
    """Run a TLS server that presents ``chain`` and notes what it is told."""
    pem = folder / "server.pem"
    private = key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    pem.write_bytes(private + b"".join(one.public_bytes(PEM) for one in chain))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pem)
    received: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=listen, args=(listener, context, received))
        thread.start()
        yield f"https://127.0.0.1:{listener.getsockname()[1]}", received
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def listen(listener: socket.socket, context: ssl.SSLContext, received: list[bytes]) -> None:
    while True:
        try:
            line, _ = listener.accept()
        except OSError:
            return
        with line, suppress(OSError), context.wrap_socket(line, server_side=True) as wrapped:
            received.append(wrapped.recv(65536))


def ask(url: str, pin: str) -> SinkError:
    """Ask a server that never answers, and return how that ended."""
    with pytest.raises(SinkError) as caught:
        ElasticsearchSink(Connection(url=url, api_key=Secret(CANARY), ca_fingerprint=pin)).check()
    return caught.value


def test_a_server_whose_certificate_the_pinned_authority_signed_is_spoken_to(tmp_path: Path) -> None:
    authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = certificate("ca", "ca", authority_key, authority_key, ca=True)
    leaf = certificate("es", "ca", key, authority_key)
    with server(tmp_path, key, leaf, authority) as (url, received):
        error = ask(url, fingerprint(authority))
    assert "cannot be reached" in error.message
    assert CANARY.encode() in b"".join(received)


def test_a_server_with_the_pinned_certificate_itself_is_spoken_to(tmp_path: Path) -> None:
    authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    leaf = certificate("es", "ca", key, authority_key)
    with server(tmp_path, key, leaf) as (url, received):
        ask(url, fingerprint(leaf))
    assert CANARY.encode() in b"".join(received)


def test_who_sends_the_pinned_certificate_along_without_its_key_gets_no_secret(tmp_path: Path) -> None:
    """A pin compared by hash alone would be met by anybody who has seen the public certificate."""
    authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = certificate("ca", "ca", authority_key, authority_key, ca=True)
    forged = certificate("es", "ca", key, key)
    with server(tmp_path, key, forged, authority) as (url, received):
        error = ask(url, fingerprint(authority))
    assert "its certificate is not trusted" in error.message
    assert CANARY.encode() not in b"".join(received)


def test_another_fingerprint_gets_no_secret(tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    leaf = certificate("es", "es", key, key)
    with server(tmp_path, key, leaf) as (url, received):
        error = ask(url, "ab" * 32)
    assert "no certificate of the server has the fingerprint" in error.message
    assert CANARY.encode() not in b"".join(received)
