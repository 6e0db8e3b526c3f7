"""The fields of our indices, and what can be asked of each."""

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

import msgspec

from shipper import assets

#: Core types of numbers that we use.
_NUMBERS = frozenset({"long", "integer", "double", "float", "short", "byte"})
#: Types of which no aggregation can be made.
_NEVER = frozenset({"text", "flattened"})


class Field(msgspec.Struct, frozen=True):
    """One field.

    Attributes:
        type: as the mapping has it.
        aggregated: whether there are doc values to group and calculate by.
        searched: whether it can be asked for.
    """

    type: str
    aggregated: bool
    searched: bool

    @property
    def is_number(self) -> bool:
        """Say whether it can be calculated with."""
        return self.type in _NUMBERS


#: Index pattern to its fields by name.
Fields: TypeAlias = Mapping[str, Mapping[str, Field]]


def load_fields() -> Fields:
    """Return the fields of each data stream, from the templates of ``mappings/``."""
    found = assets.mappings()
    components = {one.name: one.body for one in found if one.kind == "component_template"}
    templates = [one.body for one in found if one.kind == "index_template"]
    return {
        pattern: {name: field for part in body["composed_of"] for name, field in _of(components.get(part, {}))}
        for body in templates
        for pattern in body["index_patterns"]
    }


def _of(component: Mapping[str, Any]) -> Iterator[tuple[str, Field]]:
    yield from _within(component.get("template", {}).get("mappings", {}).get("properties", {}), "")


def _within(properties: Mapping[str, Any], path: str) -> Iterator[tuple[str, Field]]:
    for name, said in properties.items():
        if "type" in said and said["type"] != "object":
            kind = said["type"]
            aggregated = kind not in _NEVER and bool(said.get("doc_values", True))
            yield path + name, Field(kind, aggregated, bool(said.get("index", True)))
        yield from _within(said.get("properties", {}), f"{path}{name}.")
