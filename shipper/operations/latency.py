"""How long batches took: a histogram that several threads add to."""

import threading

import msgspec

#: Upper ends of the buckets in seconds. A batch takes a fraction of a second, a pause minutes and hours.
BUCKETS_S = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 3600.0)


class Durations(msgspec.Struct, frozen=True):
    """What a histogram held at one moment.

    Attributes:
        counts: how many were at most as long as each of ``BUCKETS_S`` and longer than the one before; then, the longer.
        sum_s: of all of them.
    """

    counts: tuple[int, ...] = (0,) * (len(BUCKETS_S) + 1)
    sum_s: float = 0.0


class Histogram:
    """Counts durations; safe to use from several threads."""

    def __init__(self) -> None:
        self._counts = [0] * (len(BUCKETS_S) + 1)
        self._sum_s = 0.0
        self._lock = threading.Lock()

    def observe(self, seconds: float) -> None:
        """Add one duration."""
        place = next((at for at, most in enumerate(BUCKETS_S) if seconds <= most), len(BUCKETS_S))
        with self._lock:
            self._counts[place] += 1
            self._sum_s += seconds

    def read(self) -> Durations:
        """Return what it holds now."""
        with self._lock:
            return Durations(tuple(self._counts), self._sum_s)
