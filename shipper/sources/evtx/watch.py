"""Being told of changes by the operating system.

watchfiles (https://watchfiles.helpmanual.io) gathers them in Rust and wakes Python once for many: a log that takes
5,000 events a second is a few wake-ups, where a library that calls Python for each change would be busy with nothing
else. Being told is a convenience and no more: it fails on network shares, and may where a service writes through
memory. What is looked at, and how often at least, is the follower's affair.
"""

import glob
import threading
from collections.abc import Iterable
from pathlib import Path

#: A change is told when so many ms pass without another, at the latest after so many.
_STEP_MS, _DEBOUNCE_MS = 20, 100
#: How often the thread looks whether it is to end, and how long it waits before it tries a folder again, in ms and s.
_TURN_MS, _AGAIN_S = 1000, 5.0


class Watcher:
    """Sets an event when something in one of the folders changes; watches from a thread of its own until closed.

    A folder that is missing, or goes away, is tried again every few seconds.

    Args:
        folders: not their subfolders.
        changed: set at each change.
    """

    def __init__(self, folders: Iterable[str], changed: threading.Event) -> None:
        self._changed = changed
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._watch, args=(folder,), name="watch", daemon=True) for folder in folders
        ]
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """End the watching; returns at once, the threads end within a second."""
        self._stop.set()

    def _watch(self, folder: str) -> None:
        from watchfiles import watch

        while not self._stop.is_set():
            try:
                for changes in watch(
                    folder,
                    watch_filter=None,
                    debounce=_DEBOUNCE_MS,
                    step=_STEP_MS,
                    stop_event=self._stop,
                    rust_timeout=_TURN_MS,
                    yield_on_timeout=True,
                    recursive=False,
                ):
                    if changes:
                        self._changed.set()
            except (OSError, RuntimeError):  # no such folder, no permission, no watches left: polling goes on
                self._stop.wait(_AGAIN_S)


def folders_of(inputs: Iterable[str]) -> list[str]:
    """Return the folders in which the logs of the inputs stand, each once: a folder itself, else where a file is."""
    folders = (text if Path(text).is_dir() else _parent(text) for text in inputs)
    return list(dict.fromkeys(folders))


def _parent(text: str) -> str:
    path = Path(text)
    while glob.has_magic(str(path.parent)) and path.parent != path:
        path = path.parent
    return str(path.parent)
