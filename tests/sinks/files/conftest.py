"""Documents for sinks that write lines."""

from collections.abc import Callable

import pytest

from shipper.model import INGESTED_PLACEHOLDER, Document, Position

STAMP = b"2026-11-24T09:30:00.000Z"


@pytest.fixture
def stamp() -> Callable[[], bytes]:
    """Return a clock that stands."""
    return lambda: STAMP


@pytest.fixture
def documents() -> Callable[[int], list[Document]]:
    """Return so many documents."""

    def build(count: int) -> list[Document]:
        head = b'{"event":{"ingested":"'
        return [
            Document(
                f"id{number}",
                "logs-intune_connector.events-default",
                head + INGESTED_PLACEHOLDER.encode() + b'","sequence":%d}}' % number,
                len(head),
                Position("a.evtx", number),
            )
            for number in range(count)
        ]

    return build


@pytest.fixture
def expected() -> Callable[[int], bytes]:
    """Return the lines that so many documents become."""

    def build(count: int) -> bytes:
        return b"".join(b'{"event":{"ingested":"%b","sequence":%d}}\n' % (STAMP, number) for number in range(count))

    return build
