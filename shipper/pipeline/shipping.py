"""The main job, from a configuration to an account: everything is opened, run and closed again."""

import contextlib
import os
import threading
from collections.abc import Callable, Iterator, Sequence

import msgspec

from shipper.config import Config
from shipper.errors import SinkError, StateError
from shipper.model import Cursor
from shipper.pipeline.counts import Counts
from shipper.pipeline.delivery import Around, Rejections, bare
from shipper.pipeline.opening import (
    ecs_settings,
    keeps_state,
    open_follower,
    open_rejections,
    open_sink,
    open_source,
    state_folder,
    target_name,
)
from shipper.pipeline.preparation import Recipe
from shipper.pipeline.progress import Progress
from shipper.pipeline.run import Observer, Routine, RunSettings, run
from shipper.sinks import UNKNOWN_OUTPUT, ResumableSink, Sink
from shipper.sources import Follower
from shipper.state import Checkpoint, CheckpointFile, StateFolder


class Shipment(msgspec.Struct, frozen=True):
    """What one run needs, opened.

    Attributes:
        recipe: source and settings.
        sink: where to.
        rejections: where refused documents go.
        progress: what an earlier run has done, and what this one adds.
        follower: tells what is new, where logs are followed.
    """

    recipe: Recipe
    sink: Sink
    rejections: Rejections
    progress: Progress
    follower: Follower | None

    def run(
        self,
        config: Config,
        observer: Observer,
        *,
        counts: Counts,
        stop: threading.Event | None = None,
        routine: Routine | None = None,
        around: Around = bare,
    ) -> None:
        """Run; see ``pipeline.run``."""
        settings = RunSettings(
            workers=config.ship.workers or os.cpu_count() or 1,
            batch_age_s=config.elasticsearch.batch_age_s,
            follower=self.follower,
            routine=routine,
            around=around,
        )
        run(
            self.recipe,
            self.sink,
            self.rejections,
            observer,
            counts=counts,
            settings=settings,
            stop=stop,
            progress=self.progress,
        )


@contextlib.contextmanager
def open_shipment(
    config: Config, on_pause: Callable[[str], None], on_notice: Callable[[str], None] | None = None
) -> Iterator[Shipment]:
    """Yield all that the configuration asks for, opened; it is closed again, however the run ends.

    Args:
        config: what to read and where to.
        on_pause: told why delivery waits, when it is more than load.
        on_notice: told of replaced credentials and authorities; like ``on_pause`` where nothing is said.

    Raises:
        ShipperError: one of them cannot be opened.
    """
    source = open_source(config)
    recipe = Recipe(source, ecs_settings(config))
    with contextlib.ExitStack() as opened:
        file = _open_checkpoints(config, opened)
        known = file.load() if file is not None else None
        sink = open_sink(config, on_pause, _known_bytes(file, known), on_notice or on_pause)
        opened.push(lambda kind, _, __: _close(sink, complete=kind is None))
        if file is not None and known is None and isinstance(sink, ResumableSink):
            file.save(Checkpoint((), sink.output_bytes))  # from here on the file is ours to cut
        follower = open_follower(config, source)
        if follower is not None:
            opened.callback(follower.close)
        rejections = opened.enter_context(open_rejections(config))
        keeper = _Keeper(file, sink) if file is not None else None
        progress = Progress(known.cursors if known is not None else (), keeper, config.ship.checkpoint_interval_s)
        yield Shipment(recipe, sink, rejections, progress, follower)


def _open_checkpoints(config: Config, opened: contextlib.ExitStack) -> CheckpointFile | None:
    """Return the checkpoints of this sink, the state folder locked; a damaged one is set aside if asked to."""
    if not keeps_state(config):
        return None
    folder = opened.enter_context(StateFolder(state_folder(config)))
    file = CheckpointFile(folder, target_name(config))
    try:
        file.load()
    except StateError:
        if not config.ship.start_at:
            raise
        file.set_aside()
    return file


def _known_bytes(file: CheckpointFile | None, known: Checkpoint | None) -> int | None:
    if file is None:
        return None
    return known.output_bytes if known is not None else UNKNOWN_OUTPUT


class _Keeper:
    """Keeps progress in the checkpoint file, after the output it speaks of."""

    def __init__(self, file: CheckpointFile, sink: Sink) -> None:
        self._file = file
        self._output = sink if isinstance(sink, ResumableSink) else None

    def keep(self, cursors: Sequence[Cursor], output_bytes: int) -> None:
        if self._output is not None:
            self._output.sync()
        self._file.save(Checkpoint(tuple(cursors), output_bytes))


def _close(sink: Sink, *, complete: bool) -> bool:
    try:
        sink.close(complete=complete)
    except SinkError:
        if complete:
            raise  # else the error that is already on its way says more
    return False
