"""Event logs as a source: what is to be read, and reading it."""

from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec

from shipper.channels import ChannelFilter
from shipper.errors import SourceError
from shipper.model import Batch, Cursor, Position, Problem, Unit
from shipper.sources.evtx.file import LogFile
from shipper.sources.evtx.header import CHUNK_BYTES, ChunkHeader
from shipper.sources.evtx.inputs import iterate_logs
from shipper.sources.evtx.reader import Decode, UnitReader

#: Slots a unit has: 4 MB, so that processes can share a file, none waits long for its last unit, and the documents of
#: the few units under way fit into memory: 94 MB at the peak of a dense log, beside 176 MB with units of 16 MB.
UNIT_SLOTS = 64


class EvtxSource(msgspec.Struct, frozen=True):
    """Windows event logs (.evtx): files, folders of them, patterns.

    What it guarantees: every whole record of a damaged log is read; what cannot be is a ``Problem``. Records come in
    the order of their numbers, as long as the log is not written to. Files are read in pieces of 1 MB.
    What it does not: a chunk is passed over where no wanted channel's name stands in its bytes, exactly as spelled.

    Attributes:
        paths: files, folders (their .evtx files, not those of subfolders) and patterns.
        channels: what is wanted.
        decoder: ``rust``, the everyday one, or ``reference``, python-evtx, some thousand times slower.
        keep_raw: whether ``Event.raw`` holds the event's XML, as the decoder renders it.
    """

    paths: tuple[str, ...]
    channels: ChannelFilter
    decoder: Literal["rust", "reference"] = "rust"
    keep_raw: bool = False

    def plan(self, cursors: Sequence[Cursor] = ()) -> Iterator[Unit]:
        """Yield runs of chunks of each log, in the order of their record numbers; reads headers only.

        Of several inputs, one that cannot be read becomes a unit without slots, for ``read`` to report.

        Raises:
            SourceError: none of the inputs can be read.
        """
        del cursors
        logs = list(iterate_logs(self.paths))
        faults = [self._fault_of(log) for log in logs]
        unreadable = [fault for fault in faults if fault is not None]
        if len(unreadable) == len(faults):
            raise _none_of(unreadable)
        for log, fault in zip(logs, faults, strict=True):
            if fault is not None:
                yield Unit(str(fault.where))
            else:
                yield from self._units_of(str(log))

    def read(self, unit: Unit) -> Iterator[Batch]:
        """Yield the events of ``unit`` in the order of its slots.

        Raises:
            SourceError: the only input cannot be read any more.
        """
        try:
            with LogFile(unit.source) as log:
                reader = UnitReader(log, _decoder(self.decoder), self.channels, keep_raw=self.keep_raw)
                yield from reader.batches(unit)
        except SourceError as error:
            if self.paths == (unit.source,):
                raise
            yield Batch((), (_problem_of(error, unit),))

    def _fault_of(self, log: str | SourceError) -> SourceError | None:
        if isinstance(log, SourceError):
            return log
        try:
            with LogFile(log):
                return None
        except SourceError as error:
            return error

    def _units_of(self, path: str) -> Iterator[Unit]:
        try:
            with LogFile(path) as log:
                slots = in_order_of_records(list(log.headers()))
        except SourceError as error:
            if self.paths == (path,):
                raise
            yield Unit(str(error.where))
            return
        for start in range(0, len(slots), UNIT_SLOTS):
            part = tuple(slots[start : start + UNIT_SLOTS])
            yield Unit(path, part, len(part) * CHUNK_BYTES)


def in_order_of_records(headers: Sequence[ChunkHeader | None]) -> list[int]:
    """Return the slots of chunks in the order of their first records.

    Logs are circular: the newest chunk may stand before the oldest. A slot whose header tells no number (unused, or
    damaged) stays behind the one before it.
    """
    keys: list[tuple[int, int]] = []
    last = -1
    for slot, header in enumerate(headers):
        if header is not None and header.records is not None:
            last = header.first_record
        keys.append((last, slot))
    return [slot for _, slot in sorted(keys)]


def _decoder(name: Literal["rust", "reference"]) -> Decode:
    if name == "reference":
        from shipper.sources.evtx import reference

        return reference.decode
    from shipper.sources.evtx import rust

    return rust.decode


def _none_of(errors: list[SourceError]) -> SourceError:
    """Return the error that stands for inputs of which none can be read."""
    if not errors:
        return SourceError("no input was named", hint="name a file, a folder or a pattern")
    first = errors[0]
    if len(errors) == 1:
        return first
    others = len(errors) - 1
    return SourceError(f"{first.message} (and {others} more inputs cannot be read)", where=first.where, hint=first.hint)


def _problem_of(error: SourceError, unit: Unit) -> Problem:
    return Problem(Position(str(error.where or unit.source), -1), f"{error.message}; {error.hint}", 1)
