"""How a command that runs for long is stopped: the first signal lets it end well, the second ends it at once."""

import os
import signal
import threading
from collections.abc import Callable
from types import FrameType

from shipper.cli.terminal import say

#: What asks a process to end; Windows sends SIGBREAK when a console closes or a service stops.
ENDING_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGBREAK") if hasattr(signal, name))

#: What is said then.
STOPPING = "stopping: what was read is delivered; a second signal ends at once"


def _say_so() -> None:
    say(f"shipper: {STOPPING}")


def stop_at_signal(
    interrupt: Callable[[], None],
    drain_within_s: float,
    *,
    stop: threading.Event | None = None,
    tell: Callable[[], None] = _say_so,
) -> threading.Event:
    """Return an event that the first signal to end sets; a second one ends the process at once.

    What is under way by then has ``drain_within_s`` to be delivered; then ``interrupt`` is called, from another thread,
    to cut the sink's waits short.

    Args:
        interrupt: cuts short what the sink waits for.
        drain_within_s: how long it may wait.
        stop: the event to set; a new one by default.
        tell: says that the command is stopping.
    """
    stop = stop or threading.Event()

    def stop_or_end(number: int, frame: FrameType | None) -> None:
        del frame
        if stop.is_set():
            os._exit(128 + number)
        stop.set()
        giving_up = threading.Timer(drain_within_s, interrupt)
        giving_up.daemon = True
        giving_up.start()
        tell()

    for number in ENDING_SIGNALS:
        signal.signal(number, stop_or_end)
    return stop
