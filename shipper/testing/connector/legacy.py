"""What the legacy connector logs while it works, flow by flow."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from shipper.testing.connector.dice import CA_NAME, Dice, Request
from shipper.testing.connector.events import legacy_event
from shipper.testing.connector.texts import DENIED, RPC_UNAVAILABLE
from shipper.testing.evtx_writer import EventSpec

_SECOND = timedelta(seconds=1)


def issue(host: str, at: datetime, dice: Dice) -> Iterator[EventSpec]:
    """Log a PKCS request that is fulfilled: downloaded, issued, uploaded."""
    request = dice.request()
    issued = at + dice.span(20, 200)
    yield _download(host, at, request, "PFXRequest")
    yield legacy_event(host, 20100, issued, (*_certificate(request), ("CertificateThumbprint", request.thumbprint)))
    yield _upload(host, issued + dice.span(2, 60), request)


def issue_without_ca(host: str, at: datetime, dice: Dice) -> Iterator[EventSpec]:
    """Log a PKCS request that fails because the CA cannot be reached."""
    request = dice.request()
    yield _download(host, at, request, "PFXRequest")
    yield legacy_event(
        host,
        20102,
        at + dice.span(25, 90),
        (*_certificate(request), ("RetryCount", "3")),
        code="0x00000400",
        texts=("Certification authority is not valid or is unreachable.", RPC_UNAVAILABLE),
    )


def issue_denied(host: str, at: datetime, dice: Dice) -> Iterator[EventSpec]:
    """Log a PKCS request that the CA's policy module denies; the code says nothing, the text does."""
    request = dice.request()
    yield _download(host, at, request, "PFXRequest")
    texts = ("The request could not be completed.", f"IssuePfx - {DENIED}")
    yield legacy_event(host, 20102, at + dice.span(20, 60), _certificate(request), texts=texts)


def revoke(host: str, at: datetime, dice: Dice) -> Iterator[EventSpec]:
    """Log a revocation: downloaded, revoked, uploaded."""
    request = dice.request()
    revoked = at + dice.span(3, 40)
    yield _download(host, at, request, "CertificateRevocation")
    yield legacy_event(host, 20200, revoked, _revocation(request))
    yield _upload(host, revoked + dice.span(1, 30), request)


def revoke_denied(host: str, at: datetime, dice: Dice) -> Iterator[EventSpec]:
    """Log a revocation for which the account has no right on the CA."""
    request = dice.request()
    yield _download(host, at, request, "CertificateRevocation")
    texts = (
        "The specified account does not have permission to revoke a certificate from the CA.",
        "CCertAdmin::RevokeCertificate: Access is denied. 0x80070005 (WIN32: 5 ERROR_ACCESS_DENIED)",
    )
    yield legacy_event(host, 20202, at + dice.span(3, 40), _revocation(request), code="0x00000402", texts=texts)


def scep(host: str, at: datetime, dice: Dice) -> Iterator[EventSpec]:
    """Log a SCEP challenge that is verified, and the notice that the certificate went out."""
    request = dice.request()
    yield legacy_event(host, 20500, at, _challenge(request))
    details = (*_challenge(request), ("CertificateThumbprint", request.thumbprint))
    yield legacy_event(host, 20600, at + dice.span(1, 20), details)


def scep_expired(host: str, at: datetime, dice: Dice) -> Iterator[EventSpec]:
    """Log a SCEP request refused because its challenge is too old."""
    texts = ("Request denied due to expired certificate challenge.",)
    yield legacy_event(host, 20501, at, _challenge(dice.request()), code="0x00000411", texts=texts)


def scep_without_signing_certificate(host: str, at: datetime, dice: Dice) -> Iterator[EventSpec]:
    """Log a SCEP challenge that cannot be verified because the signing certificate is missing."""
    texts = ("Signing certificate could not be retrieved.", "m_safeCertContext is an invalid handle.")
    yield legacy_event(host, 20502, at, _challenge(dice.request()), code="0x00000409", texts=texts)


def restart(host: str, at: datetime, dice: Dice) -> Iterator[EventSpec]:
    """Log the service stopping and starting, and the client certificate it fetches then."""
    yield legacy_event(host, 10020, at, ())
    yield legacy_event(host, 10010, at + 4 * _SECOND, ())
    yield _download(host, at + 9 * _SECOND, dice.request(), "ClientCertificate")


def renew(host: str, at: datetime, dice: Dice) -> Iterator[EventSpec]:
    """Log the renewal of the connector's enrolment certificate."""
    yield legacy_event(host, 10100, at, (("CertificateThumbprint", dice.hexadecimal(40)),))


def _download(host: str, at: datetime, request: Request, kind: str) -> EventSpec:
    return legacy_event(host, 20400, at, (*_device(request), ("DownloadType", kind)))


def _upload(host: str, at: datetime, request: Request) -> EventSpec:
    return legacy_event(host, 20300, at, (*_device(request), ("UploadState", "Completed")))


def _device(request: Request) -> tuple[tuple[str, str], ...]:
    return (("RequestId", request.request_id), ("DeviceId", request.device_id), ("UserId", request.user_id))


def _certificate(request: Request) -> tuple[tuple[str, str], ...]:
    return (*_device(request), ("CAName", CA_NAME), ("CertificateTemplateName", request.template))


def _revocation(request: Request) -> tuple[tuple[str, str], ...]:
    return (*_device(request), ("CAName", CA_NAME), ("CertificateSerialNumber", request.serial_number))


def _challenge(request: Request) -> tuple[tuple[str, str], ...]:
    return (("DeviceId", request.device_id), ("TransactionId", request.transaction_id), ("RetryCount", "0"))
