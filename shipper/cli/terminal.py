"""What the terminal is told."""

import contextlib
import difflib
import os
import sys
from collections.abc import Iterable
from typing import TextIO

from shipper.errors import ShipperError
from shipper.harmless import neutralise

__all__ = ["did_you_mean", "neutralise", "say", "show_error", "silence"]


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
    """Print a line to standard error, whole; one that finds no room there stops nothing.

    Several threads say something, and so does what handles a signal, perhaps in the middle of another line's writing:
    Python refuses that (``RuntimeError``), and the line goes to the descriptor itself.
    """
    text = f"{line}\n"
    try:
        sys.stderr.write(text)  # in one piece: print writes the line feed on its own
        sys.stderr.flush()
    except OSError:
        silence(sys.stderr)
    except RuntimeError:
        with contextlib.suppress(OSError):
            os.write(sys.stderr.fileno(), text.encode(errors="backslashreplace"))


def silence(stream: TextIO) -> None:
    """Send what ``stream`` still holds back to nowhere: Python would raise once more when it flushes at exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
