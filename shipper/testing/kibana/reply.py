"""What the stand-in answers."""

from http import HTTPStatus
from typing import Any, TypeAlias

import msgspec

#: JSON as Kibana speaks it.
Body: TypeAlias = dict[str, Any]


class Reply(msgspec.Struct, frozen=True):
    """One answer.

    Attributes:
        status: of HTTP.
        body: as sent.
        content_type: of the body.
        headers: further ones.
    """

    status: int
    body: bytes = b""
    content_type: str = "application/json; charset=utf-8"
    headers: dict[str, str] = {}


class RefusedError(Exception):
    """A request that Kibana's core refuses.

    Args:
        status: of HTTP.
        message: as Kibana words it, more or less.
        attributes: what it says beyond that.
    """

    def __init__(self, status: int, message: str, attributes: Body | None = None) -> None:
        super().__init__(message)
        self.reply = refused(status, message, attributes)


def answered(body: object, status: int = 200) -> Reply:
    """Return ``body`` as JSON."""
    return Reply(status, msgspec.json.encode(body))


def refused(status: int, message: str, attributes: Body | None = None) -> Reply:
    """Return a refusal in the shape of Kibana's core."""
    body: Body = {"statusCode": status, "error": HTTPStatus(status).phrase, "message": message}
    return answered({**body, "attributes": attributes} if attributes else body, status)


def refused_rule(status: int, message: str) -> Reply:
    """Return a refusal in the shape of the detection engine."""
    return answered({"message": message, "status_code": status}, status)
