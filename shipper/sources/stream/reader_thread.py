"""Lets the reader of a pipe notice that nothing comes.

A thread reads, and the caller waits for it with a time limit. ``select`` would do without a thread, but not on
Windows, where it knows only sockets, and not behind a decompressor, which may hold bytes of its own.
"""

import queue
import threading
from collections.abc import Iterator

from shipper.sources.stream.blocks import Block

#: How many blocks may be read before they are wanted; what stands here is lost when the process is killed.
_AHEAD = 2


class _End:
    """Says that no block follows, and why."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


def read_ahead(blocks: Iterator[Block], idle_s: float) -> Iterator[Block | None]:
    """Yield the blocks as they come, and ``None`` each time none has come for ``idle_s`` seconds.

    Raises:
        Exception: whatever reading ``blocks`` raises, after the blocks before it.
    """
    ready: queue.Queue[Block | _End] = queue.Queue(_AHEAD)
    stop = threading.Event()
    # A daemon: a thread that waits for a silent pipe must not keep the process from ending.
    threading.Thread(target=_fill, args=(blocks, ready, stop), name="stdin", daemon=True).start()
    try:
        while True:
            try:
                item = ready.get(timeout=idle_s)
            except queue.Empty:
                yield None
                continue
            if not isinstance(item, _End):
                yield item
            elif item.error is None:
                return
            else:
                raise item.error
    finally:
        stop.set()


def _fill(blocks: Iterator[Block], ready: "queue.Queue[Block | _End]", stop: threading.Event) -> None:
    end = _End()
    try:
        for block in blocks:
            _put(block, ready, stop)
            if stop.is_set():
                return
    except Exception as error:  # noqa: BLE001 - raised again in the thread that reads
        end = _End(error)
    _put(end, ready, stop)


def _put(item: Block | _End, ready: "queue.Queue[Block | _End]", stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            ready.put(item, timeout=1)
        except queue.Full:
            continue
        return
