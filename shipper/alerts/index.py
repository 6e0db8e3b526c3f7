"""Alerts into Elasticsearch: through a sink, which judges, waits and sends again as it does for events."""

from collections.abc import Callable, Sequence
from typing import Protocol

from shipper.alerts.outlet import TAKEN, Refused, Taken, Unavailable
from shipper.errors import SinkError
from shipper.model import Document, Outcome


class Sink(Protocol):
    """What of ``shipper.sinks.Sink`` is needed here."""

    @property
    def target(self) -> str:
        """What it is called."""
        ...

    def write(self, documents: Sequence[Document]) -> list[Outcome]:
        """Return one final outcome per document."""
        ...

    def interrupt(self) -> None:
        """End all waiting, for good."""
        ...

    def close(self, *, complete: bool) -> None:
        """Finish."""
        ...


class IndexOutlet:
    """Writes to the alerts' data stream: ``create`` with the alert's id as ``_id``, so that a double is none there.

    The sink gives up after a while; then this opens another, because a missing template or privilege may be mended
    meanwhile.

    Args:
        open_sink: makes a sink; it may raise a ``SinkError``.
        target: which Elasticsearch, as it is called without credentials.
    """

    most = 500

    def __init__(self, open_sink: Callable[[], Sink], target: str) -> None:
        self.name = f"index:{target}"
        self._open_sink = open_sink
        self._sink: Sink | None = None
        self._interrupted = False

    def deliver(self, alerts: Sequence[Document]) -> list[Taken | Refused]:
        """Write; what Elasticsearch has already counts as taken."""
        try:
            self._sink = self._sink or self._open_sink()
            if self._interrupted:
                raise Unavailable("interrupted")
            outcomes = self._sink.write(alerts)
        except SinkError as error:
            self.close()
            raise Unavailable("; ".join(filter(None, (error.message, error.hint)))) from None
        return [
            Refused(outcome.error_type, outcome.reason) if outcome.status == "rejected" else TAKEN
            for outcome in outcomes
        ]

    def interrupt(self) -> None:
        """End the sink's waits."""
        self._interrupted = True
        if self._sink is not None:
            self._sink.interrupt()

    def close(self) -> None:
        """Close the sink."""
        sink, self._sink = self._sink, None
        if sink is not None:
            sink.close(complete=True)
