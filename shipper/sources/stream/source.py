"""The source: a file or standard input to batches of events."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from shipper.channels import ChannelFilter
from shipper.model import Batch, Cursor, Unit
from shipper.sources.stream.blocks import open_input, read_blocks
from shipper.sources.stream.reader_thread import read_ahead
from shipper.sources.stream.reading import Reading, ReadingSettings
from shipper.sources.stream.resume import cursor_at_head, find_cursor


class StreamSource(msgspec.Struct, frozen=True):
    """Events from JSON lines or event XML, in a file (plain, gzip or zstd) or from standard input.

    Order is kept. A file can be read again; standard input cannot: what was taken from it and not delivered when the
    process dies is lost, and its writer has to send it again.

    Attributes:
        path: of the file, or ``-``.
        channels: which events go on.
        others: what becomes of the rest: ``drop`` counts it in ``Batch.filtered``, ``pass`` hands each JSON line or
            ``<Event>`` through as ``Foreign``, byte for byte (UTF-16 as UTF-8).
        keep_raw: whether ``Event.raw`` holds the event as text.
        idle_flush_s: how long standard input may be silent before what was read is handed on.
        max_line_bytes: a longer line or event is passed over, as a ``Problem``.
        batch_events: the most events, foreign lines and problems one batch holds.
        batch_bytes: how much of the source one batch stands for at most, but for a last block.
        stdin: descriptor that ``-`` stands for.
    """

    path: str
    channels: ChannelFilter
    others: Literal["drop", "pass"] = "drop"
    keep_raw: bool = False
    idle_flush_s: float = 0.2
    max_line_bytes: int = 16 << 20
    batch_events: int = 1000
    batch_bytes: int = 4 << 20
    stdin: int = 0

    def plan(self, cursors: Sequence[Cursor] = ()) -> Iterator[Unit]:
        """Yield the one unit that a stream is: it is read from its beginning, and what is behind is passed over."""
        known = find_cursor(self.path, cursors) if self.path != "-" else None
        yield Unit(self.path, size_bytes=_size_bytes(self.path), after=known.record if known is not None else -1)

    def read(self, unit: Unit) -> Iterator[Batch]:
        """Yield the events of the stream in order; while standard input is silent, empty batches.

        Raises:
            SourceError: the stream cannot be read, or is something else than a stream of events.
        """
        begin = cursor_at_head(unit.source) if unit.source != "-" else None
        reading = Reading(unit.source, self.channels, self._settings(), begin, unit.after)
        blocks = read_blocks(open_input(unit.source, self.stdin), unit.source)
        for block in read_ahead(blocks, self.idle_flush_s) if unit.source == "-" else blocks:
            if block is None:
                yield from reading.flush()
                yield Batch(())
            else:
                yield from reading.take(block)
        yield from reading.end()

    def _settings(self) -> ReadingSettings:
        return ReadingSettings(
            others=self.others,
            keep_raw=self.keep_raw,
            max_line_bytes=self.max_line_bytes,
            batch_events=self.batch_events,
            batch_bytes=self.batch_bytes,
            batch_age_s=self.idle_flush_s,
        )


def _size_bytes(path: str) -> int:
    try:
        return 0 if path == "-" else Path(path).stat().st_size
    except OSError:
        return 0  # reading says what is wrong with it
