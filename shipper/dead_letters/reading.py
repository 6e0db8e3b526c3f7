"""Dead letters as they stand in their file, one after the other, in bounded memory."""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec

from shipper.dead_letters.letter import DeadLetter
from shipper.durable import explained
from shipper.model import Position, Problem

#: No event makes a line as long; what is longer is looked at by nobody, so that one bad line cannot fill the memory.
MOST_LINE_BYTES = 64 << 20
#: So many kinds of errors are counted one by one.
_MOST_KINDS = 1000
_PIECE_BYTES = 1 << 20


class Line(msgspec.Struct, frozen=True):
    """A line of the file.

    Attributes:
        start, end: where it stands, the line feed included.
        content: the letter, or what is wrong with the line.
    """

    start: int
    end: int
    content: DeadLetter | Problem


class Tally(msgspec.Struct):
    """What there is in a file of dead letters.

    Attributes:
        letters: how many.
        size_bytes: of the file.
        by_error_type: how many of each; rare ones of very many together as ``(others)``.
        oldest: time of the first letter; empty where there is none.
        no_letters: lines that are none.
    """

    letters: int = 0
    size_bytes: int = 0
    by_error_type: dict[str, int] = {}
    oldest: str = ""
    no_letters: int = 0

    def count(self, letter: DeadLetter) -> None:
        """Count one."""
        self.letters += 1
        self.oldest = min(self.oldest or letter.time, letter.time)
        count_kind(self.by_error_type, letter.error_type)


def count_kind(counts: dict[str, int], kind: str) -> None:
    """Count ``kind`` in a table that stays small whatever the file says."""
    if kind not in counts and len(counts) >= _MOST_KINDS:
        kind = "(others)"
    counts[kind] = counts.get(kind, 0) + 1


def read(path: Path) -> Iterator[DeadLetter | Problem]:
    """Yield the dead letters of a file in their order; a line that is none is a problem with its position.

    Raises:
        StateError: the file cannot be read.
    """
    return (line.content for line in read_lines(path))


def read_lines(path: Path, until: int | None = None) -> Iterator[Line]:
    """Yield the lines of a file up to the offset ``until``, the end of a line; blank ones are passed over.

    Raises:
        StateError: the file cannot be read.
    """
    with explained(path, "cannot be read"), path.open("rb") as file:
        yield from _lines(file, path, until)


def tally(path: Path) -> Tally:
    """Count the dead letters of a file; where there is no file, there are none.

    Raises:
        StateError: the file cannot be read.
    """
    found = Tally()
    with explained(path, "cannot be read"):
        if not path.exists():
            return found
    for line in read_lines(path):
        found.size_bytes = line.end
        if isinstance(line.content, Problem):
            found.no_letters += 1
        else:
            found.count(line.content)
    return found


def _lines(file: BinaryIO, path: Path, until: int | None) -> Iterator[Line]:
    decoder = msgspec.json.Decoder(DeadLetter)
    start, number = 0, 0
    while until is None or start < until:
        text = file.readline(MOST_LINE_BYTES)
        if not text:
            return
        number += 1
        position = Position(str(path), number, start)
        end = start + len(text)
        if len(text) == MOST_LINE_BYTES and not text.endswith(b"\n"):
            end += _pass_over(file)
            yield Line(start, end, Problem(position, f"no dead letter: longer than {MOST_LINE_BYTES:,} bytes"))
        elif not text.isspace():
            yield Line(start, end, _letter_or_problem(decoder, text, position))
        start = end


def _pass_over(file: BinaryIO) -> int:
    """Pass over the rest of a line; return how many bytes that was."""
    passed = 0
    while piece := file.readline(_PIECE_BYTES):
        passed += len(piece)
        if piece.endswith(b"\n"):
            break
    return passed


def _letter_or_problem(
    decoder: msgspec.json.Decoder[DeadLetter], text: bytes, position: Position
) -> DeadLetter | Problem:
    try:
        return decoder.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return Problem(position, f"no dead letter: {error}")
