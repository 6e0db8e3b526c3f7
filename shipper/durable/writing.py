"""Writing that survives a crash and a loss of power: what has returned is on the disk.

A file that is replaced is written beside, synced, renamed, and then its folder is synced: the name leads to the old
content or to the new one, never to a part. Source: https://man7.org/linux/man-pages/man2/fsync.2.html ("does not
necessarily ensure that the entry in the directory containing the file has also reached disk").
"""

import contextlib
import os
import sys
from pathlib import Path

_PRIVATE_FOLDER = 0o700
_PRIVATE_FILE = 0o600
#: Nothing is written through a link that somebody laid, and Windows changes no line feeds.
_SAFELY = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


def make_private_folder(path: Path) -> None:
    """Make a folder and its parents where they are missing; the last one is for its owner alone.

    Raises:
        OSError: it cannot be made, or something else stands there.
    """
    path.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)


def open_private(path: Path, flags: int) -> int:
    """Open a file for its owner alone, made where it is missing; return its descriptor.

    Args:
        path: the file; a link in its place is refused.
        flags: ``os.O_RDWR`` and the like.

    Raises:
        OSError: it cannot be opened.
    """
    descriptor = os.open(path, flags | os.O_CREAT | _SAFELY, _PRIVATE_FILE)
    if sys.platform != "win32":  # there the rights are the folder's
        with contextlib.suppress(PermissionError):
            os.fchmod(descriptor, _PRIVATE_FILE)
    return descriptor


def write_whole(path: Path, content: bytes) -> None:
    """Replace ``path`` by ``content``, durably; after any fault or crash it is the old file or the new one.

    One process at a time may write a given path.

    Raises:
        OSError: it cannot be written; the old file is untouched.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        descriptor = open_private(part, os.O_WRONLY | os.O_TRUNC)
        try:
            write_all(descriptor, content)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        publish(part, path)
    except OSError:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise


def publish(part: Path, path: Path) -> None:
    """Give a file that has been synced its final name, durably.

    Raises:
        OSError: it cannot be renamed.
    """
    part.replace(path)
    sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Make the names in a folder durable; Windows does that by itself and refuses to be asked.

    Raises:
        OSError: the disk has failed.
    """
    if os.name == "nt":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_all(descriptor: int, content: bytes | memoryview) -> None:
    """Write all of ``content``, in as many calls as it takes.

    Raises:
        OSError: there is no more room; a part may have been written.
    """
    view = memoryview(content)
    while view:
        view = view[os.write(descriptor, view) :]
