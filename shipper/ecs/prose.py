"""Free text: only what cannot be mistaken is taken from it."""

import re
from functools import lru_cache

from shipper.catalog import parse_code
from shipper.ecs.keys import Slot

#: How many exceptions of a chain are kept; the text itself stays whole elsewhere.
MOST_EXCEPTIONS = 32
#: What is found in a text is remembered up to this length: longer ones hardly come twice, and memory stays bounded.
MOST_REMEMBERED_CHARACTERS = 1024
_EXCEPTION_START = "[Exception Message:"

_NUMBER = re.compile(r"(?<!\w)0[xX][0-9A-Fa-f]{8,9}(?!\w)")
#: Diagnostic codes lie below the numbers that mark a failure of Windows itself.
_LEAST_HRESULT = 0x8000_0000
_MOST_CODE = 0x0FFF_FFFF

_GUID = r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
_LABELLED = re.compile(
    rf"(?<!\w)(device|user|policy|request|transaction)[ _-]?id\W{{1,8}}({_GUID})(?!\w)", re.IGNORECASE
)
_SLOT_OF_LABEL: dict[str, Slot] = {
    "device": "device_id",
    "user": "user_id",
    "policy": "policy_id",
    "request": "request_id",
    "transaction": "transaction_id",
}


def find_numbers(text: str) -> tuple[int | None, int | None]:
    """Return the first diagnostic code and the first HRESULT that ``text`` names."""
    if "0x" not in text and "0X" not in text:
        return None, None
    # Failures repeat their words from event to event: to remember costs a tenth of a search (0.3 us against 3).
    return _search(text) if len(text) > MOST_REMEMBERED_CHARACTERS else _remembered(text)


def _search(text: str) -> tuple[int | None, int | None]:
    code: int | None = None
    hresult: int | None = None
    for word in _NUMBER.findall(text):
        value = parse_code(word)
        if value is not None and value <= _MOST_CODE:
            code = value if code is None else code
        elif value is not None and value >= _LEAST_HRESULT:
            hresult = value if hresult is None else hresult
    return code, hresult


_remembered = lru_cache(maxsize=4096)(_search)


def find_ids(text: str) -> dict[Slot, str]:
    """Return the first GUID after each known label: ``... for Device ID 6f1c...``."""
    found: dict[Slot, str] = {}
    for label, guid in _LABELLED.findall(text):
        found.setdefault(_SLOT_OF_LABEL[label.lower()], guid)
    return found


def split_exceptions(text: str) -> tuple[str, tuple[str, ...]]:
    r"""Part a message from the chain behind it: ``text [Exception Message: "outer"] [Exception Message: "inner"]``.

    Quotes may be escaped once more (``\"``). A chain that was cut off yields what is there.

    Returns:
        the message before the chain, and the messages of the chain, outermost first.
    """
    if _EXCEPTION_START not in text:
        return text.strip(), ()
    head, *links = text.split(_EXCEPTION_START, MOST_EXCEPTIONS)
    return head.strip(), tuple(filter(None, map(_unquote, links)))


def _unquote(link: str) -> str:
    r"""Return what stands between the quotes of ``"message"]``, be they ``"`` or ``\"``."""
    return link.partition('"]')[0].strip().lstrip("\\").removeprefix('"').rstrip("\\").strip()
