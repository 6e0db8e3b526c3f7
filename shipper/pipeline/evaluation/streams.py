"""Documents of data streams, in the order in which they were sent; what becomes visible late is found all the same.

So are documents of a shipper whose clock is ahead, and those of the others beside them.
"""

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
#: Documents that were sent later than now: with so many known, further ones are read when their time has come.
_MOST_AHEAD = 20_000
#: By so much two clocks that are kept may differ.
_AHEAD_IS_SAID_MS = 10_000
_SENT = "event.ingested"


class Place(msgspec.Struct, frozen=True, array_like=True):
    """How far data streams have been read.

    Attributes:
        sent_ms: ``event.ingested`` of the newest document that is not ahead of the clock, milliseconds since 1970.
        known: ids of those not older than the overlap, and of all that are ahead, each with that time.
    """

    sent_ms: int
    known: dict[str, int] = {}


class Clocks(msgspec.Struct, frozen=True):
    """What time is taken from.

    Attributes:
        monotonic: seconds.
        now: seconds since 1970.
    """

    monotonic: Callable[[], float] = time.monotonic
    now: Callable[[], float] = time.time


class Streams:
    """Reads what is new in several data streams, as one stream; used from one thread.

    How far reading has got never passes the clock: a document of a shipper whose clock is ahead would hide what all
    others send until then. Such documents are looked for once a minute, and known by their ids until their time comes.

    Args:
        server: which Elasticsearch.
        names: of the data streams; one that is not there (yet) is empty.
        place: where to go on.
        say: told once that documents are ahead of the clock.
        clocks: what time is taken from.
    """

    def __init__(
        self,
        server: Server,
        names: Sequence[str],
        place: Place,
        say: Callable[[str], None],
        clocks: Clocks | None = None,
    ) -> None:
        self._server = server
        self._names = names
        self._sent_ms = place.sent_ms
        self._known = dict(place.known)
        self._prune_at = 2 * _PAGE_DOCS
        self._say = say
        self._said_ahead = False
        self._clocks = clocks or Clocks()
        self._long_look_at = self._clocks.monotonic()

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
        now_ms, is_long = self._now_ms(), self._is_long_look()
        room = _MOST_AHEAD - sum(sent_ms > now_ms for sent_ms in self._known.values()) if is_long else 0
        looks_ahead = room > 0
        self._sent_ms = min(self._sent_ms, now_ms)  # a clock may have been set back
        bounds = {"gte": self._sent_ms - (OVERLAP_MS if is_long else SHORT_OVERLAP_MS)}
        if not looks_ahead:
            bounds["lte"] = now_ms + SHORT_OVERLAP_MS
        query: dict[str, Any] = {"range": {_SENT: {**bounds, "format": "epoch_millis"}}}
        with ExitStack() as opened:
            found = [open_point_in_time(self._server, name, _PAGE_DOCS) for name in self._names]
            points = [opened.enter_context(point) for point in found if point is not None]
            hits = merge(*(_hits(point, query) for point in points), key=_sent_ms)
            while batch := list(islice((hit for hit in hits if hit.id not in self._known), _PAGE_DOCS)):
                room -= self._note(batch)
                yield batch
                if looks_ahead and room <= 0:
                    return  # all that comes behind it is ahead, too

    def _is_long_look(self) -> bool:
        now_s = self._clocks.monotonic()
        if now_s < self._long_look_at:
            return False
        self._long_look_at = now_s + _LONG_LOOK_EVERY_S
        return True

    def _now_ms(self) -> int:
        return int(self._clocks.now() * 1000)

    def _note(self, batch: Sequence[Hit]) -> int:
        """Note what is read with this; return how many of it are ahead of the clock."""
        now_ms = self._now_ms()
        self._known.update((hit.id, _sent_ms(hit)) for hit in batch)
        in_time = [sent_ms for hit in batch if (sent_ms := _sent_ms(hit)) <= now_ms]
        self._sent_ms = max([self._sent_ms, *in_time[-1:]])
        self._tell_of(_sent_ms(batch[-1]) - now_ms)
        if len(self._known) >= self._prune_at:
            oldest_ms = self._sent_ms - OVERLAP_MS
            self._known = {id_: sent_ms for id_, sent_ms in self._known.items() if sent_ms >= oldest_ms}
            self._prune_at = 2 * max(len(self._known), _PAGE_DOCS)  # each id is looked at a few times at most
        return len(batch) - len(in_time)

    def _tell_of(self, ahead_ms: int) -> None:
        if ahead_ms < _AHEAD_IS_SAID_MS or self._said_ahead:
            return
        self._said_ahead = True
        self._say(
            f"documents were sent {ahead_ms / 1000:,.0f} s later than it is here (event.ingested): a clock is wrong, "
            "of a shipper or this one; they are looked at all the same, up to a minute late"
        )


def _hits(point: PointInTime, query: dict[str, Any]) -> Iterator[Hit]:
    for page in point.pages(query, ["*"], _SENT):
        yield from page


def _sent_ms(hit: Hit) -> int:
    return hit.sort[0]
