"""Documents of files, as ``ship`` writes them, in the order of their time whatever their order in the files."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import islice

import msgspec

from shipper.rules.model import Seen
from shipper.sources.stream.blocks import open_input, read_blocks

#: No document is longer; what is, is no document.
_MOST_LINE_BYTES = 16 << 20
_BATCH = 1000
_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Seen)


def read_lines(path: str) -> Iterator[bytes | None]:
    """Yield the lines of a file, or of standard input, decompressed; ``None`` for what is damaged or too long.

    Raises:
        SourceError: it cannot be read.
    """
    rest, too_long = b"", False
    for block in read_blocks(open_input(path, 0), path):
        first, *others = block.text.split(b"\n")
        rest += first
        for line in others:
            yield None if too_long else rest
            rest, too_long = line, False
        if len(rest) > _MOST_LINE_BYTES:
            rest, too_long = b"", True
        if block.damage:
            yield None
    if rest or too_long:
        yield None if too_long else rest


def in_order(seen: Iterable[Seen]) -> Iterator[list[Seen]]:
    """Yield documents sorted by time, then id, in batches; each id once.

    Logs of several hosts stand one after the other in a file, days apart. They are sorted in a database that SQLite
    keeps in memory while it is small and in a file without a name otherwise: memory stays flat.

    Source: https://www.sqlite.org/inmemorydb.html#temp_db
    """
    with closing(sqlite3.connect("")) as database:
        database.execute(
            "CREATE TABLE seen (time_ms INTEGER, id TEXT, body BLOB, PRIMARY KEY (time_ms, id)) WITHOUT ROWID"
        )
        database.executemany(
            "INSERT OR IGNORE INTO seen VALUES (?, ?, ?)",
            ((one.time_ms, one.id, _encoder.encode(one)) for one in seen),
        )
        rows = database.execute("SELECT body FROM seen ORDER BY time_ms, id")
        while batch := [_decoder.decode(body) for (body,) in islice(rows, _BATCH)]:
            yield batch
