"""The document of a heartbeat: its fields are those of ``metrics-intune_connector.shipper@package``."""

from datetime import UTC, datetime

import msgspec

from shipper import __version__, catalog
from shipper.ecs import EcsSettings
from shipper.ecs.envelope import AGENT_TYPE
from shipper.ecs.fields import ECS_VERSION, Agent, DataStream, Ecs
from shipper.harmless import neutralise, shortened
from shipper.operations.vitals import Reading, State

DATASET = "intune_connector.shipper"
_MODULE = "intune_connector"
#: The longest keyword that the mapping takes.
_MOST_CHARACTERS = 1024


class _Event(msgspec.Struct, frozen=True):
    created: str
    ingested: str
    kind: str = "metric"
    module: str = _MODULE
    dataset: str = DATASET
    provider: str = AGENT_TYPE


class _Host(msgspec.Struct, frozen=True, omit_defaults=True):
    name: str = ""
    hostname: str = ""


class _Process(msgspec.Struct, frozen=True):
    pid: int


class _Error(msgspec.Struct, frozen=True):
    type: str
    message: str


class _Misses(msgspec.Struct, frozen=True):
    event_ids: int
    codes: int


class Vital(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """``intune_connector.shipper.*``; docs/reference/metrics.md says what each means."""

    state: State
    sequence: int
    interval_s: float
    seconds: float
    sink: str
    read: int
    shipped: int
    duplicates: int
    redirected: int
    dead: int
    filtered: int
    skipped: int
    unreadable: int
    uncounted: int
    missed: int
    retried: int
    alerts: int
    alerts_waiting: int
    alerts_refused: int
    catalog_misses: _Misses
    lag_s: float
    lag_records: int
    source: str | None = None
    sources: int
    sources_unreachable: int
    queued: int
    queued_bytes: int
    waiting_for: str | None = None
    waiting_s: float | None = None
    checkpoint_age_s: float | None = None


class _Catalog(msgspec.Struct, frozen=True):
    version: str


class _Ours(msgspec.Struct, frozen=True):
    catalog: _Catalog
    shipper: Vital


class Heartbeat(msgspec.Struct, frozen=True, omit_defaults=True):
    """One document of the metrics stream."""

    timestamp: str = msgspec.field(name="@timestamp")
    event: _Event
    ecs: Ecs
    data_stream: DataStream
    agent: Agent
    host: _Host
    process: _Process
    intune_connector: _Ours
    error: _Error | None = None
    tags: tuple[str, ...] = ()
    labels: dict[str, str] | None = None


class Whose(msgspec.Struct, frozen=True):
    """Who sends heartbeats, and of what.

    Attributes:
        settings: namespace, tags, labels and agent, as in the documents of events.
        sink: what the sink calls itself.
        pid: of this process.
        interval_s: how often.
    """

    settings: EcsSettings
    sink: str
    pid: int
    interval_s: float

    @property
    def stream(self) -> str:
        """Name of the data stream."""
        return f"metrics-{DATASET}-{self.settings.namespace}"


def heartbeat(whose: Whose, reading: Reading, sequence: int, now: datetime, error: Exception | None = None) -> bytes:
    """Return the document of one heartbeat, encoded.

    Args:
        whose: who sends it.
        reading: how the run is.
        sequence: how many were made before in this run.
        now: the time of day.
        error: what ended the run, in the last one.
    """
    settings = whose.settings
    time = now.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    name = settings.agent_name
    document = Heartbeat(
        time,
        _Event(time, time),
        Ecs(ECS_VERSION),
        DataStream("metrics", DATASET, settings.namespace),
        Agent(AGENT_TYPE, __version__, name or None, settings.agent_id or None, settings.agent_ephemeral_id or None),
        _Host(name, name.partition(".")[0]),
        _Process(whose.pid),
        _Ours(_Catalog(str(catalog.load().version)), _vital(whose, reading, sequence)),
        _Error(type(error).__name__, _text(str(error))) if error is not None else None,
        tuple(map(_text, settings.tags)),
        {_text(label).replace(".", "_"): _text(value) for label, value in settings.labels} or None,
    )
    return msgspec.json.encode(document)


def _vital(whose: Whose, reading: Reading, sequence: int) -> Vital:
    counts, pause = reading.counts, reading.pause
    return Vital(
        state=reading.state,
        sequence=sequence,
        interval_s=whose.interval_s,
        seconds=round(reading.uptime_s, 3),
        sink=_text(whose.sink),
        read=counts.read,
        shipped=counts.shipped,
        duplicates=counts.duplicates,
        redirected=counts.redirected,
        dead=counts.dead,
        filtered=counts.filtered,
        skipped=counts.skipped,
        unreadable=counts.unreadable,
        uncounted=counts.uncounted,
        missed=counts.missed,
        retried=counts.retried,
        alerts=counts.alerts,
        alerts_waiting=counts.alerts_waiting,
        alerts_refused=counts.alerts_refused,
        catalog_misses=_Misses(counts.unknown_events, counts.unknown_codes),
        lag_s=round(reading.lag_s, 3),
        lag_records=reading.lag_records,
        source=_furthest_behind(reading),
        sources=len(reading.lags),
        sources_unreachable=sum(not lag.reachable for lag in reading.lags),
        queued=reading.queued,
        queued_bytes=reading.queued_bytes,
        waiting_for=_text(pause.reason) if pause is not None else None,
        waiting_s=round(reading.pause_s, 3) if pause is not None else None,
        checkpoint_age_s=round(reading.unkept_s, 3) if reading.unkept_s is not None else None,
    )


def _furthest_behind(reading: Reading) -> str | None:
    behind = [lag for lag in reading.lags if lag.since_s is not None]
    worst = max(behind, key=lambda lag: (lag.seconds(reading.now_s), lag.records), default=None)
    return worst.source if worst is not None else None


def _text(text: str) -> str:
    return shortened(neutralise(text), _MOST_CHARACTERS)
