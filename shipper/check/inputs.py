"""The inputs: whether they are there and may be read, and whether they hold what is asked for."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from shipper.channels import ChannelFilter
from shipper.check.finding import Finding, Findings, failure
from shipper.config import Config
from shipper.errors import SourceError, UsageError
from shipper.model import Batch
from shipper.pipeline.opening import Inputs, open_source
from shipper.sources import Source
from shipper.sources.evtx.file import LogFile
from shipper.sources.evtx.header import CHUNK_BYTES
from shipper.sources.evtx.inputs import iterate_logs
from shipper.sources.evtx.scan import make_finders, marked_slots

#: How many chunks of a log are searched for the channels: 256 MB.
_SLOTS_SEARCHED = 4096
_WINDOW_SLOTS = 16
#: More logs than this of one run are counted, not listed.
_LOGS_LISTED = 20


def examine(settings: Config) -> Findings:
    """Yield a finding an input; of a folder with very many logs the first ones."""
    if not settings.ship.inputs:
        yield Finding("note", "no inputs are named, so none was looked at", "ship.inputs")
        return
    try:
        source = open_source(settings)
    except UsageError as error:
        yield failure(error)
        return
    if source.logs is not None:
        yield from _logs(source.logs.paths, source.logs.channels, follow=settings.ship.follow)
    yield from _streams(source)


def _logs(paths: tuple[str, ...], channels: ChannelFilter, *, follow: bool) -> Findings:
    logs = list(iterate_logs(paths))
    for log in logs[:_LOGS_LISTED]:
        try:
            yield _log(log, channels)
        except SourceError as error:
            yield _awaited(error) if follow and _is_missing(str(error.where)) else failure(error)
    if len(logs) > _LOGS_LISTED:
        yield Finding("note", f"{len(logs) - _LOGS_LISTED:,} more logs were not looked at")


def _is_missing(name: str) -> bool:
    return not Path(name).exists() or Path(name).is_dir()


def _awaited(error: SourceError) -> Finding:
    return Finding("note", f"{error.message}: it is waited for", str(error.where), "check its name if it never comes")


def _log(log: str | SourceError, channels: ChannelFilter) -> Finding:
    if isinstance(log, SourceError):
        raise log
    with LogFile(log) as opened:
        slots = opened.slots
        if not slots:
            return Finding("note", "an event log without events yet", log)
        if not channels.needles():
            return Finding("ok", "an event log", log)
        if any(_marks(opened, min(slots, _SLOTS_SEARCHED), channels)):
            return Finding("ok", "an event log with the channels that are asked for", log)
    part = "" if slots <= _SLOTS_SEARCHED else f" in its first {_SLOTS_SEARCHED * CHUNK_BYTES >> 20} MB"
    return Finding(
        "warning",
        f"none of the channels asked for stands in it{part}",
        log,
        "is it the connector's log, or that of the forwarded events? --channels says what is asked for",
    )


def _marks(log: LogFile, slots: int, channels: ChannelFilter) -> Iterator[bool]:
    finders = make_finders(channels.needles())
    buffer = bytearray(_WINDOW_SLOTS * CHUNK_BYTES)
    for first in range(0, slots, _WINDOW_SLOTS):
        size_bytes = log.read_slots(first, memoryview(buffer))
        yield bool(marked_slots(buffer, size_bytes, CHUNK_BYTES, finders))


def _streams(source: Inputs) -> Findings:
    for name, stream in source.streams.items():
        if name == "-":
            yield Finding("note", "standard input is not looked at: it could be read only once", "-")
            continue
        try:
            yield _stream(name, stream)
        except SourceError as error:
            yield failure(error)


def _stream(name: str, stream: Source) -> Finding:
    """Read the first few megabytes."""
    with closing(stream.read(next(stream.plan()))) as batches:  # type: ignore[type-var]  # (they are generators)
        first = next(batches, Batch(()))
    if first.events:
        return Finding("ok", "a file of events with the channels that are asked for", name)
    return Finding(
        "warning",
        "no event of the channels asked for stands at its beginning",
        name,
        "--channels says what is asked for",
    )
