"""Sources: wherever an existing pipeline has the connector's events."""

from collections.abc import Iterator, Sequence
from threading import Event
from typing import Protocol

import msgspec

from shipper.model import Batch, Cursor, Unit


class Source(Protocol):
    """Something events are read from: a value that can be pickled and holds no open file.

    A source raises ``SourceError`` for an input that cannot be read at all. A single damaged record is never an
    exception: it is a ``Problem`` in the batch.
    """

    def plan(self, cursors: Sequence[Cursor] = ()) -> Iterator[Unit]:
        """Yield what is to be read beyond ``cursors``, in order; cheap, so that it may run ahead of the reading.

        Units of a file may be read in any order and in any process; the pipeline puts their batches back in order.
        """
        ...

    def read(self, unit: Unit) -> Iterator[Batch]:
        """Yield the events of ``unit`` in the order of the source.

        A batch that is empty in every respect may come at any time and means that the source is idle: what waits
        further on is flushed.
        Nothing is promised to be read twice the same: a live log may have changed in between.
        """
        ...


class Standing(msgspec.Struct, frozen=True):
    """How far a followed log reached when it was last looked at.

    Attributes:
        source: path of the log, as its cursors name it.
        record: number of the newest record that was seen in it; -1 where none was.
        reachable: whether it could be looked at the last time.
        complete: whether that look gave all that was there; else some waits until what comes before has been read.
    """

    source: str
    record: int
    reachable: bool = True
    complete: bool = True


class Follower(Protocol):
    """What lets a source be followed: says what is new and waits for more. Lives in one process, unlike its source."""

    def plan(self, cursors: Sequence[Cursor]) -> Iterator[Unit]:
        """Yield what is new since the last call, beyond ``cursors`` (where reading has got to, one a log).

        What cannot be read now (a share that is away, a file that is not there yet) is said once and tried again.
        """
        ...

    def wait(self, stop: Event) -> None:
        """Return when something may have changed, after the poll interval at the latest, at once on ``stop``."""
        ...

    def standings(self) -> Sequence[Standing]:
        """Return how far each log reached when it was last looked at, for the lag; called by the thread that runs."""
        ...

    def close(self) -> None:
        """End the watching."""
        ...
