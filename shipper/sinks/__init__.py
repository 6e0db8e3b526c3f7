"""Sinks: where documents are delivered."""

from collections.abc import Sequence
from typing import Protocol

from shipper.model import Document, Outcome


class Sink(Protocol):
    """Something that takes batches of documents and says what became of each.

    Attributes:
        target: what errors and state call it, without credentials: ``https://es:9200``, ``ndjson:out.ndjson``, ``-``.
        in_flight: how many calls of ``write`` may run at once, each from a thread of its own; 1 keeps the order.
        batch_docs: the most documents one call takes.
        batch_bytes: the most body bytes one call takes (a single larger document goes alone).
    """

    target: str
    in_flight: int
    batch_docs: int
    batch_bytes: int

    def write(self, documents: Sequence[Document]) -> list[Outcome]:
        """Deliver and return one *final* outcome per document, same order; retries happen inside.

        Raises:
            SinkError: nothing more can be delivered; documents of this call are in an unknown state.
        """
        ...

    def interrupt(self) -> None:
        """Make every call of ``write`` that is waiting end now with a ``SinkError``; called from any thread."""
        ...

    def close(self, *, complete: bool) -> None:
        """Finish: publish what was written when ``complete``, else leave it where it can be examined."""
        ...
