"""Spans of time as rules write them: ``30m``, ``24h``, ``7d``."""

import re

#: Milliseconds in each unit, the largest first.
UNITS_MS = {"d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1_000}

_SPAN = re.compile(r"([0-9]{1,9})([smhd])", re.ASCII)


def parse_span(text: str) -> int:
    """Return the milliseconds of a span such as ``90s``, ``30m``, ``24h`` or ``7d``.

    Raises:
        ValueError: it is none; the message says how one is written.
    """
    found = _SPAN.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no span of time: write a whole number and s, m, h or d, such as 30m")
    return int(found[1]) * UNITS_MS[found[2]]


def span_text(span_ms: int) -> str:
    """Return a span in the largest unit that says it whole: 5,400,000 is ``90m``; below a second nothing is said."""
    unit, length_ms = next((one for one in UNITS_MS.items() if span_ms % one[1] == 0 and span_ms), ("s", 1_000))
    return f"{span_ms // length_ms}{unit}"
