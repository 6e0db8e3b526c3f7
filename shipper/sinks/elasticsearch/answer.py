"""What comes back from an Elasticsearch: an answer, whatever it says, or none."""

from typing import TypeVar

import msgspec

from shipper.errors import SinkError

#: From this HTTP status on a request was not carried out.
FAILED = 400

Decoded = TypeVar("Decoded")


class Answer(msgspec.Struct, frozen=True):
    """What came back: any HTTP status; a 401 never gets this far.

    Attributes:
        status: of HTTP.
        body: as sent, usually JSON.
        retry_after: the header of that name, as sent.
        whole: the header said where the body ends, and there it did; without that it may have been cut off.
    """

    status: int
    body: bytes
    retry_after: str = ""
    whole: bool = True

    @property
    def ok(self) -> bool:
        """Say whether the request was carried out."""
        return self.status < FAILED

    def decoded(self, kind: type[Decoded]) -> Decoded:
        """Return the body as ``kind``.

        Raises:
            SinkError: the body is something else.
            Unanswered: it was cut off.
        """
        try:
            return msgspec.json.decode(self.body, type=kind)
        except msgspec.DecodeError as error:
            if not self.whole:
                raise Unanswered("the line broke within the answer", delivered=True) from None
            raise SinkError(
                f"an answer is not what Elasticsearch sends: {error}", hint="is a proxy in between?"
            ) from None

    def error(self) -> "ServerError":
        """Return the error that the body tells of, whatever shape it has."""
        try:
            return msgspec.json.decode(self.body, type=_Refusal).error
        except msgspec.DecodeError:
            return ServerError(f"http_{self.status}", f"HTTP {self.status}")


class ServerError(msgspec.Struct, frozen=True):
    """``error.type`` and ``error.reason`` of an answer."""

    type: str = "unknown"
    reason: str = ""


class _Refusal(msgspec.Struct):
    error: ServerError


class Unanswered(Exception):  # noqa: N818 (not an error a user sees: the sink tries again)
    """No answer came: nobody knows whether the request was carried out.

    Args:
        reason: one line, without credentials.
        delivered: false where the request never left (refused, no route), so that it was surely not carried out.
    """

    def __init__(self, reason: str, *, delivered: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.delivered = delivered
