"""The main job, from a configuration to an account: everything is opened, run and closed again."""

import contextlib
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec

from shipper.config import Config
from shipper.errors import SinkError, StateError
from shipper.model import Cursor
from shipper.pipeline.counts import Counts
from shipper.pipeline.delivery import Around, Rejections, bare
from shipper.pipeline.listening import Listener
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
from shipper.pipeline.watching import Watching
from shipper.sinks import UNKNOWN_OUTPUT, ResumableSink, Sink
from shipper.sources import Follower
from shipper.state import Checkpoint, CheckpointFile, StateFolder

if TYPE_CHECKING:
    from shipper.pipeline.alerts import KeptAlerts


def _nothing() -> None:
    """Tell nobody."""


class Shipment(msgspec.Struct, frozen=True):
    """What one run needs, opened.

    Attributes:
        recipe: source and settings.
        sink: where to.
        rejections: where refused documents go.
        progress: what an earlier run has done, and what this one adds.
        follower: tells what is new, where logs are followed.
        watching: rules, and those who are told, where somebody is.
    """

    recipe: Recipe
    sink: Sink
    rejections: Rejections
    progress: Progress
    follower: Follower | None
    watching: Watching | None = None

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
            watching=self.watching,
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
    config: Config,
    on_pause: Callable[[str], None],
    on_notice: Callable[[str], None] | None = None,
    on_resume: Callable[[], None] = _nothing,
) -> Iterator[Shipment]:
    """Yield all that the configuration asks for, opened; it is closed again, however the run ends.

    Args:
        config: what to read and where to.
        on_pause: told why delivery waits, when it is more than load.
        on_notice: told of replaced credentials and authorities, of rules and outlets; like ``on_pause`` where nothing
            is said.
        on_resume: told that what ``on_pause`` told of the reading itself is over.

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
        alerts = None
        if config.alerts.alerts_to:
            from shipper.pipeline.alerts import open_alerts

            hears = Listener(on_notice or on_pause, on_pause, on_resume)
            alerts = open_alerts(config, recipe.settings, file, known, hears)
        keeper = _Keeper(file, sink, alerts) if file is not None else None
        progress = Progress(known.cursors if known is not None else (), keeper, config.ship.checkpoint_interval_s)
        yield Shipment(recipe, sink, rejections, progress, follower, alerts.alerting if alerts is not None else None)


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
    """Keeps progress in the checkpoint file, after the output and what rules know, of which it speaks."""

    def __init__(self, file: CheckpointFile, sink: Sink, alerts: "KeptAlerts | None") -> None:
        self._file = file
        self._output = sink if isinstance(sink, ResumableSink) else None
        self._alerts = alerts

    def keep(self, cursors: Sequence[Cursor], output_bytes: int) -> None:
        if self._output is not None:
            self._output.sync()
        if self._alerts is None:
            self._file.save(Checkpoint(tuple(cursors), output_bytes))
            return
        name = self._alerts.write()
        self._file.save(Checkpoint(tuple(cursors), output_bytes, name))
        self._alerts.committed(name)


def _close(sink: Sink, *, complete: bool) -> bool:
    try:
        sink.close(complete=complete)
    except SinkError:
        if complete:
            raise  # else the error that is already on its way says more
    return False
