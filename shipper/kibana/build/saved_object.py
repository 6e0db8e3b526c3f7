"""The outside of every saved object: versions, references.

The versions are the lowest that Kibana 8.12 takes as modern. They are those of each type's last migration, not of a
release; a newer number is refused, a missing one of a dashboard is taken for a very old one. Later releases migrate.
"""

from typing import Any, TypeAlias

import msgspec

#: A body of Kibana's; its inside is nobody's noun.
Json: TypeAlias = dict[str, Any]

CORE_VERSION = "8.8.0"
#: Saved-object type to ``typeMigrationVersion``; ``links`` has none.
TYPE_VERSIONS: dict[str, str | None] = {
    "dashboard": "8.9.0",
    "index-pattern": "8.0.0",
    "links": None,
    "search": "8.0.0",
    "tag": "8.0.0",
}


def saved_object(kind: str, name: str, attributes: Json, references: list[Json]) -> Json:
    """Return one saved object.

    Args:
        kind: its type.
        name: its id.
        attributes: what it is.
        references: what it points to, by ``reference``.
    """
    version = TYPE_VERSIONS[kind]
    said = {"typeMigrationVersion": version} if version is not None else {}
    outside = {"type": kind, "id": name, "attributes": attributes, "references": references}
    return {**outside, "coreMigrationVersion": CORE_VERSION, **said}


def reference(kind: str, name: str, by: str) -> Json:
    """Return a reference to the object ``name``, called ``by`` inside the object that has it."""
    return {"type": kind, "id": name, "name": by}


def tagged(tag: str) -> Json:
    """Return the reference to a tag."""
    return reference("tag", tag, f"tag-ref-{tag}")


def packed(value: object) -> str:
    """Return a value as JSON in a string, which is how Kibana keeps the inside of many attributes."""
    return msgspec.json.encode(value).decode()


def kuery(query: str = "") -> Json:
    """Return a KQL query as Kibana writes it."""
    return {"query": query, "language": "kuery"}
