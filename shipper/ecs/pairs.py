"""``Key: value`` and ``Key=value;`` in any spelling or spacing, and what is left of JSON that was cut off."""

import json
import re
from collections.abc import Iterator

from shipper.ecs.keys import ROUTES
from shipper.ecs.surrogates import without_surrogates

#: A text is searched no further than this; the rest stays where the event has it.
MOST_CHARACTERS = 131_072
#: Fewer pairs than this without a known key among them are prose that happens to hold a colon.
FEWEST_PAIRS = 2

#: A member of a JSON object that never ended: the log cuts a string at 31,839 characters.
#: https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-reporteventw
_MEMBER = re.compile(r'"([^"\\]{1,64})"\s*:\s*(?:"((?:[^"\\]|\\.)*)"|(-?\d[\d.eE+-]*|true|false))')
#: Where one pair ends and the next may begin. After a comma, a name of two letters is part of a distinguished name.
_SEPARATOR = re.compile(r"[\r\n;|\t]+|,\s*(?=[A-Za-z][\w .-]{2,40}[:=])")
#: A key is a few words; ``C:\`` and ``https://`` are none.
_PAIR = re.compile(r"\s*[-*]?\s*[\"']?([A-Za-z][\w .()/-]{1,63}?)[\"']?\s*(?::=|=>|[:=])(?!//|\\)\s*(.*)", re.DOTALL)
_MOST_WORDS = 5


def find_pairs(text: str) -> list[tuple[str, str]]:
    """Return the (key, value) pairs of ``text`` in order; none where it is prose."""
    text = text[:MOST_CHARACTERS]
    pairs = list(_members(text)) or list(_plain(text))
    if len(pairs) >= FEWEST_PAIRS or any(ROUTES[key][0] for key, _ in pairs):
        return pairs
    return []


def _members(text: str) -> Iterator[tuple[str, str]]:
    for found in _MEMBER.finditer(text):
        yield found[1], _unescape(found[2]) if found[2] is not None else found[3]


def _unescape(string: str) -> str:
    """Read the inside of a JSON string; what is no proper one stays as it is."""
    try:
        return without_surrogates(json.loads(f'"{string}"', strict=False))[0]
    except ValueError:
        return string


def _plain(text: str) -> Iterator[tuple[str, str]]:
    for part in _SEPARATOR.split(text):
        found = _PAIR.match(part)
        if found and len(found[1].split()) <= _MOST_WORDS:
            yield found[1].strip(), found[2].strip().strip("\"'")
