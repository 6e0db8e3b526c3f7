"""What a week holds: its files, and its incidents with their counts."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Literal

import msgspec

#: ``connector``: events of a connector channel; ``foreign``: none of them; ``archive``: connector events a year old.
Kind = Literal["connector", "foreign", "archive"]


class LogFile(msgspec.Struct, frozen=True):
    """One .evtx of the week.

    Attributes:
        path: where it is.
        host: FQDN of its server.
        channel: the channel of all its events.
        kind: what it is there for.
        events: how many it holds, by event id.
        live: written as if copied while the log was open.
        wrapped: its newest chunks stand before older ones.
    """

    path: Path
    host: str
    channel: str
    kind: Kind
    events: Mapping[int, int]
    live: bool = False
    wrapped: bool = False

    @property
    def total(self) -> int:
        """Count the events."""
        return sum(self.events.values())


class Incident(msgspec.Struct, frozen=True):
    """Something that went wrong: the warnings and errors it left, and nothing else left such.

    Attributes:
        key: kebab-case.
        title: one sentence without a full stop.
        hosts: FQDNs of the servers that saw it, sorted.
        first: time of its first event.
        last: time of its last event.
        events: how many warnings and errors, by event id; attempts and finals alike.
        code: the diagnostic code that its legacy events carry; ``None`` for none or 0x00000000.
        hresult: the HRESULT that stands in its texts, as the catalog writes it.
    """

    key: str
    title: str
    hosts: tuple[str, ...]
    first: datetime
    last: datetime
    events: Mapping[int, int]
    code: str | None = None
    hresult: str | None = None

    @property
    def total(self) -> int:
        """Count the events."""
        return sum(self.events.values())


class Week(msgspec.Struct, frozen=True):
    """What was written.

    Attributes:
        folder: holds everything.
        since: seven days before ``until``.
        until: no event is later.
        files: the logs.
        incidents: in the order of their first events; every warning and error of the connector belongs to one.
    """

    folder: Path
    since: datetime
    until: datetime
    files: tuple[LogFile, ...]
    incidents: tuple[Incident, ...]

    def total(self, *kinds: Kind) -> int:
        """Count the events in the files of these kinds; of all kinds where none is given."""
        return sum(file.total for file in self.files if not kinds or file.kind in kinds)
