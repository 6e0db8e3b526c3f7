"""A lock between processes that ends with its process, however that ends."""

import contextlib
import os
import socket
import sys
import time
import weakref
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from shipper.durable.writing import open_private, write_all

#: How often a lock that is taken is tried again.
_TRY_EVERY_S = 0.02
#: What the file of a lock says is never longer.
_MOST_BYTES = 4096

if sys.platform == "win32":
    import msvcrt

    #: Windows keeps others from reading what is locked, so a byte is locked that the file does not have.
    _BYTE = 1 << 30

    def _try(descriptor: int, *, shared: bool) -> bool:
        del shared  # there are no shared ones
        os.lseek(descriptor, _BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _try(descriptor: int, *, shared: bool) -> bool:
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


class Holder(msgspec.Struct, frozen=True):
    """The process that has a lock, as it wrote itself down.

    Attributes:
        pid: its process id; 0 where it could not be read.
        host: where it runs.
        since: when it took the lock, RFC 3339, UTC.
    """

    pid: int = 0
    host: str = ""
    since: str = ""

    def __str__(self) -> str:
        """Say who it is: ``process 4711 on pki01, since 2026-11-24T09:30:00Z``."""
        return f"process {self.pid} on {self.host}, since {self.since}" if self.pid else "another process"


class Lock:
    """One process at a time; the operating system frees it when the process ends, be it by ``kill -9``.

    The file stays, it is the lock on it that counts. Child processes do not inherit it.

    Args:
        path: of the file, whose folder exists.
        signed: the holder must be able to write itself down; else a full disk is no obstacle.
    """

    def __init__(self, path: Path, *, signed: bool = False) -> None:
        self.path = path
        self._signed = signed
        self._descriptor = -1

    @property
    def held(self) -> bool:
        """Say whether this object has the lock."""
        return self._descriptor >= 0

    def acquire(self, wait_s: float) -> bool:
        """Take the lock, waiting up to ``wait_s`` for it; return whether it was to be had.

        Raises:
            OSError: the file cannot be opened or locked.
        """
        descriptor = open_private(self.path, os.O_RDWR)
        try:
            until = time.monotonic() + wait_s
            while not _try(descriptor, shared=False):
                if time.monotonic() >= until:
                    os.close(descriptor)
                    return False
                time.sleep(_TRY_EVERY_S)
            with contextlib.nullcontext() if self._signed else contextlib.suppress(OSError):
                _sign(descriptor)
        except OSError:
            os.close(descriptor)
            raise
        self._descriptor = descriptor
        _held.add(self)
        return True

    def release(self) -> None:
        """Give the lock back, if it is held."""
        if not self.held:
            return
        with contextlib.suppress(OSError):
            os.ftruncate(self._descriptor, 0)
        self.abandon()

    def abandon(self) -> None:
        """Close the file without a word: what a child does with the lock of its parent, who keeps it."""
        if self.held:
            _held.discard(self)
            os.close(self._descriptor)
            self._descriptor = -1

    def holder(self) -> Holder | None:
        """Return who has the lock just now, ``None`` where nobody has.

        Raises:
            OSError: the file is there and cannot be looked at.
        """
        try:
            descriptor = os.open(self.path, os.O_RDONLY)
        except FileNotFoundError:
            return None
        try:
            if _try(descriptor, shared=True):
                return None
            os.lseek(descriptor, 0, os.SEEK_SET)
            return _signature(os.read(descriptor, _MOST_BYTES))
        finally:
            os.close(descriptor)


def _sign(descriptor: int) -> None:
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    os.ftruncate(descriptor, 0)
    os.lseek(descriptor, 0, os.SEEK_SET)
    write_all(descriptor, msgspec.json.encode(Holder(os.getpid(), socket.gethostname(), now)) + b"\n")


def _signature(text: bytes) -> Holder:
    try:
        return msgspec.json.decode(text, type=Holder)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Holder()


_held: "weakref.WeakSet[Lock]" = weakref.WeakSet()


def _let_go_in_child() -> None:
    for lock in list(_held):
        lock.abandon()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_let_go_in_child)
