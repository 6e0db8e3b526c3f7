"""Documents as lines: what a file and standard output have in common."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from shipper.model import INGESTED_WIDTH, Document

#: Gives the 24 bytes of ``event.ingested``.
Stamp = Callable[[], bytes]


def stamp_now() -> bytes:
    """Return the time of day as the 24 bytes of ``event.ingested``: ``2026-11-24T09:30:00.000Z``."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3].encode() + b"Z"


def as_lines(documents: Sequence[Document], ingested: bytes) -> bytearray:
    """Return one line a document, stamped; a foreign one as it came."""
    bodies = [document.body for document in documents]
    bodies.append(b"")
    # All at once, then the stamps in place: 0.4 us each, where joining the pieces around the stamps takes 0.6.
    lines = bytearray(b"\n").join(bodies)
    start = 0
    with memoryview(lines) as view:
        for document in documents:
            at = document.ingested_at
            if at >= 0:
                view[start + at : start + at + INGESTED_WIDTH] = ingested
            start += len(document.body) + 1
    return lines
