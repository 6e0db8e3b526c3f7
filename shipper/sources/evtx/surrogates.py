"""Replaces lone surrogates in a chunk: the wheel leaves them out and says nothing.

Decoding every text a second time would cost more than the wheel does. So the bytes of a chunk are searched, for a byte
D8 to DF at any alignment. Most of them stand in GUIDs, SIDs and hashes: what stands in no text is remembered by its
surroundings, so that a SID which every record repeats is looked at once.

Beside Latin text the search is three times as fast: the upper byte of the character before or behind is zero there.

A text that is nothing but one lone surrogate has no character beside it: the wheel makes an empty text of it, so a
record with an empty text is searched in full.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator

from shipper.sources.evtx.instance import text_around
from shipper.sources.evtx.walker import Frame

_LONE = re.compile("[\ud800-\udfff]")
#: What a byte of a chunk is for the search: 2 may belong to a surrogate, 4 is zero, 0 is the rest.
_CLASSES = bytes(4 if byte == 0 else 2 * (byte & 0xF8 == 0xD8) for byte in range(256))  # noqa: PLR2004
_SUSPECT = re.compile(rb"\x02")
#: Beside a character below U+0100, or beside another surrogate.
_SUSPECT_AMONG_LATIN = re.compile(rb"\x02(?:(?=.[\x02\x04])|(?<=[\x02\x04].\x02))", re.DOTALL)
#: Bytes before and behind a suspect by which it is known again.
_SURROUNDINGS_BYTES = 6
#: Where a record's header has its FILETIME.
_TIME_OFFSET, _TIME_BYTES = 16, 8


def replace_lone_surrogates(chunk: bytearray, frames: list[Frame], latin: list[bool] | None = None) -> dict[int, int]:
    """Replace lone surrogates in the texts of records with U+FFFD, in place.

    Args:
        chunk: its bytes.
        frames: its records.
        latin: for each record, whether all characters of its texts that are not lone surrogates are below U+0100.

    Returns:
        How many were replaced, by offset of the record, for records that had any.
    """
    offsets = [frame.offset for frame in frames]
    harmless: set[bytes] = set()
    replaced: dict[int, int] = {}
    original = bytes(chunk)
    # A text is looked at once, however many surrogates stand in it: each by itself would take the square of its length.
    start = end = 0
    for at in _suspects(original.translate(_CLASSES), frames, latin):
        surroundings = original[at - _SURROUNDINGS_BYTES : at + _SURROUNDINGS_BYTES]
        if start <= at < end or surroundings in harmless:
            continue
        index = bisect_right(offsets, at) - 1
        if index < 0 or _is_its_time(original, offsets[index], at):
            continue
        text = text_around(chunk, frames[index], at)
        if text is None:
            harmless.add(surroundings)
            continue
        start, end = text
        if lone := _replace(chunk, start, end):
            replaced[offsets[index]] = replaced.get(offsets[index], 0) + lone
    return replaced


def _suspects(classes: bytes, frames: list[Frame], latin: list[bool] | None) -> Iterator[int]:
    if latin is None:
        yield from (match.start() for match in _SUSPECT.finditer(classes))
        return
    yield from (match.start() for match in _SUSPECT_AMONG_LATIN.finditer(classes))
    for frame, is_latin in zip(frames, latin, strict=True):
        if not is_latin:
            end = frame.offset + frame.size_bytes
            yield from (match.start() for match in _SUSPECT.finditer(classes, frame.offset, end))


def _is_its_time(chunk: bytes, record: int, at: int) -> bool:
    """Say whether a byte belongs to the time of its record, in the record's header or where System repeats it."""
    time = chunk[record + _TIME_OFFSET : record + _TIME_OFFSET + _TIME_BYTES]
    return time in chunk[at - _TIME_BYTES + 1 : at + _TIME_BYTES]


def _replace(chunk: bytearray, start: int, end: int) -> int:
    end -= (end - start) % 2
    text, lone = _LONE.subn("\ufffd", chunk[start:end].decode("utf-16-le", "surrogatepass"))
    if lone:
        chunk[start:end] = text.encode("utf-16-le")
    return lone
