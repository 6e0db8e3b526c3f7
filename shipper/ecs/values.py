"""One spelling for values that are written in several, so that they can be joined and searched for."""

import re
from functools import lru_cache

_GUID_CHARACTERS = 36
_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_POLICY = re.compile(r"(?:LogicalName_)?([0-9a-f]{8}(?:[_-][0-9a-f]{4}){3}[_-][0-9a-f]{12})", re.IGNORECASE)
_HEX = re.compile(r"[0-9A-Fa-f]+")
#: Between the digits as dialogs show them; U+200E hides in front of a thumbprint copied from Windows' own dialog.
_BETWEEN_DIGITS = str.maketrans("", "", " :-\N{LEFT-TO-RIGHT MARK}")


def plain_guid(text: str) -> str:
    """Return a GUID in lower case and without braces, as Entra and Intune show it; anything else as it is."""
    if len(text) == _GUID_CHARACTERS and text == text.lower():
        return text  # What is mostly met: a search would cost three times as much and change nothing.
    guid = text.strip(" {}")
    return guid.lower() if len(guid) == _GUID_CHARACTERS and _GUID.fullmatch(guid.lower()) else text


def windows_guid(text: str) -> str:
    """Return a GUID in braces and upper case, as Winlogbeat carries it; anything else as it is."""
    guid = text.strip(" {}")
    # Where the dashes stand tells a GUID from anything else that System may hold, at a quarter of a search's cost.
    return f"{{{guid.upper()}}}" if len(guid) == _GUID_CHARACTERS and guid[8] == guid[23] == "-" else text


@lru_cache(maxsize=4096)
def policy_guid(text: str) -> str:
    """Return the GUID of a policy id, elsewhere written ``LogicalName_`` and with underscores."""
    found = _POLICY.fullmatch(text.strip(" {}"))
    return found[1].replace("_", "-").lower() if found else text


def thumbprint(text: str) -> str:
    """Return hex digits in lower case, as ECS has hashes; anything else as it is."""
    return _hexadecimal(text) or text


def serial_number(text: str) -> str:
    """Return hex digits in upper case, as ECS has serial numbers; anything else as it is."""
    return _hexadecimal(text).upper() or text


def _hexadecimal(text: str) -> str:
    """Return the digits of ``text`` in lower case, or an empty text where it is no number."""
    try:
        # By far the quickest for what is mostly met (0.2 us against 0.8): pairs of digits and nothing else.
        return bytes.fromhex(text).hex()
    except ValueError:
        digits = text.translate(_BETWEEN_DIGITS)
        return digits.lower() if _HEX.fullmatch(digits) else ""


def windows_text(text: str) -> str:
    """Return ``text`` with line ends as Winlogbeat leaves them, so that every way yields the same document."""
    return text.replace("\r\n", "\n").rstrip("\n")


def host_of_authority(name: str) -> str | None:
    r"""Return the host in ``ca01.contoso.com\Contoso Issuing CA``, lower-case; ``None`` where there is none."""
    host, backslash, _ = name.lstrip("\\").partition("\\")
    return host.lower() or None if backslash else None
