"""Alerts that an outlet will never take: kept whole, each with its reason, for people."""

import threading
from collections.abc import Sequence
from pathlib import Path

import msgspec

from shipper.alerts import Letter, Refused
from shipper.dead_letters import REFUSED_ALERTS, DeadLetterFile
from shipper.model import Document, Outcome, Position


class RefusedFile:
    """Adds to ``refused-alerts.ndjson`` in a state folder; safe to use from several threads.

    Each line is a dead letter whose position names the outlet.

    Args:
        folder: made when there is something to keep.
        max_bytes: how large the file may become.
    """

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self._file = DeadLetterFile(folder, max_bytes, name=REFUSED_ALERTS)
        self._lock = threading.Lock()
        self.path = self._file.path
        self.count = 0

    def keep(self, outlet: str, refused: Sequence[tuple[Document, Refused]]) -> None:
        """Keep alerts that one outlet refuses; durable when this returns.

        Raises:
            StateError: the file is full or cannot be written; none of them is in it.
        """
        with self._lock:
            self._file.keep([(_at(alert, outlet), Outcome("rejected", one.kind, one.reason)) for alert, one in refused])
            self.count += len(refused)

    def take(self, letters: Sequence[Letter], why: Refused) -> None:
        """Keep alerts that nobody waits for any more, once for each outlet; the errors are those of ``keep``."""
        for letter in letters:
            for outlet in letter.outlets:
                self.keep(outlet, [(letter.document, why)])


def undelivered(reason: str) -> Refused:
    """Return why an alert was not brought away that nobody refused."""
    return Refused("not_delivered", reason)


def _at(alert: Document, outlet: str) -> Document:
    return msgspec.structs.replace(alert, position=Position(outlet, -1))
