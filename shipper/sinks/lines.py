"""Documents as lines: what a file and standard output have in common."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from shipper.model import INGESTED_WIDTH, Document

#: Gives the 24 bytes of ``event.ingested``.
Stamp = Callable[[], bytes]


def stamp_now() -> bytes:
    """Return the time of day as the 24 bytes of ``event.ingested``: ``2026-11-24T09:30:00.000Z``."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3].encode() + b"Z"


def as_lines(documents: Sequence[Document], ingested: bytes) -> bytes:
    """Return one line a document, stamped; a foreign one as it came."""
    parts: list[bytes] = []
    add = parts.append
    for document in documents:  # pieces in one join: a third less time than Document.stamped for each
        body, at = document.body, document.ingested_at
        if at >= 0:
            add(body[:at])
            add(ingested)
            body = body[at + INGESTED_WIDTH :]
        add(body)
        add(b"\n")
    return b"".join(parts)
