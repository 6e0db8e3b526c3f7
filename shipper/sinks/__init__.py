"""Sinks: where documents are delivered."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

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


@runtime_checkable
class Recorder(Protocol):
    """What a sink offers besides, that can write documents of another kind beside the delivery."""

    def record(self, data_stream: str, body: bytes) -> None:
        """Write one document, its ``_id`` left to the server: once, without waiting; called from any thread.

        Raises:
            SinkError: it was not written, or nobody knows.
        """
        ...


#: Size of an output that no checkpoint knows of.
UNKNOWN_OUTPUT = -1


@runtime_checkable
class ResumableSink(Protocol):
    """What a sink offers besides, whose output is a file that a later run goes on with; ``in_flight`` is 1.

    Attributes:
        output_bytes: size of the file with all in it that ``write`` has returned from.
    """

    output_bytes: int

    def sync(self) -> None:
        """Make durable what ``write`` has returned from.

        Raises:
            SinkError: it cannot be made durable.
        """
        ...
