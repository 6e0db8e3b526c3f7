"""Saved objects as a file."""

from collections.abc import Iterable

import msgspec

from shipper.kibana.build.saved_object import Json


def encode(objects: Iterable[Json]) -> bytes:
    """Return the objects as NDJSON: one line each, the same bytes for the same objects."""
    return b"".join(msgspec.json.encode(one) + b"\n" for one in objects)
