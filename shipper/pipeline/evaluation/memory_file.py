"""What an evaluation remembers between runs, in one file that is replaced at one moment."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from shipper.alerts import Memory, decode_memory, encode_memory
from shipper.alerts.memory import UnusableMemoryError
from shipper.durable import explained, write_whole
from shipper.errors import StateError
from shipper.model import Cursor
from shipper.pipeline.alerting import Alerting
from shipper.pipeline.evaluation.streams import Place, Streams


class MemoryFile:
    """How far data streams have been read, what rules know, and which alerts wait; a ``Keeper``.

    Args:
        path: of the file; ``None`` where nothing is remembered.

    Attributes:
        known: what an earlier run has left.
        alerting, streams: what is to be remembered; set once they are open.

    Raises:
        StateError: the file is damaged, or cannot be read.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self.known = self._load()
        self.alerting: Alerting | None = None
        self.streams: Streams | None = None

    def place(self, since_ms: int) -> Place:
        """Return where data streams are to be read on; from a time on where nothing is remembered."""
        return msgspec.msgpack.decode(self.known.position, type=Place) if self.known.position else Place(since_ms)

    def keep(self, cursors: Sequence[Cursor], output_bytes: int) -> None:
        """Make durable what is known just now."""
        del cursors, output_bytes  # a data stream has a place instead
        if self._path is None or self.alerting is None:
            return
        position = msgspec.msgpack.encode(self.streams.place) if self.streams is not None else b""
        memory = self.alerting.memory(position)
        if not position:  # files are read from their beginning each time, and rules begin with them
            memory = msgspec.structs.replace(memory, evaluator=b"")
        with explained(self._path, "what rules know cannot be written"):
            write_whole(self._path, encode_memory(memory))

    def _load(self) -> Memory:
        if self._path is None:
            return Memory()
        try:
            with explained(self._path, "cannot be read"):
                content = self._path.read_bytes() if self._path.exists() else b""
            return decode_memory(content) if content else Memory()
        except UnusableMemoryError as error:
            hint = "move it away: rules then begin anew, and alerts that waited are not sent"
            raise StateError(f"what rules know cannot be used: {error}", where=str(self._path), hint=hint) from None
