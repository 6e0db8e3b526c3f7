"""An Elasticsearch that may be killed and comes back on the same data and at the same address."""

import socket
from collections.abc import Callable
from pathlib import Path

from shipper.testing.engine import Access, Node
from shipper.testing.engine.certificates import Authority


class Breakable:
    """Starts one node again and again.

    Args:
        start: ``Elasticsearch.start``.
        data_folder: what it keeps while it is away.
        authority: signs its certificate, where it is to be a secured one.
    """

    def __init__(self, start: Callable[..., Node], data_folder: Path, authority: Authority | None = None) -> None:
        self._authority = authority
        self._start = start
        self._data_folder = data_folder
        with socket.create_server(("127.0.0.1", 0)) as listening:
            self.port = int(listening.getsockname()[1])
        self.node = self._started()

    @property
    def access(self) -> Access:
        """How it is reached, before and after."""
        return self.node.access

    def restart(self) -> None:
        """Kill it, as a power cut would, and start it again; returns when it answers."""
        self.node.kill()
        self.node = self._started()

    def restart_as(self, authority: Authority) -> None:
        """Kill it and start it again with a new certificate, which ``authority`` has signed."""
        self._authority = authority
        self.restart()

    def _started(self) -> Node:
        return self._start(
            settings={"http.port": str(self.port)},
            data_folder=self._data_folder,
            heap_mb=512,
            secured=self._authority is not None,
            authority=self._authority,
        )
