"""What became of one object of a Kibana."""

from typing import Literal, TypeAlias

import msgspec

Result: TypeAlias = Literal["created", "updated", "overwritten", "unchanged", "kept", "removed", "failed"]

#: What people call the types of saved objects.
_KINDS = {"index-pattern": "data_view", "search": "saved_search"}


class Finding(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one object.

    Attributes:
        kind: ``data_view``, ``saved_search``, ``dashboard``, ``links``, ``tag`` or ``rule``.
        name: its id; of a rule its ``rule_id``.
        result: ``kept`` is one that somebody changed, ``failed`` one that Kibana refused.
        detail: why, where there is something to say.
    """

    kind: str
    name: str
    result: Result
    detail: str = ""


def kind_of(type_: str) -> str:
    """Return what people call a saved object's type."""
    return _KINDS.get(type_, type_)
