"""What the unified connector logs while it works, flow by flow: Operational step by step, Admin once per request."""

from collections.abc import Iterator
from datetime import datetime

from shipper.testing.connector.dice import CA_NAME, Dice, Request
from shipper.testing.connector.events import unified_event
from shipper.testing.connector.texts import DENIED, RPC_UNAVAILABLE, STACK_TRACE
from shipper.testing.evtx_writer import EventSpec

Fields = tuple[tuple[str, str], ...]


def issue(host: str, at: datetime, dice: Dice) -> Iterator[EventSpec]:
    """Log a PKCS request that is fulfilled."""
    request = dice.request()
    fields = _pkcs(request)
    issued = at + dice.span(10, 150)
    uploaded = issued + dice.span(2, 90)
    result = (*fields, ("Thumbprint", request.thumbprint), ("SubjectName", request.subject))
    yield unified_event(host, 1002, at, _batch(dice))
    yield _of(request, host, 1020, at + dice.span(0.01, 1), fields)
    yield _of(request, host, 1050, issued, (*result, ("SerialNumber", request.serial_number)))
    yield unified_event(host, 1100, uploaded, _batch(dice))
    yield _of(request, host, 1102, uploaded + dice.span(0.01, 0.2), result)
    yield _of(request, host, 1000, uploaded + dice.span(0.2, 1), result)


def issue_without_ca(host: str, at: datetime, dice: Dice) -> Iterator[EventSpec]:
    """Log a PKCS request that fails after two attempts because the CA cannot be reached."""
    request = dice.request()
    fields = _pkcs(request)
    yield unified_event(host, 1002, at, _batch(dice))
    yield _of(request, host, 1020, at + dice.span(0.01, 1), fields)
    for attempt in (1, 2):
        attempted = at + attempt * dice.span(40, 60)
        yield _of(request, host, 1051, attempted, (*fields, ("RetryCount", str(attempt)), *_fault(RPC_UNAVAILABLE)))
    failed = at + dice.span(190, 240)
    yield _of(request, host, 1052, failed, (*fields, *_fault(RPC_UNAVAILABLE)))
    yield _of(request, host, 1001, failed + dice.span(0.1, 1), (*fields, *_fault(RPC_UNAVAILABLE)))


def issue_denied(host: str, at: datetime, dice: Dice) -> Iterator[EventSpec]:
    """Log a PKCS request that the CA's policy module denies."""
    request = dice.request()
    fields = _pkcs(request)
    failed = at + dice.span(5, 30)
    yield _of(request, host, 1020, at, fields)
    yield _of(request, host, 1052, failed, (*fields, *_fault(DENIED)))
    yield _of(request, host, 1001, failed + dice.span(0.1, 1), (*fields, *_fault(DENIED)))


def revoke(host: str, at: datetime, dice: Dice) -> Iterator[EventSpec]:
    """Log a revocation that is carried out."""
    request = dice.request()
    fields = (*_device(request), ("CAName", CA_NAME), ("SerialNumber", request.serial_number))
    revoked = at + dice.span(2, 30)
    yield unified_event(host, 3002, at, _batch(dice))
    yield _of(request, host, 3020, at + dice.span(0.01, 1), fields)
    yield _of(request, host, 3050, revoked, fields)
    yield _of(request, host, 3102, revoked + dice.span(1, 20), fields)
    yield _of(request, host, 3000, revoked + dice.span(20, 30), fields)


def scep(host: str, at: datetime, dice: Dice) -> Iterator[EventSpec]:
    """Log a SCEP request from receipt to notice."""
    request = dice.request()
    fields = _scep(request)
    issued = at + dice.span(1, 9)
    result = (*fields, ("Thumbprint", request.thumbprint), ("SubjectName", request.subject))
    yield _of(request, host, 4003, at, fields)
    yield _of(request, host, 4004, at + dice.span(0.2, 1), fields)
    yield _of(request, host, 4006, issued, result)
    yield _of(request, host, 4008, issued + dice.span(1, 5), result)
    yield _of(request, host, 4000, issued + dice.span(5, 6), result)


def health(host: str, at: datetime, dice: Dice) -> Iterator[EventSpec]:
    """Log the upload of health messages."""
    yield unified_event(host, 5000, at, (("MessageCount", str(dice.between(1, 6))),))


def health_retried(host: str, at: datetime, dice: Dice) -> Iterator[EventSpec]:
    """Log an upload of health messages that needs a second attempt."""
    fault = "The operation has timed out"
    yield unified_event(host, 5001, at, (("MessageCount", "1"), ("ErrorMessage", fault)))
    yield from health(host, at + dice.span(30, 60), dice)


def _of(request: Request, host: str, event_id: int, at: datetime, fields: Fields) -> EventSpec:
    return unified_event(host, event_id, at, fields, activity_id=request.activity_id)


def _batch(dice: Dice) -> Fields:
    return (("RequestCount", str(dice.between(1, 4))), ("ActivityId", dice.guid()))


def _device(request: Request) -> Fields:
    return (("RequestId", request.request_id), ("DeviceId", request.device_id), ("UserId", request.user_id))


def _pkcs(request: Request) -> Fields:
    policy = (("PolicyId", request.policy_id), ("CAName", CA_NAME), ("CertificateTemplateName", request.template))
    return (*_device(request), *policy)


def _scep(request: Request) -> Fields:
    ids = (("TransactionId", request.transaction_id), ("DeviceId", request.device_id))
    return (*ids, ("PolicyId", request.policy_id), ("CertificateTemplateName", request.template))


def _fault(text: str) -> Fields:
    return (
        ("ErrorMessage", text),
        ("ExceptionType", "System.Runtime.InteropServices.COMException"),
        ("StackTrace", STACK_TRACE),
    )
