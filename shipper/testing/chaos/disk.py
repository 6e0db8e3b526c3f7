"""A small disk that fills up, and has room again when it is told to: a tmpfs, which only root can mount."""

import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

_BALLAST = "ballast"
_BLOCK = bytes(4096)


class SmallDisk:
    """A file system of its own. A context manager.

    Args:
        folder: an empty one, over which it is mounted.
        size_kb: its size.
    """

    def __init__(self, folder: Path, size_kb: int) -> None:
        self.folder = folder
        self._size_kb = size_kb

    def __enter__(self) -> Self:
        """Mount it.

        Raises:
            subprocess.CalledProcessError: this process may not.
        """
        self._mount("-t", "tmpfs", "-o", f"size={self._size_kb}k,mode=0700", "none")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        subprocess.run(["umount", "--lazy", self.folder], check=True)  # noqa: S603, S607 (util-linux, our own folder)

    def fill(self) -> None:
        """Leave no room for a single byte more."""
        with (self.folder / _BALLAST).open("wb", buffering=0) as ballast:
            try:
                while ballast.write(_BLOCK):
                    pass
            except OSError:
                return

    def make_room(self, size_kb: int = 1 << 16) -> None:
        """Make it larger, and writable."""
        self._mount("-o", f"remount,rw,size={size_kb}k")
        (self.folder / _BALLAST).unlink(missing_ok=True)

    def make_read_only(self) -> None:
        """Let nobody write any more; what is open for writing there must have been closed."""
        self._mount("-o", "remount,ro")

    def _mount(self, *words: str) -> None:
        subprocess.run(["mount", *words, self.folder], check=True)  # noqa: S603, S607 (util-linux, our own folder)
