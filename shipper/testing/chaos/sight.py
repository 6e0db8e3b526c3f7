"""What a search finds by now, as a user's would: nothing is refreshed for it."""

import time
from collections.abc import Collection

from shipper.errors import EngineError
from shipper.testing.chaos.driver import Shipper
from shipper.testing.engine import Access

_LOOKS_EVERY_S = 0.02
_MOST = 1000


def searchable(access: Access, data_stream: str, ids: Collection[str]) -> set[str]:
    """Return which of at most 1,000 ``_id`` a search finds.

    Raises:
        OSError: the node cannot be reached.
    """
    query = {"size": _MOST, "_source": False, "query": {"ids": {"values": list(ids)}}}
    _, answer = access.request("POST", f"/{data_stream}/_search?filter_path=hits.hits._id", query)
    return {hit["_id"] for hit in answer.get("hits", {}).get("hits", ())}


def wait_until_searchable(
    access: Access, data_stream: str, id_: str, shipper: Shipper, *, within_s: float = 120.0
) -> float:
    """Return the monotonic time at which a search found a document.

    Raises:
        EngineError: the shipper ended before, or the time is over; with what it said.
    """
    ends_at_s = time.monotonic() + within_s
    while not searchable(access, data_stream, [id_]):
        if not shipper.is_running:
            raise EngineError(f"the shipper ended before its last event could be found: {shipper.ended()}")
        if time.monotonic() > ends_at_s:
            raise EngineError(f"not to be found within {within_s:g} s: {shipper.said()}")
        time.sleep(_LOOKS_EVERY_S)
    return time.monotonic()
