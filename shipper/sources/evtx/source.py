"""Event logs as a source: what is to be read, and reading it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

import msgspec

from shipper.channels import ChannelFilter
from shipper.errors import SourceError
from shipper.model import Batch, Cursor, Position, Problem, Unit
from shipper.sources.evtx.file import LogFile
from shipper.sources.evtx.header import CHUNK_BYTES
from shipper.sources.evtx.inputs import iterate_logs
from shipper.sources.evtx.plan import LogPlan, plan_log
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
        from_end: a log that has no cursor begins at its end; what it holds by then is passed over without a word.
        since_s: of a log that has no cursor, events older than this (seconds since 1970) count as filtered; 0 for none.
        decoder: ``rust``, the everyday one, or ``reference``, python-evtx, some thousand times slower.
        keep_raw: whether ``Event.raw`` holds the event's XML, as the decoder renders it.
    """

    paths: tuple[str, ...]
    channels: ChannelFilter
    decoder: Literal["rust", "reference"] = "rust"
    keep_raw: bool = False
    from_end: bool = False
    since_s: float = 0.0

    def plan(self, cursors: Sequence[Cursor] = ()) -> Iterator[Unit]:
        """Yield runs of chunks of each log, in the order of their record numbers; reads little more than headers.

        Of several inputs, one that cannot be read becomes a unit without slots, for ``read`` to report.

        Raises:
            SourceError: none of the inputs can be read.
        """
        logs = list(iterate_logs(self.paths))
        faults = [self._fault_of(log) for log in logs]
        unreadable = [fault for fault in faults if fault is not None]
        if len(unreadable) == len(faults):
            raise _none_of(unreadable)
        known = {cursor.source: cursor for cursor in cursors}
        planned: set[str] = set()
        for log, fault in zip(logs, faults, strict=True):
            if fault is not None:
                yield Unit(str(fault.where))
            else:
                yield from self._units_of(str(log), known, planned)

    def read(self, unit: Unit) -> Iterator[Batch]:
        """Yield the events of ``unit`` in the order of its slots.

        A cursor comes with each batch that ends a chunk whose numbers are told.

        Raises:
            SourceError: the only input cannot be read any more.
        """
        if unit.fault:
            yield Batch((), (Problem(Position(unit.source, -1), unit.fault, 0),))
            return
        try:
            with LogFile(unit.source) as log:
                reader = UnitReader(log, _decoder(self.decoder), self.channels, keep_raw=self.keep_raw)
                yield from reader.batches(unit)
        except SourceError as error:
            if unit.live:
                return  # the next plan says what is wrong, if it still is
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

    def _units_of(self, path: str, cursors: Mapping[str, Cursor], planned: set[str]) -> Iterator[Unit]:
        """Yield the units of a log, and of the archives that go before it; of each file once."""
        try:
            for plan in plan_log(path, cursors, from_end=self.from_end):
                if plan.path not in planned:
                    planned.add(plan.path)
                    yield from self._units_of_plan(plan)
        except SourceError as error:
            if self.paths == (path,):
                raise
            yield Unit(str(error.where))

    def _units_of_plan(self, plan: LogPlan) -> Iterator[Unit]:
        going_on = plan.resumption
        since_s = self.since_s if going_on.fate == "new" else 0.0
        for start in range(0, len(going_on.slots), UNIT_SLOTS):
            slots = tuple(head.slot for head in going_on.slots[start : start + UNIT_SLOTS])
            notices = tuple(plan.notices[slot] for slot in slots if slot in plan.notices)
            size_bytes = len(slots) * CHUNK_BYTES
            yield Unit(plan.path, slots, size_bytes, going_on.after, since_s=since_s, notices=notices)


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
