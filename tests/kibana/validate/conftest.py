"""The good build, and what it takes to break a copy of it."""

from collections.abc import Callable
from typing import Any, TypeAlias

import msgspec
import pytest

from shipper.kibana.build import build
from shipper.kibana.spec import load
from shipper.kibana.validate import Fields, load_fields

Json: TypeAlias = dict[str, Any]


@pytest.fixture(scope="session")
def fields() -> Fields:
    return load_fields()


@pytest.fixture(scope="session")
def _good() -> bytes:
    return msgspec.json.encode(build(load()))


@pytest.fixture
def good(_good: bytes) -> list[Json]:
    """Return a fresh copy of the good build, to be broken."""
    objects: list[Json] = msgspec.json.decode(_good)
    return objects


def item(objects: list[Json], kind: str, name: str) -> Json:
    return next(one for one in objects if (one["type"], one["id"]) == (kind, name))


def change_json(attributes: Json, key: str, change: Callable[[Any], object]) -> None:
    """Change what is inside a JSON string."""
    inside = msgspec.json.decode(attributes[key])
    change(inside)
    attributes[key] = msgspec.json.encode(inside).decode()


def change_panel(objects: list[Json], board: str, panel: str, change: Callable[[Json], object]) -> None:
    """Change one panel of a dashboard of ours, ``overview`` and its like."""

    def among(panels: list[Json]) -> None:
        change(next(one for one in panels if one["panelIndex"] == panel))

    change_json(item(objects, "dashboard", f"intune-connector-{board}")["attributes"], "panelsJSON", among)
