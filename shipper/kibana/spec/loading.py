"""Reads ``dashboards/shared.toml`` and one file a dashboard."""

import tomllib
from importlib.resources.abc import Traversable
from typing import Any, TypeVar

import msgspec

from shipper import assets
from shipper.errors import ConfigError
from shipper.kibana.spec.checking import check
from shipper.kibana.spec.model import Board, Shared, Spec
from shipper.kibana.spec.pieces import filled

_T = TypeVar("_T")
_SHARED = "shared.toml"
_HINT = "shipper/kibana/spec says what may stand there"


def load(folder: Traversable | None = None) -> Spec:
    """Return the dashboards in the order of the navigation.

    Args:
        folder: holds ``shared.toml`` and ``<name>.toml`` for each name of its ``order``; none: the shipped one.

    Raises:
        ConfigError: a file is missing or wrong; it names file and key.
    """
    folder = assets.folder("dashboards") if folder is None else folder
    shared = _convert(_read(folder / _SHARED), Shared, _SHARED)
    boards = tuple(_board(folder / f"{name}.toml", shared) for name in shared.order)
    spec = Spec(shared, boards)
    check(spec)
    return spec


def _board(file: Traversable, shared: Shared) -> Board:
    return _convert(filled(_read(file), shared.filters, file.name), Board, file.name)


def _read(file: Traversable) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", where=file.name, hint=_HINT) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"is no TOML: {error}", where=file.name, hint=_HINT) from None


def _convert(table: dict[str, Any], kind: type[_T], name: str) -> _T:
    try:
        return msgspec.convert(table, kind)
    except msgspec.ValidationError as error:
        message, _, path = str(error).partition(" - at `$")
        key = path.rstrip("`").lstrip(".")
        where = f"{name}: {key}" if key else name
        raise ConfigError(message[:1].lower() + message[1:], where=where, hint=_HINT) from None
