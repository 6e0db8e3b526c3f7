"""What the operating system refuses, as an error that says what to do."""

import contextlib
import errno
from collections.abc import Iterator
from pathlib import Path

from shipper.errors import StateError

_HINTS = {
    errno.ENOSPC: "free some space, or name a folder on another disk with --state",
    errno.EDQUOT: "the quota is used up: free some space, or name a folder on another disk with --state",
    errno.EFBIG: "the file may grow no larger (ulimit -f, or the file system): name another folder with --state",
    errno.EROFS: "the file system is read-only: name a folder on another one with --state",
    errno.EACCES: "give the user that runs the shipper the folder (chown), or name another with --state",
    errno.EPERM: "give the user that runs the shipper the folder (chown), or name another with --state",
    errno.ENOTDIR: "a file stands where a folder should be: name another folder with --state",
    errno.EEXIST: "a file stands where a folder should be: name another folder with --state",
    errno.ELOOP: "a link stands where a file of ours should be: remove it",
    errno.ENOLCK: "the file system knows no locks: name a folder on a local disk with --state",
    errno.EOPNOTSUPP: "the file system knows no locks: name a folder on a local disk with --state",
}


@contextlib.contextmanager
def explained(path: Path, fault: str = "cannot be written") -> Iterator[None]:
    """Turn an ``OSError`` of the block into a ``StateError`` about ``path`` that says ``fault``, why, and what to try.

    Raises:
        StateError: the block raised an ``OSError``.
    """
    try:
        yield
    except OSError as error:
        raise StateError(
            f"{fault}: {error.strerror or error}",
            where=str(path),
            hint=_HINTS.get(error.errno or 0, "check --state, its permissions and space"),
        ) from None
