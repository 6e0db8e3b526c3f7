"""The state folder: rights, who has it, what stands in it, and room for more. Nothing is made there."""

import os
import stat
from pathlib import Path

from shipper.check.finding import Finding, Findings, failure
from shipper.check.place import examine_room, examine_writing
from shipper.config import Config
from shipper.dead_letters import FILE_NAME, tally
from shipper.errors import ShipperError, StateError
from shipper.pipeline.opening import keeps_state, state_folder, target_name
from shipper.state import CheckpointFile, StateFolder

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_MB = 1 << 20
#: Dead letters that fill more than this part of their limit are a warning.
_NEARLY_FULL = 0.8


def examine(settings: Config) -> Findings:
    """Yield what there is to say of the folder that ``ship`` would use."""
    folder = state_folder(settings)
    try:
        is_there = folder.exists()
    except OSError as error:
        yield Finding("failure", f"cannot be looked at: {error.strerror}", str(folder), "check --state")
        return
    yield from examine_writing(folder)
    if is_there and folder.is_dir():
        yield _privacy(folder)
        yield from _content(settings, folder)
    elif not is_there:
        yield Finding("ok", "the state folder will be made at the first run", str(folder))
    yield from examine_room(folder, settings.ship.dead_letters_max_mb, "the dead letters")


def _privacy(folder: Path) -> Finding:
    mode = stat.S_IMODE(folder.stat().st_mode)
    if os.name == "posix" and mode & _OTHERS:
        return Finding(
            "warning",
            f"others may look into the state folder (mode {mode:04o}); it holds personal data",
            str(folder),
            f"chmod 700 {folder}",
        )
    return Finding("ok", "the state folder is its owner's alone", str(folder))


def _content(settings: Config, folder: Path) -> Findings:
    try:
        with StateFolder(folder, read_only=True) as state:
            holder = state.holder()
            if holder is not None:
                yield Finding("note", f"a shipper is at work here: {holder}", str(folder))
            if keeps_state(settings):
                yield _checkpoint(CheckpointFile(state, target_name(settings)))
    except (ShipperError, OSError) as error:
        yield failure(error if isinstance(error, ShipperError) else StateError(str(error.strerror), where=str(folder)))
    yield from _dead_letters(settings, folder)


def _checkpoint(file: CheckpointFile) -> Finding:
    checkpoint = file.load()
    if checkpoint is None:
        return Finding("ok", "no checkpoint for this sink yet: logs are read from the start", str(file.path.parent))
    return Finding("ok", f"the checkpoint knows {len(checkpoint.cursors):,} logs", str(file.path))


def _dead_letters(settings: Config, folder: Path) -> Findings:
    path = folder / FILE_NAME
    try:
        found = tally(path)
    except ShipperError as error:
        yield failure(error)
        return
    limit_bytes = settings.ship.dead_letters_max_mb * _MB
    if found.no_letters:
        yield Finding("warning", f"{found.no_letters:,} lines are no dead letters", str(path), "was it edited?")
    if not found.letters:
        yield Finding("ok", "no dead letters", str(path))
        return
    kinds = ", ".join(f"{kind} {count:,}" for kind, count in sorted(found.by_error_type.items()))
    what = f"{found.letters:,} dead letters since {found.oldest}: {kinds}"
    remedy = "shipper replay, after a look at the reasons"
    if found.size_bytes > limit_bytes * _NEARLY_FULL:
        full = f"{found.size_bytes / limit_bytes:.0%} of {settings.ship.dead_letters_max_mb:,} MB"
        yield Finding("warning", f"{what}; {full}: reading stops when they are full", str(path), remedy)
    else:
        yield Finding("note", what, str(path), remedy)
