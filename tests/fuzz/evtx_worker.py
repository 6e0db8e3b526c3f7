"""Read damaged logs one after the other, from the file to the documents, and hold each to what must be so.

    python tests/fuzz/evtx_worker.py --seed 7 --first 0 --count 1000 --progress FILE [--samples FOLDER] [--keep FOLDER]

Runs in a process of its own, whose memory is limited and whose watchdog ends it where one log takes too long: what the
Rust wheel does to it must not happen to the test. Number ``n`` of a seed is always the same log, so a crash is repeated
with ``--first n --count 1 --keep FOLDER``, which leaves the log there.
"""

import argparse
import faulthandler
import random
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import msgspec

from shipper import catalog
from shipper.channels import parse_channels
from shipper.ecs import EcsSettings, build_documents, build_notices
from shipper.errors import SourceError
from shipper.model import Batch, Document, Event
from shipper.sources.evtx import EvtxSource
from shipper.sources.evtx.chunk import open_chunk
from shipper.testing.connector import Dice, legacy, unified
from shipper.testing.evtx_writer import CHUNK_BYTES, FILE_HEADER_BYTES, EventSpec, build_log, guid, strings
from shipper.testing.evtx_writer.mutate import mutate

NOW_S = 1_795_512_600
BEGIN = datetime(2026, 11, 24, 9, tzinfo=UTC)
#: One log that takes longer hangs.
WATCHDOG_S = 30
MEMORY_BYTES = 1 << 30
#: Of real logs only so many chunks are used: more would be no other.
SAMPLE_CHUNKS = 3
#: A document is an event with some explanation; a chunk may name one long text from each of its records, though.
MOST_DOCUMENT_BYTES = 4 << 20

Decoder = Literal["rust", "reference"]


class Report(msgspec.Struct):
    """What a worker did.

    Attributes:
        inputs: damaged logs read.
        refused: of them, those that were no event logs any more.
        events, problems, documents: what came out.
        violations: what must not be, one sentence each, with the number of the input.
        slowest_s: the longest that one input took.
        peak_mb: resident memory at its peak.
    """

    inputs: int = 0
    refused: int = 0
    events: int = 0
    problems: int = 0
    documents: int = 0
    violations: list[str] = []
    slowest_s: float = 0.0
    peak_mb: int = 0


def main(words: Sequence[str]) -> None:
    """Run the inputs of one range and print the report as JSON."""
    arguments = _arguments(words)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    seeds = _written() + (_samples(arguments.samples) if arguments.samples else [])
    sound = _chunks_as_they_are(seeds)
    report = Report()
    for number in range(arguments.first, arguments.first + arguments.count):
        arguments.progress.write_text(str(number))
        faulthandler.dump_traceback_later(WATCHDOG_S, exit=True)
        chance = random.Random(f"{arguments.seed}:{number}")  # noqa: S311 (repeatable on purpose; nothing secret)
        log = mutate(chance.choice(seeds), chance, seeds)
        begin = time.perf_counter()
        with tempfile.TemporaryDirectory() as folder:
            path = (arguments.keep or Path(folder)) / f"{arguments.seed}-{number}.evtx"
            path.write_bytes(log)
            for violation in _read(path, log, sound, _decoder(number, log), report):
                report.violations.append(f"input {number}: {violation}")
        report.slowest_s = max(report.slowest_s, time.perf_counter() - begin)
        report.inputs += 1
    faulthandler.cancel_dump_traceback_later()
    report.peak_mb = _peak_kb() >> 10
    sys.stdout.buffer.write(msgspec.json.encode(report))


def _peak_kb() -> int:
    """Return the resident memory at its peak; on Linux ``getrusage`` may tell that of the parent before exec."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return next(int(line.split()[1]) for line in status.read_text("ascii").splitlines() if line.startswith("VmHWM:"))


def _arguments(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--first", type=int, required=True)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--progress", type=Path, required=True)
    parser.add_argument("--samples", type=Path)
    parser.add_argument("--keep", type=Path)
    return parser.parse_args(words)


def _written() -> list[bytes]:
    """Return logs of our own: connector events of both generations, every kind of payload, few and full chunks."""
    dice = Dice(7)
    flows = (legacy.issue, legacy.issue_denied, unified.issue, unified.scep, unified.health_retried)
    connector = [event for at in range(20) for flow in flows for event in flow("ndes01.corp.example", BEGIN, dice)]
    named = (("a", "text"), ("b", guid("{01020304-0506-0708-090a-0b0c0d0e0f10}")), ("c", strings("one", "two")))
    others = [
        EventSpec("Other", 2, "System", "pc", BEGIN, ((None, "one"), (None, "two"))),
        EventSpec("Named", 1, "Application", "pc", BEGIN, named, user_sid="S-1-5-18", version=1),
        EventSpec("Long", 3, "Setup", "pc", BEGIN + timedelta(1), ((None, "\N{PILE OF POO}" * 400),)),
    ]
    mixed = [event for pair in zip(connector, others * len(connector), strict=False) for event in pair]
    return [
        build_log(connector[:24], records_per_chunk=8),
        build_log(mixed[:24], records_per_chunk=6, live=True, empty_slots=1),
        build_log(mixed[:32], records_per_chunk=8, wrapped_at=2, first_record=2**32 - 8),
        build_log(mixed[:120]),
    ]


def _samples(folder: Path) -> list[bytes]:
    """Return the beginnings of real logs."""
    size = FILE_HEADER_BYTES + SAMPLE_CHUNKS * CHUNK_BYTES
    logs = []
    for path in sorted(folder.glob("*.evtx")):
        with path.open("rb") as file:
            log = file.read(size)
        if len(log) >= FILE_HEADER_BYTES + CHUNK_BYTES:
            logs.append(log)
    return logs


Texts = tuple[tuple[int, str], ...]


def _chunks_as_they_are(seeds: Sequence[bytes]) -> dict[bytes, Texts]:
    """Return number and texts of each record of every chunk of the seeds, by the chunk's bytes."""
    sound: dict[bytes, Texts] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "seed.evtx")
        for seed in seeds:
            path.write_bytes(seed)
            events = [event for batch in _batches(path, "rust") for event in batch.events if isinstance(event, Event)]
            for slot, chunk in _whole_chunks(seed):
                sound[chunk] = _texts(events, slot)
    return sound


def _texts(events: Sequence[Event], slot: int) -> Texts:
    here = (event for event in events if event.position.chunk == slot)
    return tuple((event.position.record, f"{event.event_id} {event.time} {event.data}") for event in here)


def _whole_chunks(log: bytes) -> Iterator[tuple[int, bytes]]:
    for slot in range((len(log) - FILE_HEADER_BYTES) // CHUNK_BYTES):
        begin = FILE_HEADER_BYTES + slot * CHUNK_BYTES
        yield slot, log[begin : begin + CHUNK_BYTES]


def _decoder(number: int, log: bytes) -> Decoder:
    """Return python-evtx for a few small logs: it is some thousand times slower."""
    small = log.count(b"\x2a\x2a\0\0") < 50
    return "reference" if number % 50 == 0 and small else "rust"


def _batches(path: Path, decoder: Decoder) -> Iterator[Batch]:
    source = EvtxSource((str(path),), parse_channels("all"), decoder=decoder)
    for unit in source.plan():
        yield from source.read(unit)


def _read(path: Path, log: bytes, sound: dict[bytes, Texts], decoder: Decoder, report: Report) -> Iterator[str]:
    """Read one log, add to the report, and yield what must not be."""
    try:
        batches = list(_batches(path, decoder))
    except SourceError:
        report.refused += 1
        if log.startswith(b"ElfFile\0") and len(log) >= FILE_HEADER_BYTES:
            yield "a log with the signature of one was refused"
        return
    documents = [document for batch in batches for document in _documents(batch)]
    events = [event for batch in batches for event in batch.events if isinstance(event, Event)]
    report.events += len(events)
    report.problems += sum(len(batch.problems) for batch in batches)
    report.documents += len(documents)
    yield from _unfit(documents)
    yield from _unaccounted(path, log, batches, len(events))
    if decoder == "rust":
        for slot, chunk in _whole_chunks(log):
            if chunk in sound and _texts(events, slot) != sound[chunk]:
                yield f"chunk {slot} is as it was, and other events came out of it"


def _documents(batch: Batch) -> list[Document]:
    settings = EcsSettings()
    events = build_documents(batch.events, catalog.load(), settings, NOW_S)
    return events + build_notices(batch.notices, "", settings, NOW_S)


def _unfit(documents: Sequence[Document]) -> Iterator[str]:
    for document in documents:
        if not document.body.startswith(b'{"event":{"ingested":"') or b"\n" in document.body:
            yield f"no document came out of record {document.position.record}"
        if len(document.body) > MOST_DOCUMENT_BYTES:
            yield f"{len(document.body)} bytes came out of record {document.position.record}"
        msgspec.json.decode(document.body)


def _unaccounted(path: Path, log: bytes, batches: Sequence[Batch], events: int) -> Iterator[str]:
    """Hold the source to its word: each record that the walker finds is an event, or has a problem of its own."""
    walked: Counter[str] = Counter()
    records = 0
    for begin in range(FILE_HEADER_BYTES, len(log), CHUNK_BYTES):
        slot = (begin - FILE_HEADER_BYTES) // CHUNK_BYTES
        chunk = open_chunk(str(path), slot, bytearray(log[begin : begin + CHUNK_BYTES]))
        walked.update(f"{problem.position} {problem.reason}" for problem in chunk.problems())
        records += len(chunk.walk.frames)
    said = Counter(f"{item.position} {item.reason}" for batch in batches for item in batch.problems)
    rubble = sum(count for text, count in (said - walked).items() if text.endswith("neither a chunk nor a record"))
    own = (said - walked).total() - rubble
    left_out = sum(batch.filtered + batch.skipped for batch in batches)
    if events + own + left_out != records:
        yield f"{records} records, but {events} events, {own} problems, {left_out} left out"
    if walked - said:
        yield f"the walker's problems are not all told: {(walked - said).total()} are missing"


if __name__ == "__main__":
    main(sys.argv[1:])
