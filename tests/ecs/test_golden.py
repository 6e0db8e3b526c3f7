"""One golden document for each of the 81 event ids, and the awkward ones.

A file of ``golden/`` holds the event (synthetic: each file says what is documented and what is invented), the settings
where they are not the usual ones, and the document that is to come out. ``pytest tests/ecs --update-golden`` writes the
documents anew; what changed is reviewed as a diff.
"""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from shipper import __version__
from shipper.catalog import load
from shipper.ecs import EcsSettings, build_documents
from shipper.model import INGESTED_PLACEHOLDER, Event

FOLDER = Path(__file__).parent / "golden"
FILES = sorted(FOLDER.glob("*.json"))
#: 2026-11-24T09:30:00Z, the moment at which all goldens are shipped.
SHIPPED_AT_S = 1_795_512_600
AWKWARD = {
    "unknown-id",
    "unknown-code",
    "code-outside-list",
    "nine-digit-code",
    "empty-message",
    "message-31-kb",
    "detail-40-kb",
    "twenty-levels",
    "code-in-exception-chain",
    "italian-collector",
    "never-rendered",
    "hresult-without-code",
    "year-old",
}


class Golden(msgspec.Struct, omit_defaults=True):
    """One file of ``golden/``."""

    synthetic: str
    event: Event
    document: dict[str, Any]
    settings: dict[str, Any] = {}


def read(path: Path) -> Golden:
    return msgspec.json.decode(path.read_bytes(), type=Golden)


def build(golden: Golden) -> dict[str, Any]:
    """Build the document as the goldens have it: without the version of the shipper, which changes by itself."""
    settings = msgspec.convert({"agent_name": "shipper01", **golden.settings}, EcsSettings)
    (document,) = build_documents([golden.event], load(), settings, SHIPPED_AT_S)
    body: dict[str, Any] = msgspec.json.decode(document.body)
    assert body["agent"].pop("version") == __version__
    return body


def write(path: Path, golden: Golden) -> None:
    text = msgspec.json.format(msgspec.json.encode(golden), indent=2)
    path.write_bytes(text + b"\n")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_an_event_becomes_its_golden_document(path: Path, update_golden: bool) -> None:
    golden = read(path)
    built = build(golden)
    if update_golden:
        golden.document = built
        write(path, golden)
    assert built == golden.document


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_golden_is_written_as_update_would_write_it(path: Path) -> None:
    assert path.read_bytes() == msgspec.json.format(path.read_bytes(), indent=2).rstrip() + b"\n"


def test_every_event_id_of_the_catalog_has_a_golden() -> None:
    ids = {str(event_id) for schema in ("legacy", "unified") for event_id in load().events(schema)}
    assert len(ids) == 81
    assert ids <= {path.stem for path in FILES}


def test_every_awkward_case_has_a_golden() -> None:
    assert {path.stem for path in FILES} >= AWKWARD


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_golden_waits_for_its_stamp_and_carries_its_own_id(path: Path) -> None:
    golden = read(path)
    (document,) = build_documents([golden.event], load(), EcsSettings(), SHIPPED_AT_S)
    assert golden.document["event"]["ingested"] == INGESTED_PLACEHOLDER
    assert golden.document["event"]["id"] == document.id
