"""What tests of documents share: an event to start from, and the option that rewrites the goldens."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from shipper.catalog import LEGACY_CHANNEL, load
from shipper.ecs import EcsSettings, build_documents
from shipper.model import Document, Event, Position

#: 2026-11-24T09:30:00Z.
NOW_S = 1_795_512_600

#: Synthetic: channel, id and level are documented, the rest is invented.
PLAIN = Event(
    position=Position("connector.evtx", 1, 4608, 0),
    provider="Microsoft Intune Connector",
    event_id=20102,
    channel=LEGACY_CHANNEL,
    computer="NDES01.contoso.example",
    record_id=4208,
    time="2026-11-24T09:00:00.123456Z",
    time_s=NOW_S - 1800,
    level=2,
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--update-golden``: documents are written anew, to be reviewed as a diff."""
    parser.addoption("--update-golden", action="store_true", help="write the documents of tests/ecs/golden anew")


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    """Return whether the goldens are to be rewritten; ``pytest tests/ecs --update-golden``."""
    return bool(request.config.getoption("--update-golden", default=False))


@pytest.fixture(scope="session")
def event() -> Callable[..., Event]:
    """Return a function that makes an event from changes to a plain one."""

    def make(*data: tuple[str | None, str], **changes: Any) -> Event:
        return msgspec.structs.replace(PLAIN, data=data, **changes)

    return make


@pytest.fixture(scope="session")
def document() -> Callable[..., Document]:
    """Return a function that builds the document of one event, shipped at ``NOW_S``."""

    def build(event: Event, **settings: Any) -> Document:
        (built,) = build_documents([event], load(), EcsSettings(**settings), NOW_S)
        return built

    return build


@pytest.fixture(scope="session")
def fields(document: Callable[..., Document]) -> Callable[..., dict[str, Any]]:
    """Return a function that builds a document and gives its leaves by dotted name."""

    def build(event: Event, **settings: Any) -> dict[str, Any]:
        return dict(_leaves(msgspec.json.decode(document(event, **settings).body), ""))

    return build


def _leaves(value: Any, path: str) -> list[tuple[str, Any]]:
    if path in {"winlog.event_data", "winlog.user_data", "intune_connector.details"} or not isinstance(value, dict):
        return [(path, value)]
    return [leaf for key, part in value.items() for leaf in _leaves(part, f"{path}.{key}" if path else key)]
