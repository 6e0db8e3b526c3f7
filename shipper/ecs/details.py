"""What an event says of itself: read in any of the forms that may reach us, never failing.

In this order: JSON with ``Metric.Dimensions``, flat JSON, named EventData, ``Key: value`` or ``Key=value;``, free text.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache

import msgspec

from shipper.catalog import parse_code, parse_hresult
from shipper.ecs.keys import ROUTES, UNNAMED, Slot
from shipper.ecs.pairs import MOST_CHARACTERS, find_pairs
from shipper.ecs.payload import MOST_DETAILS, decode_pairs
from shipper.ecs.prose import find_ids, find_numbers, split_exceptions
from shipper.ecs.shapes import Named, named_values
from shipper.model import Event


class Details(msgspec.Struct, frozen=True, gc=False):
    """What was found.

    Attributes:
        known: the first value of each key that stands for a field, as written.
        rest: every other key, and those whose value is not what the key promises.
        prose: texts in which an error may be named by its words.
        message: what the first text that is meant for people says, without its chain of exceptions.
        code: the diagnostic code.
        hresult: the HRESULT, unsigned.
        exceptions: messages of the chain, outermost first.
        replaced: characters that became U+FFFD, in the source or, escaped, in JSON.
    """

    known: Mapping[Slot, str]
    rest: Mapping[str, str | list[str]]
    prose: tuple[str, ...] = ()
    message: str = ""
    code: int | None = None
    hresult: int | None = None
    exceptions: tuple[str, ...] = ()
    replaced: int = 0


class _Found:
    """What is found while an event is read; the first value of a key wins."""

    code: int | None = None
    hresult: int | None = None
    message = ""
    exceptions: tuple[str, ...] = ()
    replaced = 0

    def __init__(self) -> None:
        self.known: dict[Slot, str] = {}
        self.rest: dict[str, str | list[str]] = {}
        self.prose: list[str] = []

    def add(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Place each (key, value) that is not empty."""
        known, rest, routes = self.known, self.rest, ROUTES
        for key, value in pairs:
            if value:
                slot, name = routes[key]
                if slot is not None and slot not in known and (slot not in _READERS or _READERS[slot](self, value)):
                    known[slot] = value
                elif name in rest:
                    self.keep_again(name, value)
                else:
                    rest[name] = value

    def add_named(self, named: Named) -> None:
        """Place the values of a payload whose shape is known; nothing was found before."""
        values, known, rest = named.values, self.known, self.rest
        for slot, name in named.shape.taken:
            known[slot] = values[name]
        for read, name in named.shape.others:
            value = values[name]
            if read is not None and read not in known and _READERS[read](self, value):
                known[read] = value
            else:
                rest[name] = value

    def keep_again(self, name: str, value: str) -> None:
        """Keep a further value of a name in a list, unless it only repeats the first."""
        before = self.rest.get(name)
        if isinstance(before, list):
            before.append(value)
        elif before is not None and before != value:
            self.rest[name] = [before, value]

    def add_text(self, text: str) -> None:
        """Place what an unnamed text holds, in whichever form."""
        decoded = decode_pairs(text) if "{" in text else None
        if decoded is not None:
            pairs, replaced = decoded
            self.replaced += replaced
            named = None if self.known or self.rest or not isinstance(pairs, dict) else named_values(pairs)
            if named is not None:
                self.add_named(named)
            else:
                self.add(pairs.items() if isinstance(pairs, dict) else pairs)
        elif written := find_pairs(text):
            self.add(written[:MOST_DETAILS])
        elif prose := text[:MOST_CHARACTERS]:
            for slot, guid in find_ids(prose).items():
                self.known.setdefault(slot, guid)
            self.read_prose(prose)

    def add_wordy_values(self) -> None:
        """Search the values of unknown keys too, as far as they are more than a word."""
        prose = self.prose
        prose += [text for text in self.rest.values() if " " in text and isinstance(text, str) and text not in prose]

    def read_code(self, text: str) -> bool:
        """Take a diagnostic code, which a field of its own may also write in decimal."""
        self.code = code_in_field(text)
        return self.code is not None

    def read_error(self, text: str) -> bool:
        """Take an HRESULT; any other word may name an error, as ``ChallengeExpired`` does."""
        self.hresult = parse_hresult(text)
        if self.hresult is None:
            self.prose.append(text)
        return self.hresult is not None

    def read_prose(self, text: str) -> bool:
        """Note a text to be searched; it is kept among the details as well, so it is never taken."""
        head, chain = split_exceptions(text)
        self.prose.append(text)
        if " " in head:
            self.message = self.message or head
        self.exceptions = self.exceptions or chain
        return False


#: Slots whose value is looked at before it is taken; what is refused stays among the details.
_READERS = {"code": _Found.read_code, "error": _Found.read_error, "prose": _Found.read_prose}


@lru_cache(maxsize=4096)
def code_in_field(text: str) -> int | None:
    """Read a field that holds nothing but a diagnostic code."""
    return parse_code(text, decimal=True)


def read_details(event: Event, named: Named | None = None, *, thorough: bool = True) -> Details:
    """Return what the payload of ``event`` says, whatever its form; never raises.

    Args:
        event: the event; its rendered message is read where the data name nothing known.
        named: its data, where they are of the everyday kind.
        thorough: also search the values of unknown keys for codes and errors, which a success has no need of.
    """
    found = _Found()
    if event.replaced:
        found.replaced = event.replaced
    if named is not None and len(event.data) <= MOST_DETAILS:
        found.add_named(named)
    else:
        _read_data(event, found)
    if event.message and not found.known and event.message not in found.prose:
        found.add_text(event.message)
    if thorough:
        found.add_wordy_values()
    return _conclude(found)


def _read_data(event: Event, found: _Found) -> None:
    named: list[tuple[str, str]] = []
    for name, value in event.data:
        if name is None or name in UNNAMED:
            found.add_text(value)
        else:
            named.append((name, value))
    if named or not event.data:
        found.add((named or event.user_data)[:MOST_DETAILS])


def _conclude(found: _Found) -> Details:
    """Search the prose for the numbers that no key has told."""
    code, hresult = found.code, found.hresult
    for text in found.prose:
        if code is None or hresult is None:
            told = find_numbers(text)
            code = told[0] if code is None else code
            hresult = told[1] if hresult is None else hresult
    # By position: keywords take four times as long here.
    return Details(
        found.known, found.rest, tuple(found.prose), found.message, code, hresult, found.exceptions, found.replaced
    )
