"""Delivers documents to a data stream, each at least once, and says what became of each."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from threading import Event, Lock
from urllib.parse import quote

import msgspec

from shipper.errors import SinkError
from shipper.model import Document, Outcome
from shipper.sinks.elasticsearch import ownership
from shipper.sinks.elasticsearch.backoff import Pacing, Patience
from shipper.sinks.elasticsearch.connection import Connection
from shipper.sinks.elasticsearch.guard import Guard
from shipper.sinks.elasticsearch.sending import Sending
from shipper.sinks.elasticsearch.server import Server

#: More than an earlier run has had under way, unless somebody has raised its limits and lowered them since.
_OPENING_DOCS = 10_000


class Limits(msgspec.Struct, frozen=True):
    """How much at once, and how long.

    Attributes:
        in_flight: requests under way at once.
        batch_docs, batch_bytes: the most one request carries.
        give_up_after_s: how long to go on while nothing gets through; ``None`` for ever.
    """

    in_flight: int = 2
    batch_docs: int = 2000
    batch_bytes: int = 4 << 20
    give_up_after_s: float | None = 300


def _silent(_reason: str) -> None:
    """Tell nobody."""


class ElasticsearchSink:
    """Writes to data streams with ``create``; safe to call from ``in_flight`` threads at once.

    Guarantees: an outcome other than ``rejected`` means that Elasticsearch has acknowledged the document or had it
    already. A request whose answer is lost is sent again; ``create`` with the same ``_id`` makes that harmless within
    a backing index, and across a rollover what may be there is asked for first (``guard``). Such a document comes back
    as ``duplicate``: nobody knows whether this run or an earlier one brought it, so it is never claimed.
    ``event.ingested`` is the time of the sending that got through.

    Args:
        connection: where to, and as whom.
        limits: sizes and patience.
        allow_foreign_mapping: write even where the mapping is not ours.
        sent_before: every document may have been sent before, as in a replay: each is asked for first.
        pacing: of waits between attempts.
        now: the time of day, UTC, for ``event.ingested``.
        on_pause: told why delivery waits when it is the index or the cluster and not its load.
        on_notice: told of replaced credentials and authorities: used, broken, or waited for.
    """

    def __init__(
        self,
        connection: Connection,
        limits: Limits | None = None,
        *,
        allow_foreign_mapping: bool = False,
        sent_before: bool = False,
        pacing: Pacing | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        on_pause: Callable[[str], None] = _silent,
        on_notice: Callable[[str], None] = _silent,
    ) -> None:
        limits = limits or Limits()
        self.target = connection.target
        self.in_flight = limits.in_flight
        self.batch_docs = limits.batch_docs
        self.batch_bytes = limits.batch_bytes
        self._server = Server(msgspec.structs.replace(connection, connections=limits.in_flight + 1), on_notice)
        self._give_up_after_s = limits.give_up_after_s
        self._allow_foreign_mapping = allow_foreign_mapping
        self._pacing = pacing or Pacing()
        opening_docs = max(_OPENING_DOCS, limits.in_flight * limits.batch_docs)
        self._guard = Guard(self._server, opening_docs, asks_for_all=sent_before, now=self._pacing.now())
        self._now = now
        self._on_pause = on_pause
        self._interrupted = Event()
        self._checking = Lock()
        self._checked: set[str] = set()
        self._recorded: set[str] = set()

    def check(self, *data_streams: str) -> None:
        """Check server, version, and that each data stream has our mapping; ``write`` does it for those it meets.

        Raises:
            SinkError: unreachable, no Elasticsearch, or a version that is not supported.
            AuthenticationError: the credentials are refused.
            MappingError: a mapping is not ours.
        """
        with self._checking:
            if not self._checked:
                self._server.version()
            for data_stream in data_streams:
                if data_stream not in self._checked and not self._allow_foreign_mapping:
                    ownership.check(self._server, data_stream)
                self._checked.add(data_stream)

    def write(self, documents: Sequence[Document]) -> list[Outcome]:
        """Deliver ``documents``; one final outcome per document, same order.

        Raises:
            SinkError: nothing got through for ``give_up_after_s``, or ``interrupt`` was called.
            AuthenticationError: the credentials or privileges are refused.
            MappingError: the mapping is not ours.
        """
        if not documents:
            return []
        unmet = {document.data_stream for document in documents} - self._checked
        if unmet:
            self.check(*sorted(unmet))
        patience = Patience(self._pacing, self._give_up_after_s, self._interrupted)
        return Sending(self._server, documents, self._guard, patience, now=self._now, on_pause=self._on_pause).run()

    def record(self, data_stream: str, body: bytes) -> None:
        """Write one document beside the delivery, its ``_id`` left to Elasticsearch; once, from any thread.

        It never holds the delivery up: it has a connection of its own, and shares no lock that is held for long.

        Raises:
            SinkError: it was not written, or nobody knows.
            AuthenticationError: the credentials or privileges are refused.
            MappingError: the mapping of ``data_stream`` is not ours; nothing is made there then.
        """
        if data_stream not in self._recorded and not self._allow_foreign_mapping:
            ownership.check(self._server, data_stream)
            self._recorded.add(data_stream)
        answer = self._server.ask("POST", f"/{quote(data_stream)}/_doc?filter_path=result", body)
        if not answer.ok:
            error = answer.error()
            raise SinkError(f"refuses the document ({error.type}): {error.reason}", where=self._server.target)

    def interrupt(self) -> None:
        """End every wait now and for good, for an answer, too: ``write`` raises instead of waiting."""
        self._interrupted.set()
        self._server.interrupt()

    def close(self, *, complete: bool) -> None:  # noqa: ARG002 (the contract of sinks; here both are the same)
        """Close the connections; what was acknowledged stays."""
        self._server.close()
