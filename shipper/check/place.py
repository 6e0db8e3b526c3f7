"""Folders that are written to: whether they can be, and how much room there is."""

import os
import shutil
from pathlib import Path

from shipper.check.finding import Finding, Findings

_MB = 1 << 20
#: With less than this nothing can be kept.
_LEAST_MB = 16


def existing(folder: Path) -> Path:
    """Return ``folder``, or the nearest one above it that is there."""
    absolute = folder.absolute()
    return next((one for one in (absolute, *absolute.parents) if os.path.exists(one)), absolute)  # noqa: PTH110 (Path.exists raises where a folder may not be entered)


def examine_writing(folder: Path) -> Findings:
    """Yield a failure where files cannot be made in ``folder``, or the folder itself cannot be made."""
    there = existing(folder)
    if not there.is_dir():
        yield Finding("failure", f"{there} is no folder", str(folder), "name another folder")
    elif not os.access(there, os.W_OK | os.X_OK):
        what = "may not be written" if there == folder.absolute() else f"cannot be made: {there} may not be written"
        yield Finding("failure", what, str(folder), "give it to the user who runs the shipper, or name another folder")


def examine_room(folder: Path, wanted_mb: int, purpose: str) -> Findings:
    """Yield how much room there is for ``purpose``, which may come to need ``wanted_mb``."""
    there = existing(folder)
    try:
        free_mb = shutil.disk_usage(there).free // _MB
    except OSError as error:
        yield Finding("warning", f"its free space cannot be asked for: {error.strerror}", str(there))
        return
    if free_mb < _LEAST_MB:
        yield Finding("failure", f"the disk is full: {free_mb} MB are free", str(there), "make room")
    elif free_mb < wanted_mb:
        what = f"{free_mb:,} MB are free, {purpose} may need {wanted_mb:,}"
        yield Finding("warning", what, str(there), "make room, or set a lower limit")
    else:
        yield Finding("ok", f"{free_mb:,} MB are free", str(there))
