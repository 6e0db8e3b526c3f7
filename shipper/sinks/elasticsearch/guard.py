"""The guard against doubles across a rollover.

``create`` with the same ``_id`` excludes a double within one backing index. After a rollover the same document would be
stored again in the next one, so what may have been sent before is asked for first, in all of them. What may have been:

- a document whose earlier sending had no answer, or one that leaves open whether it was carried out;
- every document of a replay;
- one whose event is older than the index that is written now: it may have come by another way or in an earlier run;
- the first ones of each log in a run, which a run before it may have sent and not noted: all until so many have turned
  out to be new that no batch of that run can reach further.

Nobody can have sent an event before it happened: so all other documents are new, or are excluded by ``create``.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from threading import Lock

from shipper.model import Document, Outcome
from shipper.sinks.elasticsearch.backing import CLOCK_MARGIN, Backing, backing_of
from shipper.sinks.elasticsearch.presence import Presence
from shipper.sinks.elasticsearch.server import Server, Unanswered
from shipper.sinks.elasticsearch.under_way import Names, under_way

#: How long it is believed which index is written now.
_BACKING_KNOWN_S = 5.0
_TIME_KEY = b'"@timestamp":"'
#: It stands among the first fields; what is not found there counts as old.
_TIME_WITHIN_BYTES = 1000
_TIME_WIDTH = len("2026-11-24T09:30:00")


class Guard:
    """Says which documents have to be asked for, and asks; used by every thread that sends.

    Args:
        server: the Elasticsearch.
        opening_docs: so many documents of a log have to be new before the next ones are taken for new; at least as
            many as an earlier run may have had under way.
        asks_for_all: every document may have been sent before.
        now: the time of day, when this run begins.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        server: Server,
        opening_docs: int,
        *,
        asks_for_all: bool,
        now: datetime,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._server = server
        self._opening_docs = opening_docs
        self._asks_for_all = asks_for_all
        self._began = _text(now + CLOCK_MARGIN)
        self._clock = clock
        self._names = Names()
        self._lock = Lock()
        self._new: defaultdict[str, int] = defaultdict(int)
        self._known: dict[str, tuple[float, Backing]] = {}
        self._left_over: frozenset[str] | None = None

    def new_name(self) -> str:
        """Return a name for the requests of one batch."""
        return self._names.next()

    def doubtful(self, documents: Sequence[Document]) -> list[int]:
        """Return the places of those that may have been sent before.

        Raises:
            Unanswered: there is no telling now.
            SinkError: Elasticsearch refuses to tell.
        """
        if self._asks_for_all:
            return list(range(len(documents)))
        since = {name: self._since(name) for name in {document.data_stream for document in documents}}
        return [
            place
            for place, document in enumerate(documents)
            if self._is_doubtful(document, *since[document.data_stream])
        ]

    def found(self, documents: Sequence[Document], earlier: str = "") -> set[str]:
        """Return the ``_id`` of each of those that are there, in any backing index.

        Args:
            documents: with an ``_id`` each.
            earlier: name of a request that may still be carried out.

        Raises:
            Unanswered: there is no telling now.
            SinkError: Elasticsearch refuses to tell.
        """
        self._expect_nothing_under_way(earlier)
        ids: defaultdict[str, list[str]] = defaultdict(list)
        for document in documents:
            ids[document.data_stream].append(document.id)
        found: set[str] = set()
        for data_stream, wanted in ids.items():
            found |= Presence(self._server, data_stream, self._backing(data_stream)).of(wanted)
        return found

    def settled(self, documents: Sequence[Document], outcomes: Sequence[Outcome]) -> None:
        """Learn what became of documents: where one was there already, the next ones of its log are asked for, too."""
        with self._lock:
            for document, outcome in zip(documents, outcomes, strict=True):
                if outcome.status == "indexed":
                    self._new[document.position.source] += 1
                elif outcome.status == "duplicate":
                    self._new[document.position.source] = 0

    def _is_doubtful(self, document: Document, opening_until: bytes, written_since: bytes) -> bool:
        happened = _time_of(document)
        if happened < written_since:
            return True
        return happened < opening_until and self._new.get(document.position.source, 0) < self._opening_docs

    def _since(self, data_stream: str) -> tuple[bytes, bytes]:
        """Return until when an event may have been sent by an earlier run, and since when the index is written."""
        at_s, backing = self._known.get(data_stream, (0.0, None))
        if backing is None or self._clock() - at_s > _BACKING_KNOWN_S:
            backing = self._backing(data_stream)
        if not backing.names:
            return b"", b""
        return self._began, _text(backing.written_since + CLOCK_MARGIN) if len(backing.names) > 1 else b""

    def _backing(self, data_stream: str) -> Backing:
        at_s = self._clock()
        backing = backing_of(self._server, data_stream)
        self._known[data_stream] = at_s, backing
        return backing

    def _expect_nothing_under_way(self, earlier: str) -> None:
        """Look whether a request that nobody waits for might yet bring a document: of this run, or of the one before.

        Raises:
            Unanswered: it might.
        """
        with self._lock:
            if not earlier and self._left_over == frozenset():
                return
            running = under_way(self._server)
            if self._left_over is None:
                self._left_over = frozenset(name for name in running if not name.startswith(self._names.own))
            self._left_over &= running
            waits = bool(self._left_over) or earlier in running
        if waits:
            raise Unanswered("an earlier request is still being carried out", delivered=True)


def _time_of(document: Document) -> bytes:
    """Return ``@timestamp`` to the second, as it is written; empty where it is not found."""
    at = document.body.find(_TIME_KEY, 0, _TIME_WITHIN_BYTES)
    start = at + len(_TIME_KEY)
    return document.body[start : start + _TIME_WIDTH] if at >= 0 else b""


def _text(moment: datetime) -> bytes:
    return moment.isoformat()[:_TIME_WIDTH].encode()
