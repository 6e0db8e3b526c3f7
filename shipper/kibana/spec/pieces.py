"""Named pieces of KQL and ES|QL: said once in the shared file, meant in many panels."""

import re
from collections.abc import Mapping
from typing import Any

from shipper.errors import ConfigError

_PIECE = re.compile(r"\{(\w+)\}")
#: The keys whose texts may name a piece.
_KEYS = ("where", "among", "query")


def filled(table: dict[str, Any], pieces: Mapping[str, str], where: str) -> dict[str, Any]:
    """Return the table with every ``{name}`` in a ``where``, ``among`` or ``query`` replaced, and lines joined.

    Args:
        table: of one file, as TOML has it.
        pieces: name to text; a piece may name others that stand before it.
        where: the file, for errors.

    Raises:
        ConfigError: no piece has that name.
    """
    complete: dict[str, str] = {}
    for name, text in pieces.items():
        complete[name] = _fill(text, complete, f"shared.toml: filters.{name}")
    return {key: _within(value, complete, f"{where}: {key}", key) for key, value in table.items()}


def _within(value: Any, pieces: Mapping[str, str], where: str, key: str) -> Any:
    if isinstance(value, dict):
        return {inner: _within(part, pieces, f"{where}.{inner}", inner) for inner, part in value.items()}
    if isinstance(value, list):
        return [_within(part, pieces, f"{where}[{number}]", "") for number, part in enumerate(value)]
    return _fill(value, pieces, where) if key in _KEYS and isinstance(value, str) else value


def _fill(text: str, pieces: Mapping[str, str], where: str) -> str:
    def piece(found: re.Match[str]) -> str:
        if found[1] not in pieces:
            raise ConfigError(f"no filter is called {found[1]}", where=where, hint="shared.toml has them")
        return pieces[found[1]]

    return " ".join(_PIECE.sub(piece, text).split())
