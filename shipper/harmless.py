"""How text from outside is made harmless where a person or a machine reads it line by line."""


def neutralise(text: str) -> str:
    r"""Return ``text`` with every control and format character shown as ``\xNN`` or ``\uNNNN``, line feeds kept out.

    Text from events is hostile: an escape sequence could retitle a terminal, hide a line or type for the user, and a
    bidirectional override could reverse what is read. Lone surrogates, of file names that are no UTF-8, are no
    character at all: they are escaped, too.
    """
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else _escaped(character) for character in text)


def _escaped(character: str) -> str:
    number = ord(character)
    if number < 0x100:  # noqa: PLR2004 (Latin-1 fits two digits)
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"  # noqa: PLR2004 (end of the basic plane)


def shortened(text: str, most: int) -> str:
    """Return the beginning of ``text``, ``most`` characters of it with the dots that say that there is more."""
    return text if len(text) <= most else f"{text[: most - 3]}..."
