"""Where both sides are entered and compared: a private database on disk that is gone when it is closed.

A million events on each side do not fit into little memory, but they sort well on disk. SQLite keeps an unnamed
database in a file that nobody else can open (https://www.sqlite.org/inmemorydb.html, "Temporary Databases").
"""

import os
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from enum import IntEnum
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from types import TracebackType
from typing import Self

import msgspec

from shipper.errors import StateError
from shipper.model import Position

#: What SQLite keeps in memory before it writes.
CACHE_KB = 64 << 10
_MOST_CACHED = 4096
_LARGEST = 2**63 - 1

_TABLES = """
CREATE TABLE party (number INTEGER PRIMARY KEY, folded TEXT, computer TEXT, channel TEXT, UNIQUE (computer, folded));
CREATE TABLE name (number INTEGER PRIMARY KEY, text TEXT UNIQUE);
CREATE TABLE sighting (id TEXT, side INTEGER, party INTEGER, record INTEGER, time_us INTEGER, name INTEGER,
                       at INTEGER, chunk INTEGER, offset INTEGER);
"""
#: Beside MIN(), SQLite takes the plain columns from the row that has the minimum, so that the source's word goes before
#: what Elasticsearch says: https://www.sqlite.org/lang_select.html#bareagg
_EVENTS = """
CREATE TABLE event AS
SELECT MIN(side) AS side, rowid AS sighting, party, record, time_us, SUM(side = 0) AS at_source,
       SUM(side = 1) AS stored, SUM(side = 2) AS dead
FROM sighting GROUP BY id
"""
_IN_ORDER = "SELECT party, record, time_us, at_source, stored, dead FROM event ORDER BY party, time_us, record"
#: Inputs of one party alone, whose records all have the number that their computer counted.
_OWN_LOGS = """
SELECT MIN(s.party), n.text FROM sighting s JOIN name n ON n.number = s.name
WHERE s.side = 0 GROUP BY s.name HAVING MIN(s.party) = MAX(s.party) AND MIN(s.record IS s.at) = 1
"""
_MISSING = """
SELECT s.id, p.computer, p.channel, s.record, s.time_us, n.text, s.at, s.offset, s.chunk
FROM event e JOIN sighting s ON s.rowid = e.sighting JOIN party p ON p.number = s.party JOIN name n ON n.number = s.name
WHERE e.at_source > 0 AND e.stored = 0 AND e.dead = 0 ORDER BY s.rowid
"""
_DOUBLED = """
SELECT s.id, p.computer, p.channel, s.record, s.time_us, n.text
FROM sighting s JOIN party p ON p.number = s.party JOIN name n ON n.number = s.name
WHERE s.side = 1 AND s.id IN (SELECT s.id FROM event e JOIN sighting s ON s.rowid = e.sighting WHERE e.stored > 1)
ORDER BY s.id, n.text
"""


class Which(IntEnum):
    """Who says that an event exists; of several the first is believed."""

    SOURCE = 0
    ELASTICSEARCH = 1
    DEAD_LETTER = 2


class Sighting(msgspec.Struct, frozen=True, gc=False):
    """An event, as one side has it.

    Attributes:
        id: its ``_id``.
        computer: ``host.name``.
        channel: System/Channel.
        record: the record id; ``None`` where there is none.
        time_us: microseconds since 1970.
        position: where it was read; of a document in Elasticsearch ``source`` is its backing index.
    """

    id: str
    computer: str
    channel: str
    record: int | None
    time_us: int
    position: Position


class Standing(msgspec.Struct, frozen=True, gc=False):
    """One event of the balance: how often each side has it.

    Attributes:
        party: number of computer and channel.
        record: the record id; ``None`` where there is none.
        time_us: microseconds since 1970.
        at_source, stored, dead: how often it stands in the inputs, in Elasticsearch, among the dead letters.
    """

    party: int
    record: int | None
    time_us: int
    at_source: int
    stored: int
    dead: int


class Missing(msgspec.Struct, frozen=True):
    """An event that is at the source and nowhere else."""

    id: str
    computer: str
    channel: str
    record_id: int | None
    time_us: int
    position: Position


class Duplicate(msgspec.Struct, frozen=True):
    """An event that Elasticsearch holds more than once, with the backing index of each copy."""

    id: str
    computer: str
    channel: str
    record_id: int | None
    time_us: int
    indices: tuple[str, ...]


class Ledger:
    """The entries of one audit; a context manager. Holds names, numbers and ids of events, not what they say.

    Args:
        cache_kb: how much of it is kept in memory before it goes to the disk.
    """

    def __init__(self, cache_kb: int = CACHE_KB) -> None:
        self._database = sqlite3.connect("", isolation_level=None)
        for setting in (f"cache_size = -{cache_kb}", "journal_mode = OFF", "temp_store = FILE"):
            self._database.execute(f"PRAGMA {setting}")
        self._database.executescript(f"BEGIN; {_TABLES}")
        self._party = lru_cache(_MOST_CACHED)(self._number_of_party)
        self._name = lru_cache(_MOST_CACHED)(self._number_of_name)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()

    def enter(self, which: Which, sightings: Iterable[Sighting]) -> None:
        """Enter what one side holds.

        Raises:
            StateError: the disk has no room for it.
        """
        side = int(which)
        rows = (
            (
                one.id,
                side,
                self._party(one.computer, one.channel),
                one.record if one.record is None or one.record <= _LARGEST else None,
                one.time_us,
                self._name(one.position.source),
                one.position.record,
                one.position.chunk,
                one.position.offset,
            )
            for one in sightings
        )
        with _on_disk():
            self._database.executemany("INSERT INTO sighting VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)

    def close_entries(self) -> None:
        """Bring the sides together; nothing is entered after it.

        Raises:
            StateError: the disk has no room for it.
        """
        with _on_disk():
            self._database.execute(_EVENTS)

    def parties(self) -> dict[int, tuple[str, str]]:
        """Return (computer, channel) by number."""
        rows = self._database.execute("SELECT number, computer, channel FROM party")
        return {number: (computer, channel) for number, computer, channel in rows}

    def own_logs(self) -> dict[int, list[str]]:
        """Return, by number of computer and channel, the inputs that hold its events alone, under their record ids."""
        logs: dict[int, list[str]] = {}
        with _on_disk():
            for party, log in self._database.execute(_OWN_LOGS):
                logs.setdefault(party, []).append(log)
        return logs

    def standings(self) -> Iterator[Standing]:
        """Yield every event once: by computer and channel, each in the order of time."""
        with _on_disk():
            for row in self._database.execute(_IN_ORDER):
                yield Standing(*row)

    def missing(self) -> Iterator[Missing]:
        """Yield the events that are at the source and nowhere else, in the order of the source."""
        with _on_disk():
            for id_, computer, channel, record, time_us, *place in self._database.execute(_MISSING):
                yield Missing(id_, computer, channel, record, time_us, Position(*place))

    def duplicates(self) -> Iterator[Duplicate]:
        """Yield the events that Elasticsearch holds more than once, in the order of their ids."""
        with _on_disk():
            for _, copies in groupby(self._database.execute(_DOUBLED), key=itemgetter(0)):
                rows = list(copies)
                id_, computer, channel, record, time_us, _ = rows[0]
                yield Duplicate(id_, computer, channel, record, time_us, tuple(row[-1] for row in rows))

    def _number_of_party(self, computer: str, channel: str) -> int:
        key = (computer, channel.casefold())  # Windows does not tell case apart
        self._database.execute(
            "INSERT OR IGNORE INTO party (computer, folded, channel) VALUES (?, ?, ?)", (*key, channel)
        )
        return self._found("SELECT number FROM party WHERE computer = ? AND folded = ?", *key)

    def _number_of_name(self, text: str) -> int:
        self._database.execute("INSERT OR IGNORE INTO name (text) VALUES (?)", (text,))
        return self._found("SELECT number FROM name WHERE text = ?", text)

    def _found(self, query: str, *values: str) -> int:
        number: int = self._database.execute(query, values).fetchone()[0]
        return number


@contextmanager
def _on_disk() -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        raise StateError(
            f"the audit cannot keep its ledger: {error}",
            where=_folder(),
            hint="it takes about 300 bytes an event; TMPDIR names another folder",
        ) from None


def _folder() -> str:
    """Return the folder that SQLite keeps it in: https://www.sqlite.org/tempfiles.html, section 5."""
    if os.name == "nt":
        return tempfile.gettempdir()
    named = (os.environ.get(name) for name in ("SQLITE_TMPDIR", "TMPDIR"))
    return next(filter(None, named), "/var/tmp")  # noqa: S108 (SQLite's choice)
