"""The ``host`` part: the computer that wrote the event, never the one that ships it."""

from functools import lru_cache

import msgspec

from shipper.ecs.fields import Host, HostOs, Related

_OS = HostOs("windows")


class HostParts(msgspec.Struct, frozen=True, gc=False):
    """What every document of one computer shares; all absent where the event does not name its computer.

    Attributes:
        name: ``host.name``.
        host: the ``host`` part, encoded.
        related: the ``related`` part of an event that names nobody else, encoded.
    """

    name: str = ""
    host: msgspec.Raw | None = None
    related: msgspec.Raw | None = None


@lru_cache(maxsize=4096)
def host_parts(computer: str) -> HostParts:
    """Return the parts for System/Computer: ``host.name`` in lower case, ``host.hostname`` its first label."""
    name = computer.lower().rstrip(".")
    if not name:
        return HostParts()
    host = Host(name, name.partition(".")[0] or name, _OS)
    encode = msgspec.json.encode
    return HostParts(name, msgspec.Raw(encode(host)), msgspec.Raw(encode(Related((name,)))))
