"""An evaluation from a configuration to an account: everything is opened, read, told and closed again."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence

from shipper.config import Config
from shipper.errors import AuthenticationError, SinkError
from shipper.pipeline.alerting import Alerting, Rulebook
from shipper.pipeline.counts import Counts
from shipper.pipeline.evaluation.counts import EvaluationCounts
from shipper.pipeline.evaluation.files import in_order, read_lines
from shipper.pipeline.evaluation.memory_file import MemoryFile
from shipper.pipeline.evaluation.streams import Streams
from shipper.pipeline.evaluation.wanted import Wanted
from shipper.pipeline.progress import Progress
from shipper.rules.model import DATASETS, Seen
from shipper.sinks.elasticsearch import Connection
from shipper.sinks.elasticsearch.backoff import Pacing
from shipper.sinks.elasticsearch.server import Server

_ROOM_WITHIN_S = 0.5
_TYPES = {"events": "logs", "metrics": "metrics"}


class Evaluation:
    """One evaluation under way.

    Attributes:
        counts: how it goes.
    """

    def __init__(
        self, wanted: Wanted, config: Config, parts: tuple[Rulebook, Alerting, "MemoryFile"], say: Callable[[str], None]
    ) -> None:
        self.counts = EvaluationCounts()
        self._wanted = wanted
        self._config = config
        self._rulebook, self._alerting, self._memory = parts
        self._say = say
        self._server: Server | None = None
        self._of_alerts = Counts()
        self._progress = Progress(keeper=self._memory, interval_s=config.ship.checkpoint_interval_s)

    def run(self, stop: threading.Event) -> None:
        """Read, look and tell until there is nothing more, or ``stop`` is set.

        Raises:
            SourceError: a file cannot be read.
            SinkError: Elasticsearch cannot be read.
            StateError: what is remembered cannot be made durable.
        """
        began_s = time.monotonic()
        try:
            self._turn(caught_up=False)
            if self._wanted.elasticsearch:
                self._read_streams(stop)
            else:
                self._read_files(stop)
        finally:
            self._alerting.close(self._of_alerts, self._progress, stop)
            self._account()
            self._progress.keep()
            self.counts.seconds = round(time.monotonic() - began_s, 3)

    def interrupt(self) -> None:
        """End every wait for an answer of the data streams; from another thread, after ``stop`` was set."""
        if self._server is not None:
            self._server.interrupt()

    def _read_files(self, stop: threading.Event) -> None:
        for batch in in_order(self._seen_in_files()):
            self._look(batch, stop)
            if stop.is_set():
                return
        self._alerting.finish()

    def _seen_in_files(self) -> Iterator[Seen]:
        for path in self._wanted.inputs:
            for line in read_lines(path):
                if line is None:
                    self.counts.unreadable += 1
                elif line.strip():
                    yield from self._seen(line)

    def _seen(self, body: bytes, id_: str = "") -> Iterator[Seen]:
        self.counts.read += 1
        unreadable = self._rulebook.view.counts.unreadable
        seen = self._rulebook.view.view(body, id_)
        if seen is not None:
            yield seen
            return
        is_no_document = self._rulebook.view.counts.unreadable > unreadable
        self.counts.read -= is_no_document
        self.counts.unreadable += is_no_document
        self.counts.passed_over += not is_no_document

    def _read_streams(self, stop: threading.Event) -> None:
        server = self._server = Server(
            Connection.to(self._wanted.elasticsearch, self._config.elasticsearch, connections=1)
        )
        streams = Streams(server, self._data_streams(), self._memory.place(self._wanted.since_ms), self._say)
        self._memory.streams = streams
        waits = _Waits(self._say, stop)
        try:
            while not stop.is_set():
                if self._read_news(streams, stop, waits) and not self._wanted.follow:
                    self._alerting.finish()
                    return
                stop.wait(self._config.ship.poll_interval_s)
        finally:
            server.close()

    def _read_news(self, streams: Streams, stop: threading.Event, waits: "_Waits") -> bool:
        """Read what is there by now; say whether that was all."""
        try:
            for hits in streams.news():
                seen = [one for hit in hits for one in self._seen(bytes(hit.source), hit.id)]
                self._look(seen, stop)
                self._progress.touched()
                if stop.is_set():
                    return False
        except AuthenticationError:
            raise
        except SinkError as error:
            if stop.is_set():
                return False  # the wait was ended
            if not self._wanted.follow:
                raise
            waits.wait(error)
            return False
        waits.over()
        self._turn(caught_up=True)
        return True

    def _data_streams(self) -> list[str]:
        namespace = self._config.ship.namespace
        return [f"{_TYPES[reads]}-{dataset}-{namespace}" for reads, dataset in DATASETS.items()]

    def _look(self, seen: Sequence[Seen], stop: threading.Event) -> None:
        self._alerting.look(seen)
        self._turn(caught_up=False)
        while not stop.is_set() and not self._alerting.has_room(_ROOM_WITHIN_S):
            self._turn(caught_up=False)

    def _turn(self, *, caught_up: bool) -> None:
        self._alerting.turn(self._of_alerts, self._progress, caught_up=caught_up)
        self._progress.keep_if_due()
        self._account()

    def _account(self) -> None:
        self.counts.alerts = self._of_alerts.alerts
        self.counts.alerts_waiting = self._of_alerts.alerts_waiting
        self.counts.alerts_refused = self._of_alerts.alerts_refused


class _Waits:
    """Waits longer and longer for an Elasticsearch that cannot be read, and says so once."""

    def __init__(self, say: Callable[[str], None], stop: threading.Event) -> None:
        self._say = say
        self._stop = stop
        self._pacing = Pacing()
        self._failures = 0

    def wait(self, error: SinkError) -> None:
        self._failures += 1
        if self._failures == 1:
            self._say(f"{error}; tried again until it can be read")
        self._stop.wait(self._pacing.wait_s(self._failures))

    def over(self) -> None:
        if self._failures:
            self._say("the data streams can be read again")
        self._failures = 0
