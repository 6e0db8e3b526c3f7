"""The contract of what looks at everything that is final, and tells of it."""

import threading
from typing import Protocol

from shipper.pipeline.counts import Counts
from shipper.pipeline.delivery import Witness
from shipper.pipeline.progress import Progress


class Watching(Witness, Protocol):
    """What looks at everything that is final and tells of it: see ``pipeline.alerting``."""

    def turn(self, counts: Counts, progress: Progress, *, caught_up: bool) -> None:
        """Do what is due.

        Args:
            counts: takes the numbers of alerts.
            progress: told when there is something to keep.
            caught_up: everything that is there has been read and is final.
        """
        ...

    def has_room(self, timeout_s: float) -> bool:
        """Say whether more may be read; where not, wait for that, so long at most."""
        ...

    def finish(self) -> None:
        """Note that everything has been read and seen, and that nothing more will come."""
        ...

    def close(self, counts: Counts, progress: Progress, stop: threading.Event) -> None:
        """Bring away what waits, as far as that can be done; the rest is left to the next run."""
        ...
