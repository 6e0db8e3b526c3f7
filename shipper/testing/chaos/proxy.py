"""A TCP proxy that breaks lines: resets, silence, and ends where more was to come."""

import select
import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from types import TracebackType
from typing import Literal, Self

import msgspec

_CHUNK_BYTES = 1 << 16
_POLL_S = 0.1
_RESET_AT_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER on, for 0 s: a close sends RST (tcp(7), socket(7))


class Fault(msgspec.Struct, frozen=True):
    """What becomes of one connection.

    Attributes:
        kind: ``none`` lets it live. ``reset`` ends it with RST on both sides, ``half-close`` ends the way of the answer
            alone, as if it were complete, ``stall`` goes silent for ``stall_s`` and then ends it.
        way: whose bytes are counted.
        after_bytes: so many pass before it strikes.
        stall_s: how long it is silent.
    """

    kind: Literal["none", "reset", "stall", "half-close"] = "none"
    way: Literal["request", "answer"] = "request"
    after_bytes: int = 0
    stall_s: float = 0.0


class Proxy:
    """Listens on a free port of 127.0.0.1 and hands on to another. A context manager.

    Args:
        port: of the server behind it, on 127.0.0.1.
        faults: one for each connection, in the order in which they come; afterwards all live.
    """

    def __init__(self, port: int, faults: Iterable[Fault] = ()) -> None:
        self._port = port
        self._faults = iter(faults)
        self._ending = threading.Event()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._listening.settimeout(_POLL_S)
        self._threads: list[threading.Thread] = []
        #: How many connections each kind of fault has struck.
        self.struck: Counter[str] = Counter()

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._ending.set()
        while self._threads:
            self._threads.pop().join()
        self._listening.close()

    @property
    def url(self) -> str:
        """Where it listens: ``http://127.0.0.1:PORT``."""
        return f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    def _start(self, work: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._ending.is_set():
            try:
                client, _ = self._listening.accept()
            except TimeoutError:
                continue
            self._start(self._serve, client, next(self._faults, Fault()))

    def _serve(self, client: socket.socket, fault: Fault) -> None:
        try:
            server = socket.create_connection(("127.0.0.1", self._port))
        except OSError:
            client.close()
            return
        with client, server, suppress(OSError):  # one of the two has gone: so does the other, as on a real line
            self._hand_on(client, server, fault)

    def _hand_on(self, client: socket.socket, server: socket.socket, fault: Fault) -> None:
        """Hand bytes on both ways until one side ends or the fault strikes."""
        left_bytes = fault.after_bytes
        while not self._ending.is_set():
            for source in select.select((client, server), (), (), _POLL_S)[0]:
                way = "request" if source is client else "answer"
                data = source.recv(_CHUNK_BYTES)
                if not data:
                    return
                counts = fault.kind != "none" and way == fault.way
                (server if source is client else client).sendall(data[:left_bytes] if counts else data)
                left_bytes -= len(data) if counts else 0
                if counts and left_bytes <= 0:
                    self._strike(client, server, fault)
                    return

    def _strike(self, client: socket.socket, server: socket.socket, fault: Fault) -> None:
        self.struck[fault.kind] += 1
        if fault.kind == "reset":
            for side in (client, server):
                side.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_AT_CLOSE)
        elif fault.kind == "half-close":
            client.shutdown(socket.SHUT_WR)
            self._ending.wait(fault.stall_s)
        else:
            self._ending.wait(fault.stall_s)
