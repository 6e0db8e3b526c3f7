"""From the words of a user to a source and a sink."""

import contextlib
import os
import re
import socket
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from shipper import catalog
from shipper.channels import ChannelFilter, parse_channels
from shipper.config import Config, Ship, start_time_s
from shipper.dead_letters import DeadLetterFile
from shipper.ecs import EcsSettings
from shipper.errors import SourceError, UsageError
from shipper.model import UNCOUNTED, Batch, Cursor, Position, Problem, Unit
from shipper.sinks import Sink
from shipper.sources import Follower, Source
from shipper.sources.evtx import EvtxSource

#: The first bytes of an .evtx (https://github.com/libyal/libevtx, documentation, "File header").
EVTX_SIGNATURE = b"ElfFile\x00"


#: How long a run goes on while nothing gets through, where nothing is said.
GIVE_UP_AFTER_S = 300.0


class Inputs(msgspec.Struct, frozen=True):
    """Several sources read one after the other; of several, one that cannot be read is a ``Problem``.

    Attributes:
        logs: the .evtx files and folders, or ``None``.
        streams: files of lines and standard input, by the name they were given.
    """

    logs: EvtxSource | None
    streams: dict[str, Source]

    def plan(self, cursors: Sequence[Cursor] = ()) -> Iterator[Unit]:
        """Yield the logs' units, then one unit a stream."""
        if self.logs is not None:
            yield from self._plan_of_logs(self.logs, cursors)
        for stream in self.streams.values():
            yield from stream.plan(cursors)

    def _plan_of_logs(self, logs: EvtxSource, cursors: Sequence[Cursor]) -> Iterator[Unit]:
        try:
            yield from logs.plan(cursors)
        except SourceError:
            if not self.streams:
                raise
            yield from map(Unit, logs.paths)  # none of them can be read: reading says why

    def read(self, unit: Unit) -> Iterator[Batch]:
        """Yield the batches of a unit from the source it belongs to.

        Raises:
            SourceError: the only input cannot be read.
        """
        try:
            yield from self._batches(unit)
        except SourceError as error:
            if [*self.streams, *(self.logs.paths if self.logs else ())] == [unit.source]:
                raise
            position = Position(str(error.where or unit.source), -1)
            yield Batch((), (Problem(position, "; ".join(filter(None, (error.message, error.hint))), UNCOUNTED),))

    def _batches(self, unit: Unit) -> Iterator[Batch]:
        stream = self.streams.get(unit.source)
        if stream is not None:
            return stream.read(unit)
        if self.logs is None:
            raise UsageError("no source has this unit", where=unit.source)
        if not unit.slots and not unit.fault:  # it could not be planned, and planning it alone says why
            deque(msgspec.structs.replace(self.logs, paths=(unit.source,)).plan(), maxlen=0)
        return self.logs.read(unit)


def open_source(config: Config) -> Inputs:
    """Return the source that ``ship.inputs`` names.

    Raises:
        UsageError: no input was named.
    """
    if not config.ship.inputs or "" in config.ship.inputs:
        fault = "an input without a name" if config.ship.inputs else "nothing to read"
        raise UsageError(fault, where="ship.inputs", hint="name a file, a folder, or - for standard input")
    channels = parse_channels(config.ship.channels, catalog.load().neighbours)
    inputs = config.ship.inputs
    if keeps_state(config):  # what is remembered of a log must not depend on the folder that a run was started in
        inputs = tuple(text if text == "-" else os.path.abspath(text) for text in inputs)  # noqa: PTH100 (keeps links)
    logs = [text for text in inputs if _is_log(text)]
    streams = [text for text in inputs if not _is_log(text)]
    return Inputs(
        _logs(tuple(logs), channels, config.ship) if logs else None,
        {text: _stream(text, channels, config.ship) for text in streams},
    )


def _logs(paths: tuple[str, ...], channels: ChannelFilter, ship: Ship) -> EvtxSource:
    return EvtxSource(
        paths,
        channels,
        decoder=ship.decoder,
        keep_raw=ship.preserve_original,
        from_end=ship.start_at == "end",
        since_s=start_time_s(ship.start_at) or 0.0,
    )


def _stream(text: str, channels: ChannelFilter, ship: Ship) -> Source:
    from shipper.sources.stream import StreamSource  # imports XML, gzip and zstd, which an .evtx does not need

    return StreamSource(text, channels, others=ship.others, keep_raw=ship.preserve_original)


def _is_log(text: str) -> bool:
    """Say whether an input is for the .evtx reader; what neither reader knows, that one explains best by its name."""
    path = Path(text)
    if text == "-":
        return False
    try:
        if not path.is_file() or path.suffix.lower() in {".evtx", ".evt"}:
            return True
        with path.open("rb") as file:
            return file.read(len(EVTX_SIGNATURE)) == EVTX_SIGNATURE
    except OSError:
        return True


def size_bytes(inputs: Iterable[str]) -> int:
    """Return how many bytes files and folders hold, for progress; what cannot be looked at counts as 0."""
    total = 0
    for text in inputs:
        path = Path(text)
        with contextlib.suppress(OSError):
            for file in path.iterdir() if path.is_dir() else (path,):
                total += file.stat().st_size if file.is_file() else 0
    return total


def ecs_settings(config: Config) -> EcsSettings:
    """Return how documents are to be built; the agent is this host and this run."""
    ship, host = config.ship, socket.gethostname().lower()
    return EcsSettings(
        namespace=ship.namespace,
        tags=ship.tags,
        labels=tuple(ship.labels.items()),
        preserve_original=ship.preserve_original,
        backfill_after_s=int(ship.backfill_after_h * 3600),
        lang=ship.language,
        agent_name=host,
        agent_id=str(uuid.uuid5(uuid.NAMESPACE_DNS, host)),
        agent_ephemeral_id=str(uuid.uuid4()),
    )


def open_follower(config: Config, source: Inputs) -> Follower | None:
    """Return what tells of news in the logs, ``None`` where nothing is followed, or standard input alone.

    Raises:
        UsageError: a file of lines was named.
    """
    files = [name for name in source.streams if name != "-"]
    if not config.ship.follow:
        return None
    if files or (source.streams and source.logs):
        raise UsageError(
            "only event logs are followed, or standard input alone",
            where=next(iter(files), "-"),
            hint="pipe a growing file in: tail -F FILE | shipper ship -",
        )
    if source.logs is None:
        return None
    from shipper.sources.evtx.follow import LogFollower

    ship = config.ship
    return LogFollower(source.logs, poll_interval_s=ship.poll_interval_s, settle_s=ship.settle_s, watch=ship.watch)


def state_folder(config: Config) -> Path:
    """Return where dead letters are kept: ``ship.state``, else the user's own state folder."""
    if config.ship.state:
        return Path(config.ship.state)
    base = os.environ.get("LOCALAPPDATA" if os.name == "nt" else "XDG_STATE_HOME")
    return (Path(base) if base else Path.home() / ".local" / "state") / "intune-connector-shipper"


def keeps_state(config: Config) -> bool:
    """Say whether progress is kept: for Elasticsearch always, for files and standard output where ``state`` is said."""
    return bool(config.ship.state) or is_elasticsearch(config.ship.to)


def open_rejections(config: Config) -> DeadLetterFile:
    """Return where documents go that the sink refuses; nothing is created before there is one."""
    return DeadLetterFile(state_folder(config), config.ship.dead_letters_max_mb << 20)


def target_name(config: Config) -> str:
    """Return what the state calls the place that documents go to; the same for every spelling of it."""
    to = config.ship.to
    if to.startswith("ndjson:"):
        return f"ndjson:{Path(to.removeprefix('ndjson:')).absolute()}"
    if not is_elasticsearch(to):
        return to
    from shipper.sinks.elasticsearch import Connection

    return f"{Connection.to(to, config.elasticsearch).target} {config.ship.namespace}"


def is_elasticsearch(to: str) -> bool:
    """Say whether ``ship.to`` is the URL of a server."""
    return to.lower().startswith(("https://", "http://"))


def _silent(_text: str) -> None:
    """Tell nobody."""


def open_sink(
    config: Config,
    on_pause: Callable[[str], None],
    known_bytes: int | None = None,
    on_notice: Callable[[str], None] = _silent,
    *,
    sent_before: bool = False,
) -> Sink:
    """Return the sink that ``ship.to`` names.

    Args:
        config: says which and how.
        on_pause: told why delivery waits, when it is more than load.
        known_bytes: how much of an output file the checkpoint knows of; ``None`` where no state is kept.
        on_notice: told of replaced credentials and authorities.
        sent_before: every document may have been sent before, as in a replay.

    Raises:
        UsageError: the text names no sink.
        SinkError: the sink cannot be reached or written.
    """
    to = config.ship.to
    if to == "-":
        from shipper.sinks.stdout import StdoutSink

        return StdoutSink()
    if to.startswith("ndjson:"):
        return _file(Path(to.removeprefix("ndjson:")), known_bytes)
    if is_elasticsearch(to):
        return _elasticsearch(config, on_pause, on_notice, sent_before=sent_before)
    shown = re.sub("//.*@", "//...@", to)  # a URL may have a password in it
    raise UsageError(
        f"no such sink: {shown}", where="--to", hint="an Elasticsearch URL, ndjson:PATH, or - for standard output"
    )


def _file(path: Path, known_bytes: int | None) -> Sink:
    if known_bytes is not None:
        from shipper.sinks.appended import AppendedNdjsonSink

        return AppendedNdjsonSink(path, known_bytes)
    from shipper.sinks.ndjson import NdjsonSink

    return NdjsonSink(path)


def _elasticsearch(
    config: Config, on_pause: Callable[[str], None], on_notice: Callable[[str], None], *, sent_before: bool
) -> Sink:
    from shipper.sinks.elasticsearch import Connection, ElasticsearchSink, Limits

    settings = config.elasticsearch
    if config.ship.others == "pass":
        raise UsageError("lines of other channels cannot be handed to Elasticsearch", where="ship.others", hint="drop")
    limits = Limits(settings.in_flight, settings.batch_docs, settings.batch_bytes, _give_up_after_s(config))
    return ElasticsearchSink(
        Connection.to(config.ship.to, settings),
        limits,
        allow_foreign_mapping=settings.allow_foreign_mapping,
        sent_before=sent_before,
        on_pause=on_pause,
        on_notice=on_notice,
    )


def _give_up_after_s(config: Config) -> float | None:
    """Return how long the sink goes on while nothing gets through; ``None`` is for ever."""
    said = config.elasticsearch.give_up_after_s
    if said is None:
        return None if config.ship.follow else GIVE_UP_AFTER_S
    return said or None
