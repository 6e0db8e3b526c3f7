"""The fields that a rule may name: those of the data stream it reads, as ``mappings/`` has them."""

from collections.abc import Iterator, Mapping
from functools import cache

import msgspec

from shipper import assets
from shipper.assets import Body
from shipper.rules.model import Reads

_TEMPLATES: dict[Reads, str] = {
    "events": "logs-intune_connector.events",
    "metrics": "metrics-intune_connector.shipper",
}
_LABELS = "labels."


class MappedField(msgspec.Struct, frozen=True):
    """How Elasticsearch holds a field.

    Attributes:
        kind: ``keyword``, ``long``, ``boolean``, ``date``, ``double``, ``text``, ``flattened``.
        doc_values: whether it can be grouped by.
        ignore_above: a keyword of more UTF-16 units is not looked at; 0 for no bound.
    """

    kind: str
    doc_values: bool = True
    ignore_above: int = 0


def mapped_field(reads: Reads, name: str) -> MappedField | None:
    """Return how the data stream holds ``name``, or ``None`` where it does not know it."""
    known = known_fields(reads)
    if name.startswith(_LABELS) and name.count(".") == 1 and name != _LABELS:
        return known.get(f"{_LABELS}*")
    return known.get(name)


@cache
def known_fields(reads: Reads) -> Mapping[str, MappedField]:
    """Return every field of a data stream by its dotted name; ``labels.*`` stands for every label.

    Raises:
        ShipperError: the installation lacks its mappings.
    """
    bodies = {(asset.kind, asset.name): asset.body for asset in assets.mappings()}
    fields: dict[str, MappedField] = {}
    for component in bodies["index_template", _TEMPLATES[reads]]["composed_of"]:
        body = bodies.get(("component_template", component), {})
        fields |= _fields_of(body.get("template", {}).get("mappings", {}))
    return fields


def _fields_of(mappings: Body) -> dict[str, MappedField]:
    fields = dict(_leaves(mappings.get("properties", {}), ""))
    for dynamic in mappings.get("dynamic_templates", []):
        fields |= {one["path_match"]: _mapped(one["mapping"]) for one in dynamic.values()}
    return fields


def _leaves(properties: Body, path: str) -> Iterator[tuple[str, MappedField]]:
    for name, mapping in properties.items():
        if "properties" in mapping:
            yield from _leaves(mapping["properties"], f"{path}{name}.")
        elif mapping["type"] != "object":
            yield path + name, _mapped(mapping)


def _mapped(mapping: Body) -> MappedField:
    kind = str(mapping["type"])
    groups = kind not in {"text", "flattened"} and bool(mapping.get("doc_values", True))
    return MappedField(kind, groups, int(mapping.get("ignore_above", 0)))
