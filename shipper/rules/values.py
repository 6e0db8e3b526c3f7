"""Values of a document as an index holds them: by the kind of their field, without what it would not index."""

import math
from collections.abc import Callable

from shipper.rules.fields import MappedField
from shipper.rules.model import Scalar

#: A keyword of so few characters is within every bound of ours, whatever it takes in UTF-16.
SURELY_SHORT = 512
_MOST_LONG = 2**63 - 1


def held(value: object, mapped: MappedField) -> tuple[Scalar, ...]:
    """Return what the index would hold of a decoded JSON value; empty where that is nothing.

    A keyword longer than ``ignore_above`` is not indexed, so no rule sees it; a fraction is compared by size alone, so
    its whole part does; what the mapping would refuse is nothing.
    """
    if isinstance(value, bool) and mapped.kind == "boolean":
        return (value,)
    if isinstance(value, list):
        return tuple(one for inner in value for one in held(inner, mapped))
    read = _READERS.get(mapped.kind, _as_keyword)(value)
    return () if read is None or _is_too_long(read, mapped.ignore_above) else (read,)


def _is_too_long(value: Scalar, most: int) -> bool:
    """Say whether a text has more UTF-16 units, which Elasticsearch counts, than ``most``.

    https://www.elastic.co/guide/en/elasticsearch/reference/8.19/ignore-above.html
    """
    if not isinstance(value, str) or not 0 < most < 2 * len(value):
        return False
    return len(value.encode("utf-16-le", "surrogatepass")) > 2 * most


def _as_keyword(value: object) -> Scalar | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    return value if isinstance(value, str) else None


def _as_whole(value: object) -> Scalar | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        try:
            return _as_whole(float(value))
        except ValueError:
            return None
    if isinstance(value, float):
        return math.floor(value) if math.isfinite(value) else None
    return value if isinstance(value, int) else None


def _as_double(value: object) -> Scalar | None:
    """Return the whole part, at most what 64 bits hold, so that it can be kept; a ``long`` beyond is refused."""
    whole = _as_whole(value)
    return None if whole is None else max(-_MOST_LONG, min(int(whole), _MOST_LONG))


def _as_long(value: object) -> Scalar | None:
    whole = _as_whole(value)
    return whole if whole is not None and -_MOST_LONG <= int(whole) <= _MOST_LONG else None


def _as_boolean(value: object) -> Scalar | None:
    if isinstance(value, str):
        return {"true": True, "false": False, "": False}.get(value)
    return value if isinstance(value, bool) else None


_READERS: dict[str, Callable[[object], Scalar | None]] = {
    "keyword": _as_keyword,
    "long": _as_long,
    "double": _as_double,
    "boolean": _as_boolean,
}
