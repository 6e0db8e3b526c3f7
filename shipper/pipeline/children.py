"""Processes that take a part of a report's work: how they begin, and what it means when one is gone."""

import contextlib
import gc
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool

from shipper.errors import SourceError


def begin_child() -> None:
    """Leave Ctrl-C to the parent, which decides, and end when it does, even where it was killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    collect_seldom()
    threading.Thread(target=_follow_parent_into_death, daemon=True).start()


def collect_seldom() -> None:
    """Look for circles of garbage a hundred times more seldom: rows have none, and looking took 7 % of the time."""
    gc.set_threshold(70_000, 10, 10)


@contextlib.contextmanager
def explained() -> Iterator[None]:
    """Say what to do where a child was killed.

    Raises:
        SourceError: one was.
    """
    try:
        yield
    except BrokenProcessPool:
        hint = "is memory short? take fewer --workers, or 1"
        raise SourceError("a process that was at work has been killed", where="--workers", hint=hint) from None


def _follow_parent_into_death() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
