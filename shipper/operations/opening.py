"""From the configuration to what watches a run: metrics and health over HTTP, and heartbeats."""

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import msgspec

from shipper.config import Config
from shipper.dead_letters import FILE_NAME
from shipper.errors import UsageError
from shipper.operations.vitals import Vitals
from shipper.pipeline import Counts, Delivery, Progress
from shipper.pipeline.opening import state_folder
from shipper.pipeline.shipping import Shipment
from shipper.sinks import Recorder

if TYPE_CHECKING:
    from shipper.operations.endpoint import Endpoint, Page
    from shipper.operations.health import Verdict
    from shipper.operations.heartbeat import Heartbeats

_OK, _UNAVAILABLE = 200, 503


class Watch:
    """The ``Routine`` of a run that is watched; what has threads begins with ``start``, or else with the first turn.

    Processes that decode are forked before the first turn, and a fork takes no thread along.
    """

    def __init__(self, vitals: Vitals, heartbeats: "Heartbeats | None", endpoint: "Endpoint | None") -> None:
        self._vitals = vitals
        self._threads = [one for one in (endpoint, heartbeats) if one is not None]

    def start(self) -> None:
        """Begin to answer and to send heartbeats; a second call does nothing."""
        threads, self._threads = self._threads, []
        for one in threads:
            one.start()

    def turn(self, counts: Counts, progress: Progress, delivery: Delivery) -> None:
        """Note that the run goes on."""
        self._vitals.turn(counts, progress, delivery)
        self.start()


@contextlib.contextmanager
def open_watch(config: Config, shipment: Shipment, vitals: Vitals, say: Callable[[str], None]) -> Iterator[Watch]:
    """Yield what the configuration asks for, opened; at the end it says that the run is over, and is closed.

    Args:
        config: says what.
        shipment: what is watched; open for longer than this.
        vitals: how it goes.
        say: told where it listens, and why heartbeats cannot be sent.

    Raises:
        UsageError: the address cannot be listened at, or what that takes is not installed.
    """
    vitals.follow(shipment.follower)
    heartbeats = _heartbeats(config, shipment, vitals, say)
    with contextlib.ExitStack() as opened:
        endpoint = _endpoint(config, vitals, heartbeats, say)
        if endpoint is not None:
            opened.callback(endpoint.close)
        watch = Watch(vitals, heartbeats, endpoint)
        try:
            yield watch
        finally:
            vitals.end()
            if heartbeats is not None:
                heartbeats.close(sys.exc_info()[1])


def _heartbeats(config: Config, shipment: Shipment, vitals: Vitals, say: Callable[[str], None]) -> "Heartbeats | None":
    """Return heartbeats of a run that goes on until it is stopped; one that ends by itself needs none."""
    interval_s, sink = config.operations.heartbeat_s, shipment.sink
    endless = config.ship.follow or "-" in config.ship.inputs
    if not interval_s or not endless or not isinstance(sink, Recorder):
        return None
    from shipper.operations.document import Whose
    from shipper.operations.heartbeat import Heartbeats

    whose = Whose(shipment.recipe.settings, sink.target, os.getpid(), interval_s)
    return Heartbeats(sink, whose, vitals.read, say)


def _endpoint(
    config: Config, vitals: Vitals, heartbeats: "Heartbeats | None", say: Callable[[str], None]
) -> "Endpoint | None":
    if not config.operations.listen:
        return None
    from shipper.operations.address import WHERE, parse_address

    address = parse_address(config.operations.listen)
    try:
        from shipper.operations.exposition import CONTENT_TYPE, Exposition, Surroundings
    except ImportError:
        raise UsageError(
            "needs prometheus-client, which is not installed",
            where=WHERE,
            hint="pip install 'intune-connector-shipper[metrics]'",
        ) from None
    from shipper.operations.endpoint import Endpoint, Page
    from shipper.operations.health import liveness, readiness, stalled_after_s

    folder, patience_s = state_folder(config), stalled_after_s(config.ship.poll_interval_s)
    most_bytes = config.ship.dead_letters_max_mb << 20
    tally = None if heartbeats is None else lambda: (heartbeats.sent, heartbeats.failed)
    exposition = Exposition(vitals.read, Surroundings(folder / FILE_NAME, most_bytes, tally))
    endpoint = Endpoint(
        address,
        {
            "/metrics": lambda: Page(_OK, CONTENT_TYPE, exposition.encoded()),
            "/healthz": lambda: _answer(liveness(vitals.read(), patience_s)),
            "/readyz": lambda: _answer(readiness(vitals.read(), patience_s, folder)),
        },
    )
    reach = "" if address.is_loopback else ", for every host that can reach it"
    say(f"metrics and health at {endpoint.address.url}{reach}")
    return endpoint


def _answer(verdict: "Verdict") -> "Page":
    from shipper.operations.endpoint import Page

    body = {"status": "ok" if verdict.ok else "failing", "reasons": verdict.reasons}
    return Page(_OK if verdict.ok else _UNAVAILABLE, "application/json", msgspec.json.encode(body) + b"\n")
