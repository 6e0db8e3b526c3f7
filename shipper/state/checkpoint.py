"""How far every log has been delivered to one sink, kept so that neither a crash nor a loss of power costs an event."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path

import msgspec

from shipper.durable import explained, sync_folder, write_whole
from shipper.errors import StateError
from shipper.model import Cursor
from shipper.state.folder import StateFolder
from shipper.state.stored import Log, Stored, encode_stored, read_stored

#: So many logs are remembered a target; beyond, the ones that have not moved for longest are forgotten.
MOST_LOGS = 10_000

_READABLE = 40


class Checkpoint(msgspec.Struct, frozen=True):
    """What a run begins with, and leaves behind.

    Attributes:
        cursors: how far each log is final.
        output_bytes: how much of the sink's file is delivered; -1 where the sink is none.
        alerts: name of the file that holds what rules know at exactly these cursors, and the alerts that wait; empty
            where no rules are looked at. Saved empty, it leaves the name that was saved before.
        rules_behind: events were delivered since then that no rule has looked at: of that file, only the alerts that
            wait are of use. Follows from what is saved.
    """

    cursors: tuple[Cursor, ...] = ()
    output_bytes: int = -1
    alerts: str = ""
    rules_behind: bool = False


class CheckpointFile:
    """The checkpoint of one target in a state folder.

    Logs that a run does not read keep the cursor they have: what is saved adds to what is there.

    Args:
        folder: open; for writing, too, where something is to be saved.
        target: the sink, as it calls itself; whatever makes two sinks different must be in it.
        now: the time of day.
        most: so many logs are remembered.
    """

    def __init__(
        self,
        folder: StateFolder,
        target: str,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        most: int = MOST_LOGS,
    ) -> None:
        self.path = folder.path / file_name(target)
        self.folder = folder
        self.target = target
        self._now = now
        self._most = most
        self._stored: Stored | None = None
        self._logs: dict[str, Log] | None = None
        self._dropped: dict[str, Cursor] = {}

    def load(self) -> Checkpoint | None:
        """Return what was saved last, ``None`` where nothing was.

        Raises:
            StateError: it cannot be read, is damaged, or not ours; the hint says how to begin anew.
        """
        stored = read_stored(self.path)
        if stored is not None and stored.target != self.target:
            raise StateError(
                f"the checkpoint is for another sink: {stored.target}",
                where=str(self.path),
                hint="it was copied or renamed: put it back, or take it away",
            )
        self._stored = stored
        self._logs = {log.cursor.source: log for log in stored.logs} if stored is not None else {}
        if stored is None:
            return None
        cursors = tuple(log.cursor for log in stored.logs)
        return Checkpoint(cursors, stored.output_bytes, stored.alerts, stored.rules_behind)

    def save(self, checkpoint: Checkpoint) -> None:
        """Make ``checkpoint`` durable; one that says nothing new costs nothing.

        Raises:
            StateError: it cannot be written, or the folder is not open for writing; what was saved before stands.
        """
        before = self._known()
        logs = dict(before)
        time = _text(self._now())
        for cursor in checkpoint.cursors:
            known = before.get(cursor.source)
            unmoved = known.cursor if known is not None else self._dropped.get(cursor.source)
            if cursor != unmoved:
                logs.pop(cursor.source, None)
                logs[cursor.source] = Log(cursor, time)
        last = self._stored or Stored(self.target, time)
        moved = logs != before or checkpoint.output_bytes != last.output_bytes
        behind = not checkpoint.alerts and bool(last.alerts) and (moved or last.rules_behind)
        rest = (checkpoint.output_bytes, checkpoint.alerts or last.alerts, behind)
        if self._stored is not None and not moved and (last.alerts, last.rules_behind) == rest[1:]:
            return
        self._drop_oldest(logs, {cursor.source for cursor in checkpoint.cursors})
        self._write(Stored(self.target, time, tuple(logs.values()), rest[0], alerts=rest[1], rules_behind=rest[2]))

    def forget(self, source: str) -> bool:
        """Forget one log, durably; return whether it was known.

        Raises:
            StateError: as for ``save``.
        """
        logs = dict(self._known())
        if logs.pop(source, None) is None:
            return False
        last = self._stored or Stored(self.target, "")
        self._write(msgspec.structs.replace(last, updated=_text(self._now()), logs=tuple(logs.values())))
        return True

    def set_aside(self) -> Path:
        """Rename the file, whatever it holds, so that the next run begins anew; return its new name.

        Raises:
            StateError: there is none, it cannot be renamed, or the folder is not open for writing.
        """
        self._require_lock()
        stamp = self._now().astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
        aside = self.path.with_name(f"{self.path.name}.broken-{stamp}")
        number = 1
        while aside.exists():
            number += 1
            aside = self.path.with_name(f"{self.path.name}.broken-{stamp}-{number}")
        with explained(self.path, "cannot be set aside"):
            self.path.rename(aside)
            sync_folder(self.path.parent)
        self._stored, self._logs = None, {}
        return aside

    def _known(self) -> dict[str, Log]:
        if self._logs is None:
            self.load()
        return self._logs or {}

    def _drop_oldest(self, logs: dict[str, Log], current: set[str]) -> None:
        """Drop what is too much: logs that this run does not read first, among equals the longest untouched.

        They are not taken up again before they move, else each would push another out at every turn.
        """
        surplus = len(logs) - self._most
        if surplus > 0:
            for source in sorted(logs, key=current.__contains__)[:surplus]:
                self._dropped[source] = logs.pop(source).cursor

    def _write(self, stored: Stored) -> None:
        self._require_lock()
        with explained(self.path, "the checkpoint cannot be written"):
            write_whole(self.path, encode_stored(stored))
        self._stored, self._logs = stored, {log.cursor.source: log for log in stored.logs}

    def _require_lock(self) -> None:
        if not self.folder.writable:
            raise StateError(
                "the state folder is not open for writing", where=str(self.folder.path), hint="open it with its lock"
            )


def file_name(target: str, kind: str = "checkpoint") -> str:
    """Return the file's name for a target: readable as far as a name may be, and different for each."""
    readable = re.sub(r"[^a-z0-9.]+", "-", target.lower()).strip("-.")[:_READABLE].strip("-.")
    digest = blake2b(target.encode(errors="surrogatepass"), digest_size=4).hexdigest()
    return "-".join(filter(None, (kind, readable, digest))) + ".json"


def _text(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
