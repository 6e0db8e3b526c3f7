"""Where slim rows wait for the questions: a temporary SQLite database, so that memory does not grow with the events.

It is nobody's but this process's: no journal, no waiting for the disk, gone with its folder at the end.
"""

import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeAlias

from shipper.errors import ShipperError
from shipper.report.slim import COLUMNS, Slim

Row: TypeAlias = tuple[Any, ...]

_INTEGERS = {
    "time_ms",
    "number",
    "final",
    "unknown_event",
    "unknown_code",
    "weak_id",
    "replaced",
    "missed",
}
_CREATE = ", ".join(
    f"{name} {'INTEGER' if name in _INTEGERS else 'BLOB' if name == 'seen' else 'TEXT'}" for name in COLUMNS
)
_INSERT = f"INSERT INTO event VALUES ({', '.join('?' * len(COLUMNS))})"  # noqa: S608 (names of our own)
#: https://www.sqlite.org/pragma.html: 32 MB of pages in memory, what is beyond in files; nothing is ever recovered.
_PRAGMAS = (
    "journal_mode = OFF",
    "synchronous = OFF",
    "cache_size = -32000",
    "temp_store = FILE",
)
#: A document counts once, whatever the number of copies. Sorting the ids afterwards takes a quarter of the time that
#: a key costs which is kept in order with every row.
_DOUBLES = """\
DELETE FROM event AS later WHERE EXISTS (
    SELECT 1 FROM event AS earlier WHERE earlier.id = later.id AND earlier.rowid < later.rowid)
"""
_REQUESTS = """\
CREATE TABLE request AS
SELECT time_ms, host, schema, code, action, operation, outcome, cause, device, user, template, ca
FROM event WHERE counts_as = 'request' AND final
"""
#: All that is asked of events in general is asked of their counts.
_COUNTS = """\
CREATE TABLE tally AS
SELECT host, channel, schema, code, action, operation, stage, outcome, counts_as, level, final,
    COUNT(*) AS events, MIN(time_ms) AS first_ms, MAX(time_ms) AS last_ms
FROM event GROUP BY host, channel, schema, code, action, operation, stage, outcome, counts_as, level, final
"""


class Answers:
    """Questions to a database that is settled; the file may be asked by several processes at once.

    Args:
        path: of the database.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._base = sqlite3.connect(path, isolation_level=None)
        for pragma in _PRAGMAS:
            self._base.execute(f"PRAGMA {pragma}")

    def all(self, question: str, *values: object) -> list[Row]:
        """Return every row of an answer that is small by its nature: it has a limit, or groups that are few."""
        return self._base.execute(question, values).fetchall()

    def one(self, question: str, *values: object) -> Row:
        """Return the one row of an answer."""
        row: Row = self._base.execute(question, values).fetchone()
        return row

    def each(self, question: str, size: int) -> Iterator[list[Row]]:
        """Yield an answer of any length, ``size`` rows at a time."""
        cursor = self._base.execute(question)
        while rows := cursor.fetchmany(size):
            yield rows


class Store(Answers):
    """Rows in, answers out: first every ``add``, then ``settle``, then questions. A context manager."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="shipper-report-")
        super().__init__(Path(self._folder.name) / "rows.sqlite")
        self._base.execute(f"CREATE TABLE event ({_CREATE})")
        self._base.execute("BEGIN")
        self.doubles = 0
        self.later = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._base.close()
        self._folder.cleanup()

    def add(self, rows: Iterable[Slim]) -> None:
        """Keep rows.

        Raises:
            ShipperError: the temporary folder takes no more.
        """
        with _Explained(self._folder.name):
            self._base.executemany(_INSERT, rows)

    def settle(self, latest_ms: int | None = None) -> None:
        """Drop doubles and what is from the future, and count what the questions build on.

        Args:
            latest_ms: an event after it has a wrong time, and would make all others look old. Where every event is
                after it, the wrong clock is ours, and none is dropped.

        Raises:
            ShipperError: the temporary folder takes no more.
        """
        with _Explained(self._folder.name):
            self._base.execute("CREATE INDEX by_id ON event (id)")
            events, ids = self.one("SELECT COUNT(*), COUNT(DISTINCT id) FROM event")
            self.doubles = events - ids
            if self.doubles:
                self._base.execute(_DOUBLES)
            self._base.execute("CREATE INDEX by_time ON event (time_ms, id)")
            if latest_ms is not None:
                self._drop_later(latest_ms)
            self._base.execute(_REQUESTS)
            self._base.execute(_COUNTS)
            self._base.execute("COMMIT")

    def _drop_later(self, latest_ms: int) -> None:
        (later,) = self.one("SELECT COUNT(*) FROM event WHERE time_ms > ?", latest_ms)
        (earliest_ms,) = self.one("SELECT MIN(time_ms) FROM event")
        if later and earliest_ms <= latest_ms:
            self._base.execute("DELETE FROM event WHERE time_ms > ?", (latest_ms,))
            self.later = later


class _Explained:
    """Turns SQLite's errors into one that says what to do."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def __enter__(self) -> None:
        """Nothing to begin."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, sqlite3.Error):
            hint = "a report needs about 0.7 KB an event there: free some space, or set TMPDIR to another folder"
            raise ShipperError(f"the rows of the report cannot be kept: {error}", where=self._folder, hint=hint)
