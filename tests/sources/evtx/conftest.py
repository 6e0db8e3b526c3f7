"""Logs written by ``shipper.testing.evtx_writer``: every event is synthetic, none comes from a connector."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from shipper.channels import parse_channels
from shipper.model import UNCOUNTED, Batch, Event, Problem
from shipper.sources.evtx import EvtxSource
from shipper.testing.evtx_writer import EventSpec, Value, build_log

LEGACY = "Microsoft Intune Connector"


class Read(msgspec.Struct):
    """All that a source gave, put together."""

    batches: Sequence[Batch]

    @property
    def events(self) -> list[Event]:
        return [event for batch in self.batches for event in batch.events if isinstance(event, Event)]

    @property
    def problems(self) -> list[Problem]:
        return [problem for batch in self.batches for problem in batch.problems]

    @property
    def numbers(self) -> list[int]:
        return [event.position.record for event in self.events]

    @property
    def filtered(self) -> int:
        return sum(batch.filtered for batch in self.batches)

    @property
    def skipped(self) -> int:
        return sum(batch.skipped for batch in self.batches)

    @property
    def lost(self) -> int:
        return sum(problem.records for problem in self.problems if problem.records != UNCOUNTED)


@pytest.fixture
def spec() -> Callable[..., EventSpec]:
    """Return an event; arguments replace parts of it."""

    def build(number: int = 1, *texts: str, **parts: Any) -> EventSpec:
        data: tuple[tuple[str | None, str | Value], ...] = tuple((None, text) for text in texts or (f"text {number}",))
        defaults: dict[str, Any] = {
            "provider": "Intune Connector (synthetic)",
            "event_id": 20102,
            "channel": LEGACY,
            "computer": "ndes01.corp.example",
            "time": datetime(2026, 11, 20, 9, 30, tzinfo=UTC) + timedelta(seconds=number),
            "data": data,
        }
        return EventSpec(**{**defaults, **parts})

    return build


@pytest.fixture
def log(spec: Callable[..., EventSpec]) -> Callable[..., bytes]:
    """Return a log of so many events of one channel."""

    def build(records: int = 40, *, records_per_chunk: int = 10, channel: str = LEGACY, **how: Any) -> bytes:
        events = [spec(number, channel=channel) for number in range(1, records + 1)]
        return build_log(events, records_per_chunk=records_per_chunk, **how)

    return build


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Read]:
    """Read bytes, or a file, as a log; every channel unless told."""

    def read_it(content: bytes | Path, channels: str = "all", **settings: Any) -> Read:
        path = content if isinstance(content, Path) else tmp_path / "log.evtx"
        if isinstance(content, bytes):
            path.write_bytes(content)
        source = EvtxSource((str(path),), parse_channels(channels), **settings)
        return Read([batch for unit in source.plan() for batch in source.read(unit)])

    return read_it
