"""What the terminal is told, and how text from events is made harmless there."""

import difflib
import os
import sys
from collections.abc import Iterable
from typing import TextIO

from shipper.errors import ShipperError


def neutralise(text: str) -> str:
    r"""Return ``text`` with every control and format character shown as ``\xNN`` or ``\uNNNN``, line feeds kept out.

    Text from events is hostile: an escape sequence could retitle a terminal, hide a line or type for the user, and a
    bidirectional override could reverse what is read.
    """
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else _escaped(character) for character in text)


def _escaped(character: str) -> str:
    number = ord(character)
    if number < 0x100:  # noqa: PLR2004 (Latin-1 fits two digits)
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"  # noqa: PLR2004 (end of the basic plane)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a hint that names the nearest known words, or lists all when none is near."""
    names = list(known)
    near = difflib.get_close_matches(word, names, n=3, cutoff=0.6)
    return f"did you mean {' or '.join(near)}?" if near else f"known: {', '.join(names)}"


def show_error(error: ShipperError) -> None:
    """Print an error and its next step to standard error, made harmless."""
    say(f"shipper: {neutralise(str(error))}")
    if error.hint:
        say(f"  try: {neutralise(error.hint)}")


def say(line: str) -> None:
    """Print a line to standard error; one that finds no room there stops nothing."""
    try:
        print(line, file=sys.stderr, flush=True)
    except OSError:
        silence(sys.stderr)


def silence(stream: TextIO) -> None:
    """Send what ``stream`` still holds back to nowhere: Python would raise once more when it flushes at exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
