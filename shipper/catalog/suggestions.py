"""What to try when the catalog does not know a word."""

import difflib

from shipper.catalog.lookup import Catalog
from shipper.catalog.numbers import format_code, parse_code, parse_hresult
from shipper.catalog.words import WIN32_FACILITY

#: Shorter digits are near to everything.
_SHORTEST_ID = 3
#: One more than an id has (65535): a digit typed twice.
_LONGEST_ID = 6
_MOST = 3


def suggest(catalog: Catalog, word: str) -> str:
    """Return a hint for an unknown word: the nearest ids or names; for an undefined code the defined ones.

    Codes and HRESULTs have no neighbours: 0x406 is not nearly 0x405, so none is offered for another.
    """
    word = word.strip()
    value = parse_code(word)
    if value is not None:
        return _about_hresult(value) if parse_hresult(word) is not None else _defined_codes(catalog)
    if word.isdecimal():
        return _did_you_mean(_near_numbers(catalog, word)) or _DEFAULT
    return _did_you_mean(_near_names(catalog, word)) or _DEFAULT


_DEFAULT = "give an event id, a code such as 0x411, an HRESULT, a symbolic name, or an error text in quotes"


def _about_hresult(value: int) -> str:
    if value >> 16 == WIN32_FACILITY >> 16:
        return f"not in the catalog; on Windows: net helpmsg {value & 0xFFFF}"
    return f"not in the catalog; on Windows: certutil -error {format_code(value)}"


def _defined_codes(catalog: Catalog) -> str:
    return f"no such code is defined; those that are: {', '.join(entry.code for entry in catalog.codes.values())}"


def _near_numbers(catalog: Catalog, digits: str) -> list[str]:
    hexadecimal = parse_code(f"0x{digits}")
    codes = [f"0x{digits}"] if hexadecimal is not None and catalog.code(hexadecimal) else []
    if not _SHORTEST_ID <= len(digits) <= _LONGEST_ID:
        return codes
    ids = sorted({*catalog.events("legacy"), *catalog.events("unified")}, key=lambda known: abs(known - int(digits)))
    slips = [(_slip(digits, str(known)), str(known)) for known in ids]
    near = [known for slip, known in sorted(slips, key=lambda pair: pair[0]) if slip < _FAR]
    return [*codes, *near][:_MOST]


_SWAPPED, _ONE_DIGIT, _FAR = range(3)


def _slip(typed: str, known: str) -> int:
    """Say how ``typed`` may have come from ``known``: two neighbouring digits swapped, one digit off, or neither."""
    if len(typed) == len(known):
        wrong = [place for place, (one, other) in enumerate(zip(typed, known, strict=True)) if one != other]
        if len(wrong) == 2 and _is_swap(typed, known, wrong[0]):  # noqa: PLR2004 (a swap concerns two digits)
            return _SWAPPED
        return _ONE_DIGIT if len(wrong) == 1 else _FAR
    longer, shorter = sorted((typed, known), key=len, reverse=True)
    dropped = (longer[:place] + longer[place + 1 :] for place in range(len(longer)))
    return _ONE_DIGIT if shorter in dropped else _FAR


def _is_swap(typed: str, known: str, place: int) -> bool:
    return typed[place : place + 2] == known[place : place + 2][::-1]


def _near_names(catalog: Catalog, word: str) -> list[str]:
    names = {name.lower(): name for name in catalog.names()}
    near = difflib.get_close_matches(word.lower(), names, n=_MOST, cutoff=0.6)
    return [names[name] for name in near]


def _did_you_mean(near: list[str]) -> str:
    return f"did you mean {' or '.join(near)}?" if near else ""
