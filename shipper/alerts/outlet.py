"""The contract of outlets: what takes alerts away."""

from collections.abc import Sequence
from typing import Literal, Protocol

import msgspec

from shipper.model import Document


class Refused(msgspec.Struct, frozen=True):
    """An alert that an outlet will never take, whoever sends it how often.

    Attributes:
        kind: a word for it: ``http_400``.
        reason: one line.
    """

    kind: str
    reason: str


Taken = Literal["taken"]
TAKEN: Taken = "taken"


class Unavailable(Exception):  # noqa: N818 (it says how things are; nobody but the courier meets it)
    """An outlet takes nothing now; the same alerts are to be handed to it again.

    Args:
        reason: one line, without secrets.
        retry_after: what the other side asks for: seconds or an HTTP date; empty where it asks for nothing.
        taken: so many of the alerts, from the first, were taken before.
    """

    def __init__(self, reason: str, *, retry_after: str = "", taken: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after = retry_after
        self.taken = taken


class Outlet(Protocol):
    """Something that takes alerts; used from one thread, but for ``interrupt``.

    Attributes:
        name: what state and messages call it, without secrets; whatever makes two outlets different is in it.
        most: the most alerts that one call takes.
    """

    name: str
    most: int

    def deliver(self, alerts: Sequence[Document]) -> list[Taken | Refused]:
        """Hand alerts over, once; return what became of each, same order.

        Raises:
            Unavailable: it takes nothing now; what it had taken of this call may come again.
        """
        ...

    def interrupt(self) -> None:
        """Make a call of ``deliver`` that waits end soon; from any thread."""
        ...

    def close(self) -> None:
        """Let go of what is open."""
        ...
