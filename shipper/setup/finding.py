"""What became of one object of a cluster."""

from typing import Literal, TypeAlias

import msgspec

Result: TypeAlias = Literal["created", "updated", "overwritten", "unchanged", "kept", "rolled over"]


class Finding(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one object.

    Attributes:
        kind: ``component_template``, ``index_template``, ``data_stream`` or ``index``.
        name: the object's name.
        result: ``kept`` is a backing index whose mapping could not be changed.
        detail: why, where there is something to say.
    """

    kind: str
    name: str
    result: Result
    detail: str = ""
