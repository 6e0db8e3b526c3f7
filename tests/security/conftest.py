"""The secured node with our templates, keys of packed roles, and commands that are run with them."""

import json
import os
import signal
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from shipper import assets, setup
from shipper.cli import main
from shipper.sinks.elasticsearch import Connection, Secret
from shipper.testing.engine import Node


class Told(NamedTuple):
    """How a command ended and what it said."""

    code: int
    out: str
    err: str


Run = Callable[..., Told]


@pytest.fixture(autouse=True)
def _no_settings_of_the_tester(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("SHIPPER_") and name != "SHIPPER_SHARED"]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def tell(capfd: pytest.CaptureFixture[str]) -> Iterator[Run]:
    """Return a function that runs the command line in this process."""

    def run(*words: object) -> Told:
        capfd.readouterr()
        return Told(main([str(word) for word in words]), *capfd.readouterr())

    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield run
    for number, handler in handlers.items():
        signal.signal(number, handler)


@pytest.fixture(scope="session")
def node(secured_elasticsearch: Node) -> Node:
    """Return the secured node with our templates."""
    node = secured_elasticsearch
    superuser = Connection(
        url=node.url, username=node.username, password=Secret(node.password), ca_file=str(node.ca_file)
    )
    setup.install(superuser, assets.mappings(), namespace="default", agree=lambda _changes: True)
    return node


@pytest.fixture
def run_as(node: Node, tell: Run, monkeypatch: pytest.MonkeyPatch) -> Callable[[Mapping[str, Any]], Run]:
    """Return a function that gives the means to run commands with a role and no more."""

    def with_role(role: Mapping[str, Any]) -> Run:
        monkeypatch.setenv("SHIPPER_API_KEY", node.create_api_key("of a role", {"role": dict(role)}))
        monkeypatch.setenv("SHIPPER_CA_FILE", str(node.ca_file))
        monkeypatch.setenv("SHIPPER_TO", node.url)
        return tell

    return with_role


def line(number: int) -> bytes:
    """Return a Winlogbeat line of a synthetic failure to issue."""
    time = datetime.now(UTC) - timedelta(minutes=10, seconds=number)
    event = {
        "@timestamp": f"{time:%Y-%m-%dT%H:%M:%S.123Z}",
        "event": {"code": "20102", "kind": "event"},
        "winlog": {
            "channel": "Microsoft Intune Connector",
            "provider_name": "Microsoft Intune Connector",
            "computer_name": "pki01.corp.example",
            "event_id": "20102",
            "record_id": number,
            "event_data": {"param1": "DiagnosticCode: 0x00000400"},
            "api": "wineventlog",
        },
    }
    return json.dumps(event).encode() + b"\n"


@pytest.fixture
def events(tmp_path: Path) -> Path:
    """Return a file of three synthetic events."""
    path = tmp_path / "events.ndjson"
    path.write_bytes(b"".join(map(line, range(1, 4))))
    return path
