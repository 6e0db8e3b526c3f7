"""Documents as JSON objects: fields by their dotted names, times, identity."""

import base64
import hashlib
from collections.abc import Iterator
from copy import deepcopy

import msgspec

from shipper.assets import Body
from shipper.rules.instants import to_text
from shipper.rules.model import Reads, Scalar

SECOND_MS = 1_000
MINUTE_MS = 60 * SECOND_MS
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS


class Kept(msgspec.Struct, frozen=True):
    """A document of the corpus.

    Attributes:
        id: its ``_id``; also ``event.id``.
        time_ms: its ``@timestamp``, no other document has it.
        reads: which data stream it belongs to.
        body: one JSON object; ``event.ingested`` is ``@timestamp`` cut to milliseconds, as if shipped at once.
    """

    id: str
    time_ms: int
    reads: Reads
    body: bytes


class Draft(msgspec.Struct, frozen=True):
    """A document that is to be part of the corpus.

    Attributes:
        time_ms: its ``@timestamp``.
        body: everything but times and id.
    """

    time_ms: int
    body: Body


def get(body: Body, name: str) -> tuple[Scalar, ...]:
    """Return the values of a field, none where it is missing."""
    found: object = body
    for step in name.split("."):
        found = found.get(step) if isinstance(found, dict) else None
    if found is None or isinstance(found, dict):
        return ()
    return tuple(found) if isinstance(found, list | tuple) else (found,)  # type: ignore[return-value]  # JSON scalars


def put(body: Body, name: str, value: object) -> None:
    """Set a field, and with it those that always say the same."""
    *above, last = name.split(".")
    below = body
    for step in above:
        below = below.setdefault(step, {})
    below[last] = [value] if isinstance(below.get(last), list) else value
    for twin, said in _twins(name, value):
        if get(body, twin):
            put(body, twin, said)


def remove(body: Body, name: str) -> None:
    """Take a field away."""
    *above, last = name.split(".")
    below = body
    for step in above:
        below = below.get(step, {})
    below.pop(last, None)


def copied(body: Body) -> Body:
    """Return a copy to be changed."""
    return deepcopy(body)


def kept(draft: Draft, number: int, namespace: str) -> Kept:
    """Finish a document: times, stream and an id that follows from its place in the corpus."""
    body = copied(draft.body)
    document_id = base64.urlsafe_b64encode(
        hashlib.blake2b(f"planted {number}".encode(), digest_size=15).digest()
    ).decode()
    stamp = to_text(draft.time_ms)
    body["@timestamp"] = stamp
    body["event"] |= {"ingested": stamp, "created": stamp, "id": document_id}
    body["data_stream"]["namespace"] = namespace
    reads: Reads = "metrics" if body["data_stream"]["type"] == "metrics" else "events"
    return Kept(document_id, draft.time_ms, reads, msgspec.json.encode(body))


def _twins(name: str, value: object) -> Iterator[tuple[str, object]]:
    match name:
        case "event.code":
            yield "winlog.event_id", value
        case "host.name":
            yield "host.hostname", str(value).partition(".")[0]
            yield "winlog.computer_name", str(value).upper()
            yield "related.hosts", value
