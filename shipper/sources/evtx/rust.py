"""The everyday decoder: the Rust wheel, and python-evtx for the single records that the wheel cannot read."""

import msgspec

from shipper.channels import ChannelFilter
from shipper.model import Event, Position, Problem
from shipper.sources.evtx.chunk import Answers, Chunk
from shipper.sources.evtx.instance import template_stands
from shipper.sources.evtx.record_json import decode_record
from shipper.sources.evtx.rows import Ambiguous, make_event, moment_of, sharpen
from shipper.sources.evtx.surrogates import replace_lone_surrogates
from shipper.sources.evtx.walker import Frame
from shipper.sources.evtx.wheel import Row, Unruly, read_json, read_what_can_be_read
from shipper.sources.unreadable import Unreadable


def decode(chunk: Chunk, channels: ChannelFilter, *, keep_raw: bool) -> Answers:
    """Return what the records of a chunk are that are not behind.

    Those first that the wheel's JSON says clearly: nearly all of them.
    """
    read = _read_rows(chunk)
    spare = _Spare(chunk, read, channels, keep_raw=keep_raw)
    verdicts = _Verdicts(channels)
    answers = Answers()
    take, source, slot, base, replaced = answers.events.append, chunk.source, chunk.slot, chunk.offset, read.replaced
    for frame, row in zip(chunk.walk.frames, read.rows, strict=True):
        if frame.number <= chunk.after:
            continue
        if row is None or keep_raw or frame.salvaged:
            answers.take(spare.decode(frame, row))
            continue
        try:
            record = decode_record(row["data"])
            verdict = verdicts[record.Event.System.Channel]
            if verdict is False:
                answers.filtered += 1
                continue
            position = Position(source, frame.number, base + frame.offset, slot)
            event = make_event(record, row["timestamp"], position)
        except (Ambiguous, msgspec.DecodeError):  # damage can make the wheel write what is no JSON
            answers.take(spare.decode(frame, row))
            continue
        if replaced and frame.offset in replaced:
            event = msgspec.structs.replace(event, replaced=replaced[frame.offset])
        if verdict or channels.admits(event):
            take(event)
        else:
            answers.filtered += 1
    return answers


class _Verdicts(dict[str, bool | None]):
    """What the filter says of each channel; asked once for each."""

    def __init__(self, channels: ChannelFilter) -> None:
        super().__init__()
        self._channels = channels

    def __missing__(self, channel: str) -> bool | None:
        verdict = self[channel] = self._channels.decides(channel)
        return verdict


class _Rows(msgspec.Struct):
    """What the wheel makes of a chunk.

    Attributes:
        rows: one per record, ``None`` where the wheel has none.
        faults: what the wheel says of those.
        replaced: how many lone surrogates were replaced, by offset of the record.
    """

    rows: list[Row | None]
    faults: list[str]
    replaced: dict[int, int]


def _read_rows(chunk: Chunk) -> _Rows:
    rows = _quickly(chunk)
    latin = [_is_latin(row["data"]) for row in rows] if rows is not None else None
    replaced = replace_lone_surrogates(chunk.image, chunk.walk.frames, latin)
    if rows is not None and replaced:
        rows = _quickly(chunk)
    if rows is not None:
        return _Rows([*rows], [], replaced)
    found, faults = read_what_can_be_read(chunk.image)
    return _Rows(_aligned(found, chunk.walk.frames), faults, replaced)


def _is_latin(text: str) -> bool:
    if '""' in text:  # what is left of a text that is nothing but one lone surrogate
        return False
    if text.isascii():
        return True
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        return False
    return True


def _quickly(chunk: Chunk) -> list[Row] | None:
    """Return a row for each record, ``None`` where the wheel has not exactly those."""
    if chunk.walk.gaps:
        return None
    try:
        rows = read_json(chunk.image)
    except Unruly:
        return None
    return rows if [row["event_record_id"] for row in rows] == [frame.number for frame in chunk.walk.frames] else None


def _aligned(rows: list[Row], frames: list[Frame]) -> list[Row | None]:
    """Return for each record the row with its number; both are in the order of the chunk."""
    waiting = iter(rows)
    numbers = {frame.number for frame in frames}
    row = next(waiting, None)
    aligned: list[Row | None] = []
    for frame in frames:
        while row is not None and row["event_record_id"] not in numbers:
            row = next(waiting, None)
        fits = row is not None and row["event_record_id"] == frame.number
        aligned.append(row if fits else None)
        if fits:
            row = next(waiting, None)
    return aligned


class _Spare:
    """Decodes the records that the quick way leaves: from the wheel's XML, or with python-evtx."""

    def __init__(self, chunk: Chunk, read: _Rows, channels: ChannelFilter, *, keep_raw: bool) -> None:
        self._chunk = chunk
        self._read = read
        self._channels = channels
        self._keep_raw = keep_raw
        self._texts: dict[int, Row | None] = {}

    def decode(self, frame: Frame, row: Row | None) -> Event | Problem | None:
        """Return one answer for one record."""
        if frame.salvaged and not template_stands(self._chunk.image, frame):
            return self._chunk.problem_of(frame, "the template it refers to was overwritten")
        try:
            event = self._from_reference(frame) if row is None else self._from_xml(frame, row)
        except Unreadable as error:
            return self._chunk.problem_of(frame, str(error))
        return event if event is not None and self._channels.admits(event) else None

    def _from_xml(self, frame: Frame, row: Row) -> Event | None:
        text = self._text(frame)
        if text is None:
            return self._from_reference(frame)
        from shipper.sources.event_xml import read_event  # few logs need XML at all

        accepts, position = self._channels.accepts, self._chunk.position(frame)
        event = read_event(text.encode(), position, accepts, keep_raw=self._keep_raw)
        if event is None:
            return None
        when = moment_of(row["timestamp"]) if "time" in event.missing else None
        return msgspec.structs.replace(
            event,
            time=when.text if when else sharpen(event.time, row["timestamp"]),
            time_s=when.seconds if when else event.time_s,
            replaced=event.replaced + self._read.replaced.get(frame.offset, 0),
        )

    def _text(self, frame: Frame) -> str | None:
        """Return the wheel's XML of a record; the chunk is decoded once more when the first is asked for."""
        if not self._texts:
            frames = self._chunk.walk.frames
            found, _ = read_what_can_be_read(self._chunk.image, as_xml=True)
            self._texts = {each.offset: row for each, row in zip(frames, _aligned(found, frames), strict=True)}
        row = self._texts[frame.offset]
        return row["data"].partition("\n")[2] if row is not None else None

    def _from_reference(self, frame: Frame) -> Event | None:
        from shipper.sources.evtx.reference import Reader

        try:
            return Reader(self._chunk, self._read.replaced).read(frame, self._channels, keep_raw=self._keep_raw)
        except Unreadable as error:
            raise Unreadable(self._fault_of(frame) or f"python-evtx: {error}") from error

    def _fault_of(self, frame: Frame) -> str:
        """Return what the wheel says of a record, in its own words but without those that say nothing."""
        mark = f"record number {frame.number}: "
        for fault in self._read.faults:
            if mark in fault:
                return fault.partition(mark)[2]
        return ""
