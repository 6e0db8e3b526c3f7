"""Detail texts of connector events, edited at random: a document comes out, in bounds, whatever stands in them.

Unlike the laws of ``tests/ecs``, which make texts from nothing, these begin with whole payloads, so that most of them
get deep into the parsers before they go wrong.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shipper import catalog
from shipper.catalog import LEGACY_CHANNEL, OPERATIONAL_CHANNEL
from shipper.ecs import EcsSettings, build_documents
from shipper.model import Event, Position
from shipper.testing.connector import Dice, legacy, unified

NOW_S = 1_795_512_600
NOW = datetime.fromtimestamp(NOW_S, UTC)
#: Of one text a document has at most so many copies: EventData, the details, the message, the error and its reason, ...
MOST_COPIES = 8
#: What stands in every document besides, the catalog's longest texts included.
OVERHEAD_BYTES = 16_384
ENOUGH_S = 5.0

Edit = tuple[str, float, float, str]

_FLOWS = (legacy.issue, legacy.issue_denied, legacy.revoke_denied, legacy.scep_expired, legacy.renew)
_NAMED_FLOWS = (unified.issue, unified.issue_denied, unified.scep, unified.health_retried)


def _seeds() -> list[str]:
    """Return payloads of synthetic events: the JSON of the legacy log, and named fields as lines and as pairs."""
    dice = Dice(7)
    json_texts = [str(value) for flow in _FLOWS for event in flow("ndes01", NOW, dice) for _, value in event.data]
    named = [event.data for flow in _NAMED_FLOWS for event in flow("pki01", NOW, dice)]
    lines = ["\r\n".join(f"{name}: {value}" for name, value in data) for data in named]
    pairs = [";".join(f"{name}={value}" for name, value in data) for data in named]
    return json_texts + lines + pairs


SEEDS = _seeds()
PIECES = st.sampled_from(
    ['"', "\\", "{", "}", "[", "]", ":", "=", ";", ",", "\r\n", "\t", "\0", "\ud83d", "\udc00", "\ufffe", "\x1b[2J",
     "0x", "0x0FFFFFFFF", "0x411", "-2147023174", "1e999", "NaN", "null", '"Metric":{"Dimensions":{',
     '[Exception Message: "', "<Event>", "Device ID: ", "Thumbprint", "\u2028", "\U0001f600", "%00", "{{"]
)  # fmt: skip
EDITS = st.lists(
    st.tuples(st.sampled_from(["insert", "delete", "repeat", "move", "cut", "wrap"]), st.floats(0, 1), st.floats(0, 1),
              st.one_of(PIECES, st.text(max_size=8))),
    min_size=1, max_size=8,
)  # fmt: skip


def edited(text: str, edits: list[Edit]) -> str:
    """Apply edits; places are shares of the text as it is then. A text may grow to some 100,000 characters."""
    for kind, begin, end, piece in edits:
        first, last = sorted((int(begin * len(text)), int(end * len(text))))
        part = text[first:last]
        if kind == "insert":
            text = text[:first] + piece + text[first:]
        elif kind == "delete":
            text = text[:first] + text[last:]
        elif kind == "repeat":
            text = text[:last] + part * min(64, 50_000 // (len(part) + 1)) + text[last:]
        elif kind == "move":
            text = text[:first] + text[last:] + part
        elif kind == "cut":
            text = text[:last]
        else:
            text = msgspec.json.encode(
                {piece.encode("utf-8", "replace").decode(): text.encode("utf-8", "replace").decode()}
            ).decode()
        text = text[:100_000]
    return text


def _event(text: str, *, named: bool) -> Event:
    if named:
        fields = tuple(tuple(line.partition(": ")[::2]) for line in text.split("\r\n"))
        data: tuple[tuple[str | None, str], ...] = tuple((name, value) for name, value in fields)
        return Event(
            Position("a.evtx", 1), "P", 1052, OPERATIONAL_CHANNEL, "pki01", 1, "2026-11-24T09:30:00Z", NOW_S, data
        )
    return Event(
        Position("a.evtx", 1), "P", 20102, LEGACY_CHANNEL, "ndes01", 1, "2026-11-24T09:30:00Z", NOW_S, ((None, text),)
    )


@pytest.fixture(scope="module")
def check() -> Callable[[str, bool], None]:
    """Return a function that builds the document of a text and holds it to its bounds."""
    explained = catalog.load()

    def check(text: str, named: bool) -> None:
        begin_s = time.perf_counter()
        (document,) = build_documents([_event(text, named=named)], explained, EcsSettings(), NOW_S)
        assert time.perf_counter() - begin_s < ENOUGH_S
        assert isinstance(msgspec.json.decode(document.body), dict)
        assert b"\n" not in document.body
        escaped = len(msgspec.json.encode(text.encode("utf-8", "replace").decode()))
        assert len(document.body) < MOST_COPIES * escaped + OVERHEAD_BYTES

    return check


@pytest.mark.chaos
def test_an_edited_payload_becomes_a_document_in_bounds(check: Callable[[str, bool], None], long_form: bool) -> None:
    inputs = 0

    @settings(
        max_examples=25_000 if long_form else 800,
        deadline=None,
        database=None,
        derandomize=not long_form,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(seed=st.sampled_from(SEEDS), edits=EDITS, named=st.booleans())
    def one(seed: str, edits: list[Edit], named: bool) -> None:
        nonlocal inputs
        inputs += 1
        check(edited(seed, edits), named)

    one()
    print(f"\nfuzz details: {inputs} texts, 0 violations")  # noqa: T201 (figures for the closing note, shown with -s)
