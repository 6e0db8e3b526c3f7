"""Secrets: texts that never show themselves, and the files that they are read from."""

from pathlib import Path
from typing import NoReturn

from shipper.errors import ConfigError

#: No key and no password is longer; what is, is another file.
_MOST_BYTES = 1 << 16


class Secret:
    """A text that never shows itself: not in a repr, a format, a traceback of locals, or an encoder."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text; only where it is put on the wire."""
        return self._text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __repr__(self) -> str:
        return "Secret(...)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not pickled")


def api_key(text: str, file: str) -> Secret | None:
    """Return the key, checked here: what a header refuses would be shown by the one who refuses it.

    Args:
        text: the key itself; goes before the file.
        file: what holds it; empty for none.

    Raises:
        ConfigError: the file cannot be read, or holds no key.
    """
    found = secret(text.strip(), file, "api_key_file")
    if found is None:
        return None
    shown = found.reveal()
    if not shown.isascii() or not shown.isprintable() or " " in shown:
        raise ConfigError(
            "holds characters that no encoded API key has",
            where="elasticsearch.api_key" if text.strip() else f"elasticsearch.api_key_file: {file}",
            hint="use the field encoded of the answer that made the key",
        )
    return found


def secret(text: str, file: str, key: str, section: str = "elasticsearch") -> Secret | None:
    """Return ``text``, else what stands in ``file``, without white space around it; ``None`` where both are empty.

    Args:
        text: the secret itself.
        file: what holds it.
        key: of the configuration, that names the file.
        section: of that key.

    Raises:
        ConfigError: the file cannot be read, or holds nothing or no text.
    """
    if text or not file:
        return Secret(text) if text else None
    where = f"{section}.{key}: {file}"
    try:
        with Path(file).open("rb") as opened:
            raw = opened.read(_MOST_BYTES + 1)
        found = raw.decode("utf-8").strip()
    except OSError as error:
        raise ConfigError(
            f"cannot be read: {error.strerror}", where=where, hint=f"check SHIPPER_{key.upper()}"
        ) from None
    except UnicodeDecodeError:
        raise ConfigError("is not text", where=where, hint="it holds the secret alone") from None
    if not found or len(raw) > _MOST_BYTES:
        fault = "is too long for a secret" if found else "is empty"
        raise ConfigError(fault, where=where, hint="it holds the secret alone")
    return Secret(found)
