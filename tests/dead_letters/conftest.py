"""Refused documents, made up."""

from collections.abc import Callable

import pytest

from shipper.model import INGESTED_PLACEHOLDER, Document, Outcome, Position

Refused = Callable[..., list[tuple[Document, Outcome]]]


@pytest.fixture
def refused() -> Refused:
    """Return a maker of so many refused documents."""

    def make(count: int, kind: str = "document_parsing_exception", first: int = 0) -> list[tuple[Document, Outcome]]:
        body = '{{"event":{{"ingested":"{}"}},"number":{}}}'
        return [
            (
                Document(
                    f"id-{number}",
                    "logs-x",
                    body.format(INGESTED_PLACEHOLDER, number).encode(),
                    22,
                    Position("a", number),
                ),
                Outcome("rejected", kind, f"failed to parse field [x] of {number}", 1),
            )
            for number in range(first, first + count)
        ]

    return make
