"""A saved object as a line of a file, of an export and of an import: one shape for the three."""

from collections.abc import Iterable
from typing import Any, TypeAlias

import msgspec

#: JSON of Kibana; its inside is nobody's noun, it is compared and sent as a whole.
Body: TypeAlias = dict[str, Any]
#: What an object is called: type and id.
Key: TypeAlias = tuple[str, str]

#: Every id of ours begins so.
PREFIX = "intune-connector"
#: The id of the tag that all objects of ours have, in the space where they were installed first.
TAG_ID = "intune-connector"


class Reference(msgspec.Struct, frozen=True):
    """A reference to another object, by the name under which the attributes speak of it."""

    name: str
    type: str
    id: str


class SavedObject(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One saved object.

    Attributes:
        type: ``dashboard``, ``index-pattern`` (a data view), ``search``, ``links``, ``tag`` ...
        id: in its space; a copy in a second space has a fresh one, and the first as its origin.
        attributes: of its type.
        references: to others.
        origin_id: the id that it had where it comes from; empty where it has that still.
        core_migration_version, type_migration_version: how far its shape has been migrated.
        created_at, updated_at: by Kibana, ISO 8601; the same right after an import; empty in a file.
    """

    type: str
    id: str
    attributes: Body
    references: tuple[Reference, ...] = ()
    origin_id: str = msgspec.field(default="", name="originId")
    core_migration_version: str = msgspec.field(default="", name="coreMigrationVersion")
    type_migration_version: str = msgspec.field(default="", name="typeMigrationVersion")
    created_at: str = ""
    updated_at: str = ""

    @property
    def key(self) -> Key:
        """What we call it, whatever it is called in its space."""
        return self.type, self.origin_id or self.id

    @property
    def title(self) -> str:
        """What people call it."""
        return str(self.attributes.get("title") or self.attributes.get("name") or self.id)


def ndjson(objects: Iterable[object]) -> bytes:
    """Return one line of JSON for each object."""
    return msgspec.json.Encoder().encode_lines(list(objects))
