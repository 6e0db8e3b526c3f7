"""Logs of a stated size for the benchmarks; the same seed gives the same bytes. Synthetic."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from msgspec.structs import replace

from shipper.testing import foreign
from shipper.testing.connector import Dice, Flow, legacy, unified
from shipper.testing.evtx_writer import CHUNK_BYTES, FILE_HEADER_BYTES, EventSpec, WrittenLog, write_log
from shipper.testing.evtx_writer.chunk import Chunk, Record
from shipper.testing.evtx_writer.log import prepare, write_chunks
from shipper.testing.evtx_writer.payload import payloads
from shipper.testing.evtx_writer.system import system_values
from shipper.testing.evtx_writer.values import ticks

_BEGIN = datetime(2026, 11, 16, 6, tzinfo=UTC)
_HOSTS = ("ndes01.corp.example", "pki01.corp.example", "pki02.corp.example")
_FLOWS: tuple[Flow, ...] = (
    legacy.issue,
    legacy.issue_without_ca,
    legacy.scep,
    legacy.scep_expired,
    legacy.revoke,
    unified.issue,
    unified.issue_without_ca,
    unified.issue_without_ca,
    unified.issue_denied,
    unified.scep,
    unified.revoke,
)
#: Foreign events differ in so many texts before they repeat with other times and numbers.
_FOREIGN_VARIETY = 4096
_FOREIGN_EVERY_TICKS = 700_000


def write_connector_log(path: Path, *, records: int = 200_000, seed: int = 7) -> WrittenLog:
    """Write a log of nothing but connector events, both generations mixed, about 1,095 bytes a record.

    Args:
        path: the file.
        records: how many.
        seed: of everything random.
    """
    return write_log(path, (event for event, _ in zip(_connector_events(seed), range(records), strict=False)))


def write_mixed_log(
    path: Path, *, size_bytes: int = 1 << 30, connector_chunk_share: float = 0.01, seed: int = 7
) -> WrittenLog:
    """Write a big log in which few chunks hold connector events and all others Security and Sysmon events.

    Args:
        path: the file.
        size_bytes: its size, rounded down to whole chunks.
        connector_chunk_share: share of the chunks that hold connector events, 0..1; they are spread evenly.
        seed: of everything random.
    """
    slots = (size_bytes - FILE_HEADER_BYTES) // CHUNK_BYTES
    return write_chunks(path, _mixed_chunks(slots, connector_chunk_share, seed))


def _mixed_chunks(slots: int, share: float, seed: int) -> Iterator[Chunk]:
    connector = _connector_records(seed)
    others = _foreign_records(seed)
    number = 1
    for slot in range(slots):
        chunk = _full_chunk(connector if _is_connector_slot(slot, share) else others, number)
        number += len(chunk)
        yield chunk


def _is_connector_slot(slot: int, share: float) -> bool:
    return int((slot + 1) * share) > int(slot * share)


def _full_chunk(record: Callable[[int], Record], number: int) -> Chunk:
    """Fill a chunk with records numbered from ``number``; the event that no longer fits is left out."""
    chunk = Chunk()
    while chunk.add(record(number)):
        number += 1
    return chunk


def _connector_events(seed: int) -> Iterator[EventSpec]:
    dice = Dice(seed)
    at = _BEGIN
    while True:
        at += dice.span(0.1, 4)
        flow = dice.pick(_FLOWS)
        yield from flow(_HOSTS[0] if flow.__module__ == legacy.__name__ else dice.pick(_HOSTS[1:]), at, dice)


def _connector_records(seed: int) -> Callable[[int], Record]:
    events = _connector_events(seed)
    return lambda number: prepare(next(events), number)


def _foreign_records(seed: int) -> Callable[[int], Record]:
    """Return a maker of foreign records: the payloads come from a pool, so that a gigabyte takes seconds."""
    dice = Dice(seed)
    makers = (foreign.logon, foreign.process_start)
    specs = [dice.pick(makers)("srv01.corp.example", _BEGIN, dice) for _ in range(_FOREIGN_VARIETY)]
    pool = [(spec, payloads(spec)) for spec in specs]
    begin = ticks(_BEGIN)

    def record(number: int) -> Record:
        spec, nested = dice.pick(pool)
        written = begin + number * _FOREIGN_EVERY_TICKS
        return Record(number, written, system_values(replace(spec, time=written), number, len(nested)), nested)

    return record
