"""Templates and mappings in one spelling, so that what was PUT and what is read back compare equal."""

import hashlib
from typing import Any

import msgspec

from shipper.assets import Body

#: What Elasticsearch adds to what it was given: defaults, and since 9.2 the dates of an object.
_ADDED = {
    "created_date", "created_date_millis", "modified_date", "modified_date_millis", "_data_stream_timestamp",
}  # fmt: skip
_DEFAULTS = {("data_stream", "hidden"), ("data_stream", "allow_custom_routing")}
_FINGERPRINT = "fingerprint"


def canonical(body: Body) -> Body:
    """Return ``body`` with keys sorted, scalars as text, and without what a server adds by itself."""
    spelled: Body = _spelled(body, "")
    meta = spelled.pop("_meta", {})
    meta.pop(_FINGERPRINT, None)
    return {**spelled, "_meta": meta} if meta else spelled


def fingerprint(body: Body) -> str:
    """Return 16 hex digits that change with the content of ``body``."""
    encoded = msgspec.json.encode(canonical(body))
    return hashlib.blake2b(encoded, digest_size=8).hexdigest()


def sealed(body: Body) -> Body:
    """Return ``body`` with its fingerprint in ``_meta``: a later setup sees whether somebody changed it since."""
    return {**body, "_meta": {**body.get("_meta", {}), _FINGERPRINT: fingerprint(body)}}


def is_sealed(body: Body) -> bool:
    """Say whether ``body`` is as a setup left it."""
    return bool(body.get("_meta", {}).get(_FINGERPRINT) == fingerprint(body))


def covers(there: object, wanted: object) -> bool:
    """Say whether a canonical mapping ``there`` has all that ``wanted`` has; fields beyond that do not matter."""
    if isinstance(there, dict) and isinstance(wanted, dict):
        return all(key in there and covers(there[key], value) for key, value in wanted.items())
    return there == wanted


def _spelled(value: Any, parent: str) -> Any:
    if isinstance(value, dict):
        kept = {key: _spelled(inner, key) for key, inner in sorted(value.items()) if key not in _ADDED}
        if parent == "lifecycle" and kept.get("enabled") == "true":
            del kept["enabled"]
        return {key: inner for key, inner in kept.items() if (parent, key) not in _DEFAULTS or inner != "false"}
    if isinstance(value, list):
        return [_spelled(inner, parent) for inner in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
