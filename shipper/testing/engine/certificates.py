"""Authorities, and certificates for 127.0.0.1 that they sign, for secured test nodes."""

import datetime as dt
import ipaddress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from shipper.errors import EngineError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.x509 import Certificate, CertificateBuilder, Name

LIFETIME = dt.timedelta(days=2)
CLOCK_SKEW = dt.timedelta(hours=1)


class Certificates(msgspec.Struct, frozen=True):
    """PEM files of a node: its authority, its certificate, its private key."""

    authority: Path
    certificate: Path
    key: Path


class Authority:
    """A certificate authority of its own; its key is never written.

    Raises:
        EngineError: the package ``cryptography`` is not installed; only development needs it.
    """

    def __init__(self) -> None:
        try:
            from cryptography.hazmat.primitives.asymmetric import ec
        except ImportError as error:
            hint = "pip install -e '.[dev]'"
            raise EngineError("a secured node needs the package cryptography", hint=hint) from error
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._certificate = _authority(self._key)

    def write(self, folder: Path) -> Certificates:
        """Write its certificate into ``folder``, and a new one for ``127.0.0.1`` and ``localhost``, with its key."""
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import ec

        files = Certificates(folder / "ca.pem", folder / "node.pem", folder / "node.key")
        node_key = ec.generate_private_key(ec.SECP256R1())
        pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
        files.authority.write_bytes(self._certificate.public_bytes(pem))
        files.certificate.write_bytes(_node(node_key, self._key).public_bytes(pem))
        files.key.write_bytes(node_key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
        return files


def write_certificates(folder: Path, authority: Authority | None = None) -> Certificates:
    """Write a certificate for this machine and the authority that signs it, a new one where none is given."""
    return (authority or Authority()).write(folder)


def _authority(key: "EllipticCurvePrivateKey") -> "Certificate":
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    builder = _builder(_name("Test Authority"), key)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    return builder.add_extension(usage, critical=True).sign(key, hashes.SHA256())


def _node(key: "EllipticCurvePrivateKey", authority_key: "EllipticCurvePrivateKey") -> "Certificate":
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    names = [x509.IPAddress(ipaddress.IPv4Address("127.0.0.1")), x509.DNSName("localhost")]
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key())
    builder = _builder(_name("Test Node"), key)
    builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.add_extension(issuer, critical=False).sign(authority_key, hashes.SHA256())


def _builder(subject: "Name", key: "EllipticCurvePrivateKey") -> "CertificateBuilder":
    from cryptography import x509

    now = dt.datetime.now(dt.UTC)
    builder = x509.CertificateBuilder(subject_name=subject, issuer_name=_name("Test Authority"))
    builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now - CLOCK_SKEW).not_valid_after(now + LIFETIME)
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return builder.add_extension(identifier, critical=False)


def _name(common_name: str) -> "Name":
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
