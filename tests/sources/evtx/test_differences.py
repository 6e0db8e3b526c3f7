"""Where the two decoders show the same record otherwise: docs/reference/evtx-differences.md, held to real logs.

A part of the records is compared, because python-evtx takes 3 ms for each; ``SHIPPER_ALL_RECORDS=1`` compares all
(two minutes).
"""

import base64
import os
import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from shipper.channels import ChannelFilter
from shipper.model import Event, Position
from shipper.sources.evtx import reference, rust
from shipper.sources.evtx.chunk import Chunk, open_chunk
from shipper.sources.evtx.header import CHUNK_BYTES, FILE_HEADER_BYTES
from shipper.sources.evtx.walker import Frame
from shipper.sources.unreadable import Unreadable

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "evtx-differences.md"
ROW = re.compile(r"^\| `(?P<name>[a-z0-9-]+)` \|.*\| `(?P<file>[^`]+)` (?P<record>\d+) \|$", re.MULTILINE)
EVERY = 1 if os.environ.get("SHIPPER_ALL_RECORDS") else 40
FEW = 10
MOST_APART = timedelta(microseconds=2)
FIELDS = [name for name in Event.__struct_fields__ if name not in ("position", "time_s", "data", "user_data", "raw")]
ALL = ChannelFilter()


def chunks(path: Path) -> Iterator[Chunk]:
    content = path.read_bytes()
    for slot, start in enumerate(range(FILE_HEADER_BYTES, len(content), CHUNK_BYTES)):
        yield open_chunk(path.name, slot, bytearray(content[start : start + CHUNK_BYTES]))


def by_both(chunk: Chunk, chosen: list[Frame]) -> Iterator[tuple[Event, Event | Unreadable]]:
    """Yield each chosen record as the wheel and as python-evtx has it."""
    wheel = {event.position.offset: event for event in rust.decode(chunk, ALL, keep_raw=False).events}
    reader = reference.Reader(chunk, {})
    for frame in chosen:
        event = wheel.get(chunk.offset + frame.offset)
        if event is None:
            continue
        try:
            other: Event | Unreadable | None = reader.read(frame, ALL, keep_raw=False)
        except Unreadable as error:
            other = error
        assert other is not None
        yield event, other


def differences(event: Event, other: Event | Unreadable) -> Iterator[str]:
    """Yield the class of each difference; what no class explains is told as it is."""
    if isinstance(other, Unreadable):
        yield class_of_failure(str(other))
        return
    for name in FIELDS:
        mine, theirs = getattr(event, name), getattr(other, name)
        if mine != theirs and name != "replaced":
            yield class_of_value(str(mine), str(theirs)) or f"{name}: {mine!r} and {theirs!r}"
    yield from differing_pairs(event.data, other.data)
    yield from differing_pairs(event.user_data, other.user_data)


def differing_pairs(
    mine: tuple[tuple[str | None, str], ...], theirs: tuple[tuple[str | None, str], ...]
) -> Iterator[str]:
    if [name for name, _ in mine] != [name for name, _ in theirs]:
        yield "array-of-texts" if torn_apart(mine) else f"names: {mine!r} and {theirs!r}"
        return
    for (name, text), (_, other) in zip(mine, theirs, strict=True):
        if text != other:
            explained = class_of_value(text, other) or ("array-of-texts" if name is None and torn_apart(mine) else None)
            yield explained or f"{name}: {text!r} and {other!r}"


def torn_apart(pairs: tuple[tuple[str | None, str], ...]) -> bool:
    """Say whether an array of texts is one that python-evtx cannot take apart: with an empty text, or U+xx00 in one."""
    texts = [text for name, text in pairs if name is None]
    return "" in texts or any(ord(character) & 0xFF == 0 for text in texts for character in text)


def class_of_failure(reason: str) -> str:
    kinds = {
        "OverrunBufferException": "python-evtx-overruns",
        "AttributeError: 'NullTypeNode'": "python-evtx-null-binxml",
        "UnicodeDecodeError": "python-evtx-ansi",
    }
    return next((kind for start, kind in kinds.items() if reason.startswith(start)), reason)


def class_of_value(mine: str, theirs: str) -> str | None:
    checks = {
        "boolean-case": mine in ("true", "false") and mine == theirs.lower(),
        "irregular-boolean": mine.lstrip("-").isdigit() and theirs in ("True", "False"),
        "guid-braces": f"{{{mine.lower()}}}" == theirs,
        "hex-padding": mine.startswith("0x") and theirs.startswith("0x") and int(mine, 16) == int(theirs, 16),
        "size-decimal": mine.startswith("0x") and theirs.isdigit() and int(mine, 16) == int(theirs),
        "binary-base64": is_base64_of(mine, theirs),
        "control-characters": re.sub(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]", "", mine) == theirs,
        "time-digits": is_same_time(mine, theirs),
        "no-time": (mine[:10], theirs[:10]) == ("1601-01-01", "0001-01-01"),
    }
    return next((name for name, holds in checks.items() if holds), None)


def is_base64_of(mine: str, theirs: str) -> bool:
    try:
        return base64.b64decode(theirs, validate=True) == bytes.fromhex(mine)
    except ValueError:
        return False


def is_same_time(mine: str, theirs: str) -> bool:
    """Say whether two texts are one time, but for what python-evtx's floating point rounds."""
    try:
        one, other = (datetime.fromisoformat(text.removesuffix("Z")) for text in (mine[:26], theirs))
    except ValueError:
        return False
    apart = abs(one.replace(tzinfo=None) - other.replace(tzinfo=None))
    return apart <= MOST_APART


def explained() -> dict[str, tuple[str, int]]:
    """Return the classes of the page, each with a record that shows it."""
    return {row["name"]: (row["file"], int(row["record"])) for row in ROW.finditer(PAGE.read_text(encoding="utf-8"))}


def test_no_difference_is_unexplained(shared: Path) -> None:
    found: Counter[str] = Counter()
    for path in sorted((shared / "evtx").glob("*.evtx")):
        for chunk in chunks(path):
            frames = chunk.walk.frames
            for event, other in by_both(chunk, frames if len(frames) <= FEW else frames[chunk.slot % EVERY :: EVERY]):
                found.update(differences(event, other))
    assert set(found) <= set(explained())


@pytest.mark.parametrize("name", explained())
def test_each_difference_of_the_page_is_seen_in_the_record_it_names(shared: Path, name: str) -> None:
    file, record = explained()[name]
    seen = [
        difference
        for chunk in chunks(shared / "evtx" / file)
        for event, other in by_both(chunk, [frame for frame in chunk.walk.frames if frame.number == record])
        for difference in differences(event, other)
    ]
    assert name in seen


def test_a_difference_that_no_class_explains_is_told_as_it_is() -> None:
    event = Event(Position("x", 1), "p", 1, "c", "pc", 1, "2026-11-20T09:30:00Z", 0, (("a", "x"),))
    other = msgspec.structs.replace(event, data=(("a", "y"),), level=2)
    assert list(differences(event, other)) == ["level: None and 2", "a: 'x' and 'y'"]
