"""Reads one unit of an event log: runs of chunks in, batches of events out."""

from collections.abc import Iterator
from typing import Protocol

from shipper.channels import ChannelFilter
from shipper.model import EVERY_RECORD, UNCOUNTED, Batch, Cursor, Event, Notice, Position, Problem, Unit
from shipper.sources.evtx.chunk import Answers, Chunk, last_number, open_chunk
from shipper.sources.evtx.header import (
    CHUNK_BYTES,
    FILE_HEADER_BYTES,
    FIRST_RECORD_OFFSET,
    data_crc_matches,
    parse_chunk_header,
)
from shipper.sources.evtx.live import open_live_chunk
from shipper.sources.evtx.scan import make_finders, marked_slots
from shipper.sources.evtx.survey import HEAD_BYTES, SlotHead, is_within, read_head

#: How much is read at once; small enough to stay in the processor's cache while it is searched.
WINDOW_SLOTS = 16
#: A batch is handed on when it has this many events; a window can bring some 1,500 more.
BATCH_EVENTS = 1000


class Slots(Protocol):
    """What a reader needs of an open log."""

    path: str

    def head(self, slot: int) -> bytes:
        """Return the first bytes of a chunk as they are now."""
        ...

    def read_slots(self, first: int, buffer: memoryview) -> int:
        """Fill a buffer with chunks; return how many bytes there were."""
        ...


class Decode(Protocol):
    """A decoder: ``rust.decode`` or ``reference.decode``."""

    def __call__(self, chunk: Chunk, channels: ChannelFilter, *, keep_raw: bool) -> Answers:
        """Return what the records of a chunk are."""
        ...


class UnitReader:
    """Reads the chunks of one unit.

    Args:
        log: the open log.
        decode: turns a chunk into events.
        channels: what is wanted.
        keep_raw: whether events keep their text.
    """

    def __init__(self, log: Slots, decode: Decode, channels: ChannelFilter, *, keep_raw: bool) -> None:
        self._log = log
        self._decode = decode
        self._channels = channels
        self._keep_raw = keep_raw
        needles = channels.needles()
        self._finders = make_finders(needles) if needles else ()
        self._buffer = bytearray(WINDOW_SLOTS * CHUNK_BYTES)
        self._rubble: list[int] = []
        self._unit = Unit(log.path)
        self._cursor: Cursor | None = None
        self._start_batch()

    def _start_batch(self) -> None:
        self._events: list[Event] = []
        self._problems: list[Problem] = []
        self._notices: tuple[Notice, ...] = ()
        self._filtered = self._skipped = self._size_bytes = 0

    def batches(self, unit: Unit) -> Iterator[Batch]:
        """Yield the events of the unit in bounded batches; the last may be empty, for its counts."""
        self._unit = unit
        firsts = dict(zip(unit.slots, unit.firsts, strict=True)) if unit.firsts else {}
        for first, count in windows(unit.slots):
            goes_on = self._read_window(first, count, firsts)
            if len(self._events) >= BATCH_EVENTS:
                yield self._finish_batch()
            if not goes_on:
                break
        self._report_rubble()
        if self._size_bytes or self._problems:
            yield self._finish_batch()

    def _finish_batch(self) -> Batch:
        events = self._events
        if self._unit.since_s:
            events = [event for event in events if event.time_s >= self._unit.since_s]
        filtered = self._filtered + len(self._events) - len(events)
        batch = Batch(events, self._problems, filtered, self._skipped, self._size_bytes, self._notices, self._cursor)
        self._start_batch()
        return batch

    def _read_window(self, first: int, count: int, firsts: dict[int, int]) -> bool:
        """Read neighbouring slots; say whether reading goes on behind them."""
        size_bytes = self._log.read_slots(first, memoryview(self._buffer)[: count * CHUNK_BYTES])
        marked: set[int] | None = None
        if self._finders:
            marked = marked_slots(self._buffer, size_bytes, CHUNK_BYTES, self._finders)
        for index, start in enumerate(range(0, size_bytes, CHUNK_BYTES)):
            end = min(start + CHUNK_BYTES, size_bytes)
            head = read_head(first + index, bytes(self._buffer[start : min(start + HEAD_BYTES, end)]))
            if firsts and head.first != firsts[head.slot]:
                return False  # it was overwritten since it was planned
            self._size_bytes += end - start
            self._notices += tuple(each for each in self._unit.notices if each.position.chunk == head.slot)
            wanted = marked is None or index in marked
            if self._unit.live:
                if not self._take_live(head, start, end, wanted=wanted):
                    return False
            elif wanted:
                self._take(head, start, end)
            else:
                self._pass_over(head, start, end)
        return True

    def _pass_over(self, head: SlotHead, start: int, end: int) -> None:
        """Count the records of a chunk in which no wanted name stands."""
        if end - start == CHUNK_BYTES and head.last >= 0:
            self._skipped += max(0, head.last - max(self._unit.after, head.first - 1))
            self._pass(head, head.last)
            return
        chunk = open_chunk(self._log.path, head.slot, self._buffer[start:end], self._unit.after)
        self._note(chunk)
        self._skipped += sum(frame.number > self._unit.after for frame in chunk.walk.frames)
        self._pass(head, last_number(chunk))

    def _take(self, head: SlotHead, start: int, end: int) -> None:
        """Decode a chunk; once more, from the file, where it was overwritten while it was read."""
        after = self._unit.after
        chunk = open_chunk(self._log.path, head.slot, self._buffer[start:end], after)
        answers = self._answers(chunk)
        overwritten = self._was_overwritten(chunk, start, end)
        if overwritten:
            fresh = bytearray(CHUNK_BYTES)
            size_bytes = self._log.read_slots(head.slot, memoryview(fresh))
            self._note_overwritten(chunk)
            chunk = open_chunk(self._log.path, head.slot, fresh[:size_bytes], after)
            answers = self._answers(chunk)
        self._note(chunk)
        self._add(answers)
        if not overwritten:  # what stands there now is newer than what is still to be read
            self._pass(head, last_number(chunk))

    def _take_live(self, head: SlotHead, start: int, end: int, *, wanted: bool) -> bool:
        """Take as much of a chunk as can be believed; say whether that is all of it."""
        unit, data = self._unit, self._buffer[start:end]
        until = unit.until if head.slot == unit.slots[-1] else EVERY_RECORD
        live = open_live_chunk(self._log.path, head.slot, data, unit.after, until)
        chunk = live.chunk
        if not live.verified and not self._stands(head.slot, start, end):
            return False  # what was read may be a mixture of two moments
        self._problems += chunk.problems()
        if wanted:
            self._add(self._answers(chunk))
        else:
            self._skipped += sum(frame.number > unit.after for frame in chunk.walk.frames)
        self._pass(head, live.last)
        return live.whole

    def _stands(self, slot: int, start: int, end: int) -> bool:
        """Say whether a slot still holds what was read of it."""
        again = bytearray(end - start)
        return self._log.read_slots(slot, memoryview(again)) == end - start and again == self._buffer[start:end]

    def _add(self, answers: Answers) -> None:
        self._events += answers.events
        self._problems += answers.problems
        self._filtered += answers.filtered

    def _answers(self, chunk: Chunk) -> Answers:
        if not chunk.walk.frames:
            return Answers()
        return self._decode(chunk, self._channels, keep_raw=self._keep_raw)

    def _pass(self, head: SlotHead, last: int) -> None:
        """Note how far the log is behind with this chunk; one that tells no number, or an absurd one, says nothing."""
        record = last
        if head.first >= 0 and is_within(self._unit.after, head.first, -1):
            record = max(record, self._unit.after)
        if head.first >= 0 and is_within(record, head.first, -1):
            self._cursor = Cursor(self._log.path, record, head.first, head.time)

    def _was_overwritten(self, chunk: Chunk, start: int, end: int) -> bool:
        """Say whether other records stand in the slot now, and what was read is a mixture of both.

        A chunk that only grew is the newest of a live log; what was read of it is whole.
        """
        header = chunk.header
        if header is None or end - start < CHUNK_BYTES:
            return False
        now = parse_chunk_header(self._log.head(chunk.slot))
        if now is not None and now.first_record == header.first_record:
            return False
        return not data_crc_matches(self._buffer[start:end], header)

    def _note_overwritten(self, chunk: Chunk) -> None:
        lost = chunk.header.records if chunk.header and chunk.header.records else UNCOUNTED
        reason = "the chunk was overwritten while it was read; its older records are gone"
        self._problems.append(Problem(Position(chunk.source, -1, chunk.offset, chunk.slot), reason, lost))

    def _note(self, chunk: Chunk) -> None:
        self._problems += chunk.problems()
        if chunk.header is None and not chunk.walk.frames and any(chunk.image[FIRST_RECORD_OFFSET:]):
            self._rubble.append(chunk.slot)

    def _report_rubble(self) -> None:
        """Report slots that hold something, but no chunk and no record: one problem a run of them."""
        for first, count in windows(tuple(sorted(self._rubble))):
            reason = f"{count} slots hold neither a chunk nor a record" if count > 1 else "neither a chunk nor a record"
            position = Position(self._log.path, -1, FILE_HEADER_BYTES + first * CHUNK_BYTES, first)
            self._problems.append(Problem(position, reason, UNCOUNTED))
        self._rubble = []


def windows(slots: tuple[int, ...]) -> Iterator[tuple[int, int]]:
    """Yield runs of neighbouring slots as (first, count), at most ``WINDOW_SLOTS`` long, in order."""
    first = count = 0
    for slot in slots:
        if count and (slot != first + count or count == WINDOW_SLOTS):
            yield first, count
            count = 0
        if not count:
            first = slot
        count += 1
    if count:
        yield first, count
