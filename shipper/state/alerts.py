"""What rules know and which alerts wait: a file beside the checkpoint, which names the one that belongs to it.

There are two names, and the one that the checkpoint does not name is written. So the checkpoint's own rename decides,
at one moment, for cursors, rules and alerts together: a crash before it leaves the old file with the old cursors, a
crash after it the new one with the new.
"""

from pathlib import Path

from shipper.durable import explained, write_whole
from shipper.errors import StateError
from shipper.state.checkpoint import file_name
from shipper.state.folder import StateFolder

#: State of rules is bounded, and so are the alerts that may wait; more than this is another file.
_MOST_BYTES = 1 << 30


class AlertsFile:
    """Two files of one target in a state folder.

    Args:
        folder: open, for writing, too, where something is to be kept.
        target: the sink, as it calls itself.
        current: the name that the checkpoint knows; empty where there is none.
    """

    def __init__(self, folder: StateFolder, target: str, current: str = "") -> None:
        self._folder = folder
        self._names = tuple(file_name(target, kind) for kind in ("alerts-a", "alerts-b"))
        self._current = current

    def path(self, name: str = "") -> Path:
        """Return where a file stands; by default the current one."""
        return self._folder.path / (name or self._current or self._names[0])

    def load(self) -> bytes | None:
        """Return what the current file holds; ``None`` where there is none.

        Raises:
            StateError: it cannot be read.
        """
        return self._read(self._current) if self._current in self._names else None

    def left_behind(self) -> bytes | None:
        """Return what the newest file holds, where no checkpoint names one: it was forgotten, or set aside.

        Raises:
            StateError: it cannot be read.
        """
        there = [name for name in self._names if self.path(name).exists()]
        if self._current or not there:
            return None
        return self._read(max(there, key=lambda name: self.path(name).stat().st_mtime_ns))

    def write(self, content: bytes) -> str:
        """Write the file that is not the current one, durably; return its name, for the checkpoint.

        Raises:
            StateError: it cannot be written, or the folder is not open for writing.
        """
        name = self._names[self._current == self._names[0]]
        if not self._folder.writable:
            raise StateError("the state folder is not open for writing", where=str(self._folder.path))
        with explained(self.path(name), "what rules know cannot be written"):
            write_whole(self.path(name), content)
        return name

    def committed(self, name: str) -> None:
        """Note that the checkpoint names this file now."""
        self._current = name

    def _read(self, name: str) -> bytes | None:
        path = self.path(name)
        with explained(path, "cannot be read"):
            try:
                with path.open("rb") as file:
                    content = file.read(_MOST_BYTES + 1)
            except FileNotFoundError:
                return None
        if len(content) > _MOST_BYTES:
            raise StateError("is too large to be what rules know", where=str(path), hint="move it away")
        return content
