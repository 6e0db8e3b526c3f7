"""A bulk request as bytes: bodies are encoded long since, only ``event.ingested`` is written here."""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import quote

import msgspec

from shipper.model import INGESTED_WIDTH, Document

#: What is needed to judge each item by its place; the rest of an answer is several times as long.
FILTER = (
    "filter_path=errors,items.*.status,items.*.failure_store,"
    "items.*.error.type,items.*.error.reason,items.*.error.caused_by.type,items.*.error.caused_by.reason"
)


def stamp(now: datetime) -> bytes:
    """Return ``now`` (aware, UTC) as the 24 bytes of ``event.ingested``: ``2026-11-24T09:30:00.000Z``."""
    return f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond // 1000:03d}Z".encode("ascii")


def request(documents: Sequence[Document], ingested: bytes) -> tuple[str, bytes]:
    """Return path and body of one bulk request that creates ``documents``, in their order.

    Args:
        documents: at least one; ``_id`` is URL-safe base64 and needs no escaping.
        ingested: the time of this sending, from ``stamp``.
    """
    data_stream = documents[0].data_stream
    if all(document.data_stream == data_stream for document in documents):
        return f"/{quote(data_stream)}/_bulk?{FILTER}", _payload(documents, ingested)
    return f"/_bulk?{FILTER}", _payload_with_index(documents, ingested)


def _payload(documents: Sequence[Document], ingested: bytes) -> bytes:
    out = bytearray()
    for document in documents:
        out += b'{"create":{"_id":"%b"}}\n' % document.id.encode("ascii")
        _add_body(out, document, ingested)
    return bytes(out)


def _payload_with_index(documents: Sequence[Document], ingested: bytes) -> bytes:
    out = bytearray()
    for document in documents:
        index = msgspec.json.encode(document.data_stream)
        out += b'{"create":{"_index":%b,"_id":"%b"}}\n' % (index, document.id.encode("ascii"))
        _add_body(out, document, ingested)
    return bytes(out)


def _add_body(out: bytearray, document: Document, ingested: bytes) -> None:
    start = len(out)
    out += document.body
    at = document.ingested_at
    if at >= 0:
        out[start + at : start + at + INGESTED_WIDTH] = ingested
    out += b"\n"
