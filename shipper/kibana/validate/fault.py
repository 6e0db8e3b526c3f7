"""What is wrong with saved objects."""

import msgspec


class Fault(msgspec.Struct, frozen=True, order=True):
    """One thing that Kibana would refuse, not draw, or draw wrong.

    Attributes:
        place: the object, and the panel where there is one: ``dashboard/intune-connector-overview/causes``.
        kind: which check found it.
        message: what is wrong, a clause without a full stop.
    """

    place: str
    kind: str
    message: str

    def __str__(self) -> str:
        """Say it in one line."""
        return f"{self.place}: {self.kind}: {self.message}"
