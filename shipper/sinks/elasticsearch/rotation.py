"""Keys, passwords and authorities that are replaced while they are in use, without a restart.

The files that they were read from are looked at again, at most every second, and at once when the server refuses the
credentials or its certificate is not trusted. A new file that is broken leaves what was read before in use.
"""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Event, Lock
from typing import TYPE_CHECKING, Literal, TypeAlias

import msgspec

from shipper.errors import ConfigError, ShipperError, SinkError
from shipper.sinks.elasticsearch.connection import Connection

if TYPE_CHECKING:
    from elastic_transport import Transport

#: When a file was last changed (ns), which it is (inode), its size; ``None`` where it cannot be looked at.
Stamp: TypeAlias = tuple[int, int, int] | None
#: What was refused: a 401, a 403, or the server's certificate, by us.
Refusal = Literal["credentials", "privileges", "certificate"]

_LOOK_EVERY_S = 1.0
#: What was good before and is refused now has been replaced, and the new one is on its way: so long it is waited for.
REPLACED_WITHIN_S = 10.0
_POLL_S = 0.2
#: Between two attempts with the same credentials.
_AGAIN_S = 1.0
_KEYS_OF: dict[Refusal, tuple[str, ...]] = {
    "credentials": ("api_key_file", "password_file"),
    "privileges": (),
    "certificate": ("ca_file",),
}
_WHAT: dict[Refusal, str] = {
    "credentials": "the credentials that worked until now are refused (401)",
    "privileges": "the privileges are missing (403)",
    "certificate": "the server has another certificate, which is not trusted",
}


class Line(msgspec.Struct, frozen=True, eq=False):
    """An open line to a server.

    Attributes:
        transport: what requests go through.
        connection: what it was made of.
        stamps: those of its files, taken before they were read.
    """

    transport: "Transport"
    connection: Connection
    stamps: dict[str, Stamp]

    def has(self, connection: Connection, authority: Stamp) -> bool:
        """Say whether it was made of these secrets and of this file of authorities."""
        ours = self.connection
        secrets = (ours.api_key, ours.password) == (connection.api_key, connection.password)
        return secrets and self.stamps.get("ca_file") == authority


class Lines:
    """The line to a server, and a new one when what it was made of has been replaced; for several threads at once.

    Args:
        connection: what it is made of.
        tell: told once of each replacement, whether it is used, and of a wait for one.
        within_s: how long a refusal of what was good before waits for a replacement.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        connection: Connection,
        tell: Callable[[str], None],
        *,
        within_s: float = REPLACED_WITHIN_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._connection = connection
        self._tell = tell
        self._within_s = within_s
        self.clock = clock
        self._lock = Lock()
        self._interrupted = Event()
        self._line: Line | None = None
        self._good: Connection | None = None
        self._seen: dict[str, Stamp] = {}
        self._looked_s = 0.0
        self._told: set[str] = set()

    def current(self) -> Line:
        """Return the line to use, opened where there is none.

        Raises:
            ConfigError: the file of authorities holds none.
            SinkError: the pinned certificate cannot be asked for.
        """
        with self._lock:
            if self._line is None:
                self._seen = stamps(self._connection)
                self._line = _opened(self._connection)
                self._looked_s = self.clock()
            elif self.clock() - self._looked_s >= _LOOK_EVERY_S:
                self._looked_s = self.clock()
                if stamps(self._connection) != self._seen:
                    self._replace(())
            return self._line

    def worked(self, line: Line) -> None:
        """Note that what ``line`` was made of is good."""
        self._good = line.connection

    def instead(self, tried: Sequence[Line], refusal: Refusal, since_s: float) -> Line | None:
        """Return the line to try next: made of something else than those that were refused, or the last once more.

        What worked before is tried once more for a while: an Elasticsearch that has just been started again refuses
        every key until it can read its own.

        Args:
            tried: those that were refused, at least one.
            refusal: why the last one was.
            since_s: when the request was made, by ``clock``.

        Returns:
            ``None`` where there is none, and waiting is of no use any more.
        """
        keys = set(_KEYS_OF[refusal]).intersection(self._connection.files)
        may_wait = self._good is not None and (bool(keys) or refusal == "credentials")
        again_at_s = self.clock() + _AGAIN_S
        while True:
            with self._lock:
                other = self._other(tried, refusal)
            if other is not None or not may_wait:
                return other
            files = ", ".join(self._connection.files[key] for key in sorted(keys))
            self._say(f"{_WHAT[refusal]}; waiting up to {self._within_s:g} s for {f'a new {files}' if files else 'it'}")
            if self.clock() >= since_s + self._within_s or self._interrupted.wait(_POLL_S):
                return None
            if refusal == "credentials" and self.clock() >= again_at_s:
                return tried[-1]

    def interrupt(self) -> None:
        """End every wait, now and for good."""
        self._interrupted.set()

    def close(self) -> None:
        """Close the line; ``current`` opens it again."""
        with self._lock:
            if self._line is not None:
                self._line.transport.close()
                self._line = None

    def _other(self, tried: Sequence[Line], refusal: Refusal) -> Line | None:
        line = self._line
        if line is None or line not in tried:
            return line  # another thread has found it
        self._replace(tried)
        if self._line is not line:
            return self._line
        good = self._good
        # A key that somebody took back does no harm when it is shown once more; an authority that somebody took back
        # may be in the hands of another. So there is no way back to an older file of authorities.
        if refusal != "credentials" or good is None:
            return None
        if any(one.has(good, one.stamps.get("ca_file")) for one in tried):
            return None
        try:
            self._line = _opened(good)
        except ShipperError:
            return None
        self._say("the new credentials are refused (401); those before them are used on")
        return self._line

    def _replace(self, tried: Sequence[Line]) -> None:
        """Open a line of what the files hold now, if that is new; else, or where they are broken, leave the one in use.

        Args:
            tried: lines that were refused: one like them is nothing new.
        """
        line, found = self._line, stamps(self._connection)
        changed = [key for key, stamp in found.items() if stamp != self._seen.get(key)]
        try:
            fresh = self._connection.reread()
            if line is not None and any(one.has(fresh, found.get("ca_file")) for one in (line, *tried)):
                self._seen = found
                return
            self._line = _opened(fresh)
        except ConfigError as error:
            self._seen = found
            self._say(f"{error}; what was read before is used on")
        except SinkError:
            return  # the pinned certificate cannot be asked for just now: the next look tries again
        else:
            self._seen = found
            self._told.clear()
            names = ", ".join(f"elasticsearch.{key}: {self._connection.files[key]}" for key in changed)
            self._say(f"{names or 'the file'}: replaced, and used from now on")

    def _say(self, text: str) -> None:
        if text not in self._told:
            self._told.add(text)
            self._tell(text)


def stamps(connection: Connection) -> dict[str, Stamp]:
    """Return the stamp of each file that ``connection`` is made of, by its key."""
    return {key: _stamp(Path(file)) for key, file in connection.files.items()}


def _stamp(file: Path) -> Stamp:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino, found.st_size


def _opened(connection: Connection) -> Line:
    """Open a line; the one before ends its requests, and closes with the last of them (urllib3 sees to it)."""
    from shipper.sinks.elasticsearch.line import open_line

    found = stamps(connection)
    return Line(open_line(connection), connection, found)
