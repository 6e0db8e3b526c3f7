"""The run as Prometheus metrics: read anew at each scrape, nothing is kept up for it.

Sources:
    https://prometheus.io/docs/practices/naming/
    https://prometheus.github.io/client_python/collector/custom/
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from platform import python_version

import msgspec
from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.exposition import generate_latest
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from shipper import __version__, catalog
from shipper.operations.lag import UNKNOWN
from shipper.operations.latency import BUCKETS_S
from shipper.operations.vitals import Reading

#: Source: https://prometheus.io/docs/instrumenting/exposition_formats/
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
PREFIX = "intune_connector_shipper"

#: Counters that are a field of ``Counts``, in the order in which they are told.
_COUNTED = {
    "read": "Events read, and notices of what happened to a log itself.",
    "shipped": "Documents that the sink took for the first time.",
    "duplicates": "Documents that were there already.",
    "redirected": "Documents that a failure store took.",
    "dead": "Documents kept as dead letters.",
    "filtered": "Events of channels that were not asked for.",
    "skipped": "Records in chunks passed over without decoding.",
    "unreadable": "Records that could not be decoded.",
    "uncounted": "Damaged places in which records may be lost and nobody can say how many.",
    "missed": "Records overwritten or removed before they could be read.",
    "retried": "Sendings of a document beyond the first.",
    "alerts": "Alerts that rules have raised.",
    "alerts_refused": "Alerts kept in a file because an outlet will never take them.",
}


class Surroundings(msgspec.Struct, frozen=True):
    """What is told besides the run itself.

    Attributes:
        dead_letters: the file of dead letters.
        dead_letters_max_bytes: how large it may become.
        heartbeats: heartbeats that were sent and that could not be; ``None`` where none are sent.
    """

    dead_letters: Path
    dead_letters_max_bytes: int
    heartbeats: Callable[[], tuple[int, int]] | None = None


class Exposition(Collector):
    """Everything that ``/metrics`` tells.

    Args:
        read: returns how the run is.
        surroundings: what is told besides.
    """

    def __init__(self, read: Callable[[], Reading], surroundings: Surroundings) -> None:
        self._read = read
        self._surroundings = surroundings
        self._registry = CollectorRegistry()
        self._registry.register(self)
        ProcessCollector(registry=self._registry)  # memory, CPU and file descriptors, where the system tells them

    def encoded(self) -> bytes:
        """Return all metrics in the text format, see ``CONTENT_TYPE``."""
        return generate_latest(self._registry)

    def collect(self) -> Iterator[Metric]:
        """Yield every metric of the run."""
        reading = self._read()
        yield from _counters(reading)
        yield from _logs(reading)
        yield from _delivery(reading)
        yield from _surroundings(self._surroundings)
        yield _build()


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"{PREFIX}_{name}", text, value=value)


def _counters(reading: Reading) -> Iterator[Metric]:
    for name, text in _COUNTED.items():
        yield CounterMetricFamily(f"{PREFIX}_{name}", text, value=getattr(reading.counts, name))
    misses = CounterMetricFamily(f"{PREFIX}_catalog_misses", "Documents with something unknown.", labels=["kind"])
    misses.add_metric(["event_id"], reading.counts.unknown_events)
    misses.add_metric(["code"], reading.counts.unknown_codes)
    yield misses


def _logs(reading: Reading) -> Iterator[Metric]:
    seconds = GaugeMetricFamily(f"{PREFIX}_lag_seconds", "Age of the oldest record not final.", labels=["source"])
    records = GaugeMetricFamily(f"{PREFIX}_lag_records", "Records that are not final.", labels=["source"])
    reachable = GaugeMetricFamily(f"{PREFIX}_source_reachable", "Whether it could be looked at.", labels=["source"])
    for lag in reading.lags:
        seconds.add_metric([lag.source], lag.seconds(reading.now_s))
        reachable.add_metric([lag.source], lag.reachable)
        if lag.records != UNKNOWN:
            records.add_metric([lag.source], lag.records)
    yield from (seconds, records, reachable)


def _delivery(reading: Reading) -> Iterator[Metric]:
    yield _gauge("queue_documents", "Documents read and not settled.", reading.queued)
    yield _gauge("queue_bytes", "Size of their bodies.", reading.queued_bytes)
    yield _gauge("alerts_waiting", "Alerts not taken by every outlet.", reading.counts.alerts_waiting)
    yield _latency(reading)
    waiting = GaugeMetricFamily(f"{PREFIX}_waiting", "Whether the sink waits, and why.", labels=["reason"])
    waiting.add_metric([reading.pause.kind if reading.pause else "none"], reading.pause is not None)
    yield waiting
    yield _gauge("batch_age_seconds", "How long the sink has had the oldest batch in hand.", reading.writing_s)
    yield _gauge("waiting_seconds", "For how long the sink has waited.", reading.pause_s)
    yield _gauge("turn_age_seconds", "Time since the run last moved.", reading.turned_s)
    yield _gauge("uptime_seconds", "Time since the run began.", reading.uptime_s)
    if reading.unkept_s is not None:
        yield _gauge("checkpoint_age_seconds", "How long progress has waited to be made durable.", reading.unkept_s)


def _latency(reading: Reading) -> Metric:
    ends = [*map(str, BUCKETS_S), "+Inf"]
    at_most = [sum(reading.batches.counts[: place + 1]) for place in range(len(ends))]
    return HistogramMetricFamily(
        f"{PREFIX}_batch_duration_seconds",
        "From handing a batch to the sink to its last outcome, pauses included.",
        buckets=list(zip(ends, at_most, strict=True)),
        sum_value=reading.batches.sum_s,
    )


def _surroundings(surroundings: Surroundings) -> Iterator[Metric]:
    try:
        size_bytes = surroundings.dead_letters.stat().st_size
    except OSError:
        size_bytes = 0  # there is none before the first dead letter
    yield _gauge("dead_letters_bytes", "Size of the file of dead letters.", size_bytes)
    yield _gauge("dead_letters_max_bytes", "How large it may become.", surroundings.dead_letters_max_bytes)
    if surroundings.heartbeats is not None:
        sent, failed = surroundings.heartbeats()
        beats = CounterMetricFamily(f"{PREFIX}_heartbeats", "Heartbeats by what became of them.", labels=["result"])
        beats.add_metric(["sent"], sent)
        beats.add_metric(["failed"], failed)
        yield beats


def _build() -> Metric:
    build = GaugeMetricFamily(f"{PREFIX}_build_info", "Versions; always 1.", labels=["version", "catalog", "python"])
    build.add_metric([__version__, str(catalog.load().version), python_version()], 1)
    return build
