"""The state folder: private, and of one process at a time."""

from pathlib import Path
from types import TracebackType
from typing import Self

from shipper.durable import Holder, Lock, explained, make_private_folder, sync_folder
from shipper.errors import StateError

LOCK_NAME = "lock"
#: What every checkpoint is called.
CHECKPOINTS = "checkpoint-*.json"

#: How long a folder that is taken is waited for: somebody may only be looking, or a killed process be ending.
_WAIT_S = 1.0


class StateFolder:
    """A context manager within which the folder is this process's alone; the lock ends with the process.

    Args:
        path: made with mode 0700 when missing.
        read_only: look without the lock, beside a process that has it; nothing is made.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self.path = path
        self._read_only = read_only
        self._lock = Lock(path / LOCK_NAME, signed=True)

    def __enter__(self) -> Self:
        """Open the folder.

        Raises:
            StateError: it cannot be made or written, or another process has it.
        """
        if not self._read_only:
            self._take()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lock.release()

    @property
    def writable(self) -> bool:
        """Say whether this process may write the state: it has the lock."""
        return self._lock.held

    def holder(self) -> Holder | None:
        """Return the process that has the folder just now, ``None`` where none has.

        Raises:
            StateError: the folder cannot be looked at.
        """
        with explained(self.path, "cannot be read"):
            return self._lock.holder()

    def checkpoints(self) -> list[Path]:
        """Return the files of all checkpoints, sorted; none where there is no folder.

        Raises:
            StateError: the folder cannot be looked at.
        """
        return self._matching(CHECKPOINTS)

    def remove_checkpoints(self) -> int:
        """Remove every checkpoint, damaged ones too, durably; return how many there were.

        Raises:
            StateError: one cannot be removed.
        """
        paths = self.checkpoints()
        for path in paths:
            with explained(path, "cannot be removed"):
                path.unlink()
        if paths:
            with explained(self.path):
                sync_folder(self.path)
        return len(paths)

    def set_aside(self) -> list[Path]:
        """Return the files of checkpoints that were set aside, sorted.

        Raises:
            StateError: the folder cannot be looked at.
        """
        return self._matching(f"{CHECKPOINTS}.broken-*")

    def _matching(self, pattern: str) -> list[Path]:
        with explained(self.path, "cannot be read"):
            if not self.path.exists():
                return []
            return sorted(path for path in self.path.iterdir() if path.match(pattern))

    def _take(self) -> None:
        with explained(self.path, "cannot be used as state folder"):
            make_private_folder(self.path)
            if self._lock.acquire(_WAIT_S):
                return
        holder = self.holder() or Holder()
        raise StateError(
            f"is in use by {holder}",
            where=str(self.path),
            hint=f"stop that one{f' (kill {holder.pid})' if holder.pid else ''}, or name another folder with --state",
        )
