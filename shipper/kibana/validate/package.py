"""Saved objects opened up: by type and id, with the JSON inside their strings decoded."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import msgspec

from shipper.kibana.validate.fault import Fault
from shipper.kibana.validate.fields import Fields

Json: TypeAlias = dict[str, Any]


class Panel(msgspec.Struct, frozen=True):
    """A panel of a dashboard.

    Attributes:
        place: for faults.
        name: its ``panelIndex``.
        body: as it stands in ``panelsJSON``.
    """

    place: str
    name: str
    body: Json

    @property
    def config(self) -> Json:
        """What the panel is."""
        config: Json = self.body.get("embeddableConfig", {})
        return config

    @property
    def lens(self) -> Json | None:
        """The attributes of a Lens by value."""
        return self.config.get("attributes") if self.body.get("type") == "lens" else None

    def layers(self, source: str) -> dict[str, Json]:
        """Return the layers of a data source, ``formBased`` or ``textBased``; none where it has not."""
        state = (self.lens or {}).get("state", {})
        layers: dict[str, Json] = state.get("datasourceStates", {}).get(source, {}).get("layers", {})
        return layers


class Item(msgspec.Struct, frozen=True):
    """A saved object.

    Attributes:
        body: as it is.
        inside: what its JSON strings hold, by the name of the attribute; those of the controls have theirs in front:
            ``controlGroupInput.panelsJSON``. What is no JSON is absent.
    """

    body: Json
    inside: Mapping[str, Any]

    @property
    def kind(self) -> str:
        """Its type."""
        return str(self.body.get("type"))

    @property
    def name(self) -> str:
        """Its id."""
        return str(self.body.get("id"))

    @property
    def place(self) -> str:
        """Type and id."""
        return f"{self.kind}/{self.name}"

    @property
    def attributes(self) -> Json:
        """What it is."""
        attributes: Json = self.body.get("attributes", {})
        return attributes

    @property
    def references(self) -> list[Json]:
        """What it points to."""
        references: list[Json] = self.body.get("references", [])
        return references

    @property
    def pointed(self) -> dict[str, Json]:
        """Its references by name."""
        return {one["name"]: one for one in self.references}

    @property
    def source(self) -> Json:
        """Query and filters."""
        source: Json = self.inside.get("kibanaSavedObjectMeta.searchSourceJSON", {})
        return source

    @property
    def panels(self) -> Iterator[Panel]:
        """The panels of a dashboard."""
        for number, body in enumerate(self.inside.get("panelsJSON", [])):
            name = str(body.get("panelIndex", number))
            yield Panel(f"{self.place}/{name}", name, body)


class Package(msgspec.Struct, frozen=True):
    """All objects of a file, and the fields they may name.

    Attributes:
        items: in the order of the file.
        fields: by index pattern.
        broken: what could not be opened.
    """

    items: tuple[Item, ...]
    fields: Fields
    broken: tuple[Fault, ...]

    def of_kind(self, kind: str) -> Iterator[Item]:
        """Yield the objects of a type."""
        return (item for item in self.items if item.kind == kind)

    def view_fields(self, view: str) -> Mapping[str, Any]:
        """Return the fields of a data view, by its id; none where nobody knows it."""
        return self.fields.get(self.indices_of(view), {})

    def indices_of(self, view: str) -> str:
        """Return the index pattern of a data view, by its id; empty where nobody knows it."""
        titles = {item.name: str(item.attributes.get("title")) for item in self.of_kind("index-pattern")}
        return titles.get(view, "")


def open_package(objects: Sequence[Json], fields: Fields) -> Package:
    """Open saved objects; the summary that ends an export is passed over."""
    faults: list[Fault] = []
    items = tuple(_open(one, faults) for one in objects if "exportedCount" not in one)
    return Package(items, fields, tuple(faults))


def _open(body: Json, faults: list[Fault]) -> Item:
    place = f"{body.get('type')}/{body.get('id')}"
    inside: dict[str, Any] = {}
    for name, text in _texts(body.get("attributes", {}), ""):
        try:
            inside[name] = msgspec.json.decode(text)
        except (msgspec.DecodeError, TypeError):
            faults.append(Fault(place, "json", f"{name} is no JSON in a string"))
    return Item(body, inside)


#: Attributes of data views that are JSON in a string, too.
_OF_DATA_VIEWS = frozenset({"sourceFilters", "fieldFormatMap", "runtimeFieldMap", "fieldAttrs", "fields"})


def _texts(attributes: Json, path: str) -> Iterator[tuple[str, Any]]:
    for name, value in attributes.items():
        if name.endswith("JSON") or name in _OF_DATA_VIEWS:
            yield path + name, value
        elif isinstance(value, dict):
            yield from _texts(value, f"{path}{name}.")
