"""One trial of a fault: a data stream of its own, the shippers that write into it, and its ledger."""

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from shipper.errors import EngineError
from shipper.testing.chaos.driver import NO_VARIABLES, Ended, Shipper
from shipper.testing.chaos.ledger import Balance, balance, indexed, scan
from shipper.testing.chaos.report import Line
from shipper.testing.engine import Access

WAITS_WITHIN_S = 120.0
_POLL_S = 0.05


class Trial:
    """A data stream, a state folder and the time since it began.

    Args:
        access: the Elasticsearch.
        namespace: last part of the data stream's name; one that nobody else uses.
        state: folder of checkpoints and dead letters.
        report: takes the line that the trial comes to.
    """

    def __init__(self, access: Access, namespace: str, state: Path, report: Callable[[Line], None]) -> None:
        self.access = access
        self.namespace = namespace
        self.data_stream = f"logs-intune_connector.events-{namespace}"
        self.state = state
        self._report = report
        self._began_s = time.monotonic()

    @property
    def seconds(self) -> float:
        """How long ago it began."""
        return time.monotonic() - self._began_s

    def beside(self, number: int) -> "Trial":
        """Return another trial that reports to the same table, with a data stream and a state folder of its own."""
        state = self.state.with_name(f"{self.state.name}-{number}")
        return Trial(self.access, f"{self.namespace}{number}", state, self._report)

    def start(
        self,
        log: Path,
        *more: str | Path,
        url: str = "",
        environment: Mapping[str, str] = NO_VARIABLES,
        prefix: Sequence[str] = (),
    ) -> Shipper:
        """Start a shipper of a log into this data stream.

        Args:
            log: a file or a folder.
            more: words of the command line.
            url: where to send to, instead of the Elasticsearch itself.
            environment: its settings.
            prefix: words before the program.
        """
        place = ("--to", url or self.access.url, "--namespace", self.namespace, "--state", self.state)
        return Shipper(["ship", log, *place, "--json", *more], environment=environment, prefix=prefix)

    def ship(
        self,
        log: Path,
        *more: str | Path,
        url: str = "",
        environment: Mapping[str, str] = NO_VARIABLES,
        prefix: Sequence[str] = (),
    ) -> Ended:
        """Ship a log to its end; the arguments are those of ``start``."""
        with self.start(log, *more, url=url, environment=environment, prefix=prefix) as shipper:
            return shipper.ended()

    def wait_until_indexed(self, count: int, shipper: Shipper) -> None:
        """Wait until the data stream has taken so many documents; the errors are those of ``wait_until``."""
        wait_until(lambda: indexed(self.access, self.data_stream) >= count, shipper)

    def balance(self, expected: Sequence[str]) -> Balance:
        """Scan the data stream and compare it with the ``_id`` of each event that had to be there."""
        return balance(expected, scan(self.access, self.data_stream))

    def report(self, fault: str, found: Balance, *, runs: int = 1, note: str = "") -> None:
        """Add a line to the table of faults."""
        self._report(Line(fault, runs, found, self.seconds, note))


def wait_until(condition: Callable[[], bool], shipper: Shipper, within_s: float = WAITS_WITHIN_S) -> None:
    """Wait for a condition while a shipper runs.

    Raises:
        EngineError: it ended before, or the time is over; with what it said.
    """
    ends_at_s = time.monotonic() + within_s
    while not condition():
        if not shipper.is_running and not condition():  # it may have done its work between the two looks
            raise EngineError(f"the shipper ended before what was waited for: {shipper.ended()}")
        if time.monotonic() > ends_at_s:
            raise EngineError(f"not within {within_s:g} s: {shipper.said()}")
        time.sleep(_POLL_S)
