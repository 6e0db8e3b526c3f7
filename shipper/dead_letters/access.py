"""Who may touch the file of dead letters, and when: a shipper that appends, and a replay that replaces it."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from shipper.durable import Holder, Lock, explained
from shipper.errors import StateError

FILE_NAME = "dead-letters.ndjson"
#: Alerts that an outlet will never take; of the same form, and for people: a replay leaves them alone.
REFUSED_ALERTS = "refused-alerts.ndjson"
#: Held while the file grows or is replaced: for the time of a write to the disk.
CHANGING = "dead-letters.lock"
#: Held by the one replay there may be.
REPLAYING = "replay.lock"

#: A replay holds the file while it copies what was appended last; whoever holds it longer than this hangs.
_WAIT_S = 60.0


@contextlib.contextmanager
def changing(folder: Path) -> Iterator[None]:
    """Keep every other process from changing the file within the block.

    Raises:
        OSError: the lock cannot be opened.
        StateError: another process does not let go of it.
    """
    lock = Lock(folder / CHANGING)
    if not lock.acquire(_WAIT_S):
        raise StateError(
            f"is held for more than {_WAIT_S:.0f} s by {lock.holder() or Holder()}",
            where=str(folder / FILE_NAME),
            hint="is that process stopped or hanging? end it",
        )
    try:
        yield
    finally:
        lock.release()


@contextlib.contextmanager
def replaying(folder: Path) -> Iterator[None]:
    """Keep every other replay away within the block.

    Raises:
        StateError: another replay is under way, or the lock cannot be had.
    """
    lock = Lock(folder / REPLAYING)
    with explained(lock.path):
        found_free = lock.acquire(1.0)
        holder = None if found_free else lock.holder()
    if not found_free:
        raise StateError(
            f"a replay is under way already: {holder or Holder()}", where=str(folder), hint="wait until it has ended"
        )
    try:
        yield
    finally:
        lock.release()
