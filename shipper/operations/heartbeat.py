"""Heartbeats: a document to the metrics stream every so often, so that silence can be told from having nothing to say.

They go beside the delivery and never in its way: from a thread of their own, once each, without a second attempt.
"""

import threading
from collections.abc import Callable
from datetime import UTC, datetime

import msgspec

from shipper.errors import ShipperError
from shipper.operations.document import Whose, heartbeat
from shipper.operations.vitals import Reading
from shipper.sinks import Recorder

#: How long the end of a run waits for the last heartbeat.
_LAST_WITHIN_S = 3.0
#: How long for a moment at which none is sent; after that a request is under way, and nothing comes after it.
_PAUSE_WITHIN_S = 0.1


class Heartbeats:
    """Sends one at the start, one each interval and one at the end.

    Args:
        recorder: where to; it is not used after ``close`` has returned, but for a request that is under way.
        whose: who sends them.
        read: returns how the run is.
        say: told once why they cannot be sent, and again after they could.
        now: the time of day.
    """

    def __init__(
        self,
        recorder: Recorder,
        whose: Whose,
        read: Callable[[], Reading],
        say: Callable[[str], None],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.sent = self.failed = 0
        self._recorder = recorder
        self._whose = whose
        self._read = read
        self._say = say
        self._now = now
        self._over = threading.Event()
        self._sending = threading.Lock()
        self._closed = False
        self._silenced = False
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def close(self, error: BaseException | None) -> None:
        """Send the last one, and wait for it, but not for long.

        Args:
            error: what ended the run, if it was one of ours.
        """
        self._error = error if isinstance(error, ShipperError) else None
        self._over.set()
        if self._thread.is_alive():
            self._thread.join(_LAST_WITHIN_S)
        self._closed = True
        if self._sending.acquire(timeout=_PAUSE_WITHIN_S):
            self._sending.release()

    def _beat(self) -> None:
        self._send()
        while not self._over.wait(self._whose.interval_s):
            self._send()
        self._send()

    def _send(self) -> None:
        with self._sending:
            if self._closed:
                return
            try:
                self._recorder.record(self._whose.stream, self._document())
            except Exception as error:  # noqa: BLE001 (whatever it is, it ends no heartbeat, and shows no trace)
                self._note(error)
            else:
                self.sent += 1
                self._silenced = False

    def _document(self) -> bytes:
        reading, sequence = self._read(), self.sent + self.failed
        if not sequence:
            reading = msgspec.structs.replace(reading, state="starting")
        return heartbeat(self._whose, reading, sequence, self._now(), self._error)

    def _note(self, error: Exception) -> None:
        self.failed += 1
        if self._silenced or self._closed:  # what comes too late concerns nobody
            return
        self._silenced = True
        told = "; ".join(filter(None, (str(error), error.hint))) if isinstance(error, ShipperError) else ""
        self._say(f"no heartbeat: {told or type(error).__name__}")
