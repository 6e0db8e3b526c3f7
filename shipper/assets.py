"""The templates of ``mappings/``: found in a checkout or in the wheel, read as values."""

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Literal, TypeAlias

import msgspec

from shipper.errors import ShipperError

#: A template as Elasticsearch has it; its inside is nobody's noun, it is compared and PUT as a whole.
Body: TypeAlias = dict[str, Any]
#: Which API an object belongs to; the folder of ``mappings/`` has the plural of it as its name, but for lifecycle.
Kind = Literal["component_template", "index_template"]

_PACKED = "_assets"


class Asset(msgspec.Struct, frozen=True):
    """One object that can be PUT.

    Attributes:
        kind: which API it belongs to.
        name: the object's name, which is the file's name without ``.json``.
        body: what is PUT.
    """

    kind: Kind
    name: str
    body: Body

    @property
    def path(self) -> str:
        """Where it is PUT: ``/_component_template/logs-...@package``."""
        return f"/_{self.kind}/{self.name}"


def folder(name: str) -> Traversable:
    """Return the folder ``name`` of shipped data, ``mappings`` or ``dashboards``: packed, else of the checkout.

    Raises:
        ShipperError: it is in neither place; the installation is broken.
    """
    packed = files("shipper") / _PACKED / name
    if packed.is_dir():
        return packed
    beside = Path(__file__).parent.parent / name
    if beside.is_dir():
        return beside
    raise ShipperError(f"the folder {name} is missing from this installation", hint="install the wheel again")


def mappings(*, lifecycle: bool = False) -> list[Asset]:
    """Return every template in the order in which to PUT them: components before the templates made of them.

    Args:
        lifecycle: with the optional component that says how long documents are kept.
    """
    root = folder("mappings")
    components = _assets(root / "component_templates", "component_template")
    optional = _assets(root / "lifecycle", "component_template") if lifecycle else []
    return components + optional + _assets(root / "index_templates", "index_template")


def _assets(place: Traversable, kind: Kind) -> list[Asset]:
    found = sorted((one for one in place.iterdir() if one.name.endswith(".json")), key=lambda one: one.name)
    return [Asset(kind, one.name.removesuffix(".json"), _read(one)) for one in found]


def _read(file: Traversable) -> Body:
    body: Body = msgspec.json.decode(file.read_bytes())
    return body
