"""Documents of data streams, in the order in which they were sent; what becomes visible late is found all the same."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from heapq import merge
from itertools import islice
from typing import Any

import msgspec

from shipper.audit.point_in_time import Hit, PointInTime, open_point_in_time
from shipper.sinks.elasticsearch.server import Server

#: A document carries the time at which it was sent. It can be found later: when the request has been carried out, and
#: after the next refresh. So what was sent up to this long before the newest that was found is asked for again: a
#: little at each look, since nearly everything is visible within seconds, and all of it once a minute.
OVERLAP_MS, SHORT_OVERLAP_MS = 300_000, 15_000
_LONG_LOOK_EVERY_S = 60.0
_PAGE_DOCS = 1000
_SENT = "event.ingested"


class Place(msgspec.Struct, frozen=True, array_like=True):
    """How far data streams have been read.

    Attributes:
        sent_ms: ``event.ingested`` of the newest document, milliseconds since 1970.
        known: ids of those not older than the overlap, each with that time.
    """

    sent_ms: int
    known: dict[str, int] = {}


class Streams:
    """Reads what is new in several data streams, as one stream; used from one thread.

    Args:
        server: which Elasticsearch.
        names: of the data streams; one that is not there (yet) is empty.
        place: where to go on.
        clock: monotonic seconds.
    """

    def __init__(
        self, server: Server, names: Sequence[str], place: Place, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._server = server
        self._names = names
        self._sent_ms = place.sent_ms
        self._known = dict(place.known)
        self._clock = clock
        self._long_look_at = clock()

    @property
    def place(self) -> Place:
        """How far has been read; what was yielded last counts as read."""
        return Place(self._sent_ms, dict(self._known))

    def news(self) -> Iterator[list[Hit]]:
        """Yield what has not been read, up to what is visible now, in batches.

        Raises:
            SinkError: Elasticsearch cannot be reached, or does not answer in full.
            AuthenticationError: the privilege ``read`` is missing.
        """
        since_ms = self._sent_ms - self._overlap_ms()
        query: dict[str, Any] = {"range": {_SENT: {"gte": since_ms, "format": "epoch_millis"}}}
        with ExitStack() as opened:
            found = [open_point_in_time(self._server, name, _PAGE_DOCS) for name in self._names]
            points = [opened.enter_context(point) for point in found if point is not None]
            hits = merge(*(_hits(point, query) for point in points), key=_sent_ms)
            while batch := list(islice((hit for hit in hits if hit.id not in self._known), _PAGE_DOCS)):
                self._note(batch)
                yield batch

    def _overlap_ms(self) -> int:
        if self._clock() < self._long_look_at:
            return SHORT_OVERLAP_MS
        self._long_look_at = self._clock() + _LONG_LOOK_EVERY_S
        return OVERLAP_MS

    def _note(self, batch: Sequence[Hit]) -> None:
        self._known.update((hit.id, _sent_ms(hit)) for hit in batch)
        self._sent_ms = max(self._sent_ms, _sent_ms(batch[-1]))
        oldest_ms = self._sent_ms - OVERLAP_MS
        if len(self._known) > 2 * _PAGE_DOCS:
            self._known = {id_: sent_ms for id_, sent_ms in self._known.items() if sent_ms >= oldest_ms}


def _hits(point: PointInTime, query: dict[str, Any]) -> Iterator[Hit]:
    for page in point.pages(query, ["*"], _SENT):
        yield from page


def _sent_ms(hit: Hit) -> int:
    return hit.sort[0]
