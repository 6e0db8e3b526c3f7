"""What comes back from a Kibana, and what a refusal means: each with a next step."""

from typing import Any, TypeVar

import msgspec

from shipper.errors import AuthenticationError, SinkError
from shipper.kibana.install.saved_object import Body

_REDIRECT, _FAILED = 300, 400
_UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND, _TOO_LARGE, _TOO_NEW = 401, 403, 404, 413, 422
_GATEWAY = frozenset({502, 504})
#: Kibana, or what stands before it, has no time now: asked again later, the same may be done.
LATER = frozenset({429, 503})

Decoded = TypeVar("Decoded")

_RUN_AGAIN = "run the same command again: what is done already is left alone"


class Answer(msgspec.Struct, frozen=True):
    """What came back: any HTTP status.

    Attributes:
        target: who answered.
        status: of HTTP.
        body: as sent.
        place: where a redirect leads.
    """

    target: str
    status: int
    body: bytes
    place: str = ""

    @property
    def ok(self) -> bool:
        """Say whether the request was carried out."""
        return self.status < _REDIRECT

    @property
    def missing(self) -> bool:
        """Say whether what was asked for is not there, by Kibana's own word."""
        return self.status == _NOT_FOUND and bool(self._refusal())

    def decoded(self, kind: type[Decoded]) -> Decoded:
        """Return the body as ``kind``.

        Raises:
            SinkError: it is something else, or was cut off.
        """
        try:
            return msgspec.json.decode(self.body, type=kind)
        except msgspec.DecodeError as error:
            raise self.foreign(str(error)) from None

    def lines(self) -> list[Body]:
        """Return the lines of a body that is an export."""
        try:
            return [msgspec.json.decode(line, type=Body) for line in self.body.splitlines() if line.strip()]
        except msgspec.DecodeError as error:
            raise self.foreign(str(error)) from None

    def foreign(self, why: str) -> SinkError:
        """Return the error for an answer that Kibana would not give, or that was cut off."""
        what = "a web page" if self.body.lstrip()[:1] == b"<" else "something"
        return SinkError(
            f"answers with {what} that is not Kibana's ({why})",
            where=self.target,
            hint="does a proxy or a login page stand in between, or was the answer cut off? Name Kibana's own URL",
        )

    @property
    def reason(self) -> str:
        """What Kibana says in its own words; of others the status."""
        told = self._refusal().get("message")
        if isinstance(told, list):
            told = "; ".join(map(str, told))
        return str(told) if told else f"HTTP {self.status}"

    def attributes(self) -> Body:
        """Return what a refusal says beyond its message."""
        found = self._refusal().get("attributes")
        return found if isinstance(found, dict) else {}

    def _refusal(self) -> dict[str, Any]:
        try:
            return msgspec.json.decode(self.body, type=Body)
        except msgspec.DecodeError:
            return {}

    def refusal(self, what: str, privilege: str) -> SinkError:
        """Return the error for a request that was not carried out.

        Args:
            what: was asked, as "the import of saved objects".
            privilege: that it needs, as Kibana's page of roles calls it.
        """
        if self.status < _FAILED:
            return SinkError(
                f"sends us elsewhere ({self.place or 'no word where'}) instead of answering {what}",
                where=self.target,
                hint="name the URL that it leads to, with its base path; a login page in between needs an exception",
            )
        if self.status == _UNAUTHORIZED:
            return AuthenticationError(
                f"refuses the credentials (401): {self.reason}",
                where=self.target,
                hint="SHIPPER_API_KEY, or SHIPPER_USERNAME and SHIPPER_PASSWORD, must be valid in Kibana, too",
            )
        if self.status == _FORBIDDEN:
            return AuthenticationError(
                f"refuses {what} (403): {self.reason}", where=self.target, hint=f"it needs, in this space: {privilege}"
            )
        message, hint = self._other(what)
        return SinkError(message, where=self.target, hint=hint)

    def _other(self, what: str) -> tuple[str, str]:
        known = {
            _NOT_FOUND: "is it Kibana, with its base path, and is that feature switched on in this space?",
            _TOO_LARGE: "raise the limit of the proxy (nginx: client_max_body_size), or of Kibana "
            "(savedObjects.maxImportPayloadBytes)",
            _TOO_NEW: "nothing of it was written; Kibana 8.12 or newer is needed",
        }
        if self.status in _GATEWAY:
            return f"a proxy got no answer to {what} ({self.status})", f"look whether Kibana runs; then {_RUN_AGAIN}"
        if self.status in LATER:
            return f"is not ready for {what} ({self.status}): {self.reason}", f"wait a little, then {_RUN_AGAIN}"
        return f"refuses {what} ({self.status}): {self.reason}", known.get(self.status, "Kibana's log says more")
