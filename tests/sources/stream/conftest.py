"""Events in the dialects of the stream source. All of them are synthetic: no event of a connector is public."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from shipper.channels import ChannelFilter, parse_channels
from shipper.model import Batch, Event, Foreign, Problem
from shipper.sources.stream import StreamSource

LEGACY = "Microsoft Intune Connector"
ADMIN = "Microsoft-Intune-CertificateConnectors/Admin"


class Read(msgspec.Struct):
    """All that a source gave, batch by batch and put together."""

    batches: Sequence[Batch]

    @property
    def events(self) -> list[Event]:
        return [event for batch in self.batches for event in batch.events if isinstance(event, Event)]

    @property
    def foreign(self) -> list[Foreign]:
        return [event for batch in self.batches for event in batch.events if isinstance(event, Foreign)]

    @property
    def problems(self) -> list[Problem]:
        return [problem for batch in self.batches for problem in batch.problems]

    @property
    def reasons(self) -> list[str]:
        return [problem.reason for problem in self.problems]

    @property
    def filtered(self) -> int:
        return sum(batch.filtered for batch in self.batches)

    @property
    def size_bytes(self) -> int:
        return sum(batch.size_bytes for batch in self.batches)


Reader = Callable[..., Read]


@pytest.fixture
def read(tmp_path: Path) -> Reader:
    """Read bytes, or a file, as a stream; every channel unless told."""

    def read_it(content: bytes | Path, channels: str | ChannelFilter = "all", **settings: Any) -> Read:
        path = content if isinstance(content, Path) else tmp_path / "events.ndjson"
        if isinstance(content, bytes):
            path.write_bytes(content)
        chosen = parse_channels(channels) if isinstance(channels, str) else channels
        source = StreamSource(str(path), chosen, **settings)
        return Read([batch for unit in source.plan() for batch in source.read(unit)])

    return read_it


@pytest.fixture
def line() -> Callable[..., bytes]:
    """Return one Winlogbeat 8 line of the connector's old log; arguments replace parts of ``winlog``."""

    def build(**winlog: object) -> bytes:
        parts = {
            "channel": LEGACY,
            "provider_name": "Intune Connector (synthetic)",
            "computer_name": "ndes01.contoso.com",
            "event_id": "20102",
            "record_id": 4711,
            "event_data": {"param1": "DiagnosticCode: 0x00000400"},
            "keywords": ["Classic"],
            "api": "wineventlog",
            "task": "None",
        }
        parts.update(winlog)
        whole = {
            "@timestamp": "2026-11-20T09:30:00.123Z",
            "event": {"code": parts["event_id"], "kind": "event", "created": "2026-11-20T09:30:02.000Z"},
            "log": {"level": "error"},
            "message": "the rendered message",
            "winlog": {name: value for name, value in parts.items() if value is not None},
        }
        return json.dumps(whole).encode()

    return build


@pytest.fixture
def element() -> Callable[..., bytes]:
    """Return the same event as XML, as wevtutil writes it; arguments replace parts of it."""

    def build(
        data: str = "<Data>DiagnosticCode: 0x00000400</Data>",
        channel: str = LEGACY,
        record_id: str = "<EventRecordID>4711</EventRecordID>",
        time: str = "<TimeCreated SystemTime='2026-11-20T09:30:00.123456700Z'/>",
        after: str = "",
    ) -> bytes:
        return (
            "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>"
            "<Provider Name='Intune Connector (synthetic)'/><EventID Qualifiers='0'>20102</EventID><Version>0</Version>"
            f"<Level>2</Level><Task>0</Task><Opcode>0</Opcode><Keywords>0x80000000000000</Keywords>{time}{record_id}"
            f"<Correlation/><Execution ProcessID='0' ThreadID='0'/><Channel>{channel}</Channel>"
            "<Computer>ndes01.contoso.com</Computer><Security UserID='S-1-5-18'/></System>"
            f"<EventData>{data}</EventData>{after}</Event>"
        ).encode()

    return build
