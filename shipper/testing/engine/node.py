"""A running node: its process and how it is reached."""

import os
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from shipper.testing.engine.access import Access

STOP_WITHIN_S = 20


class Node:
    """One Elasticsearch process. ``Elasticsearch.start`` makes it; ``with`` stops it.

    Args:
        process: the Java process, leader of its own process group.
        access: how it is reached.
        log_file: what it prints.
    """

    def __init__(self, process: subprocess.Popen[bytes], access: Access, log_file: Path) -> None:
        self._process = process
        self.access = access
        self.log_file = log_file

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"Node({self.access!r}, pid={self._process.pid})"

    @property
    def url(self) -> str:
        """``http://127.0.0.1:PORT``, or ``https`` where the node is secured."""
        return self.access.url

    @property
    def ca_file(self) -> Path | None:
        """PEM file of the authority of a secured node."""
        return self.access.ca_file

    @property
    def username(self) -> str:
        """The superuser of a secured node."""
        return self.access.username

    @property
    def password(self) -> str:
        """The password of that superuser."""
        return self.access.password

    @property
    def is_running(self) -> bool:
        """Whether the process is there; a suspended one is."""
        return self._process.poll() is None

    @property
    def pid(self) -> int:
        """The process id, for measurements."""
        return self._process.pid

    def create_api_key(self, name: str, role_descriptors: Mapping[str, Any] | None = None) -> str:
        """Return a new API key, encoded; see ``Access.create_api_key``."""
        return self.access.create_api_key(name, role_descriptors)

    def stop(self) -> None:
        """End the node in good order, so that its data folder can be started again; does nothing a second time."""
        if self.is_running:
            self.resume()  # a suspended process would never see the signal
            self._signal(signal.SIGTERM)
            try:
                self._process.wait(STOP_WITHIN_S)
            except subprocess.TimeoutExpired:
                self.kill()
        self._close_pipe()

    def kill(self) -> None:
        """End the node at once, as a power cut would; its files stay."""
        if self.is_running:
            self._signal(signal.SIGKILL)
            self._process.wait()
        self._close_pipe()

    def suspend(self) -> None:
        """Freeze the node: connections stay open and nothing answers, as with a long garbage collection."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let a frozen node go on."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        os.killpg(self._process.pid, number)

    def _close_pipe(self) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()
