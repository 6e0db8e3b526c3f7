"""Many computers forward into one log: their record numbers are interleaved, late, out of order, and start again."""

import random
import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from shipper.testing.chaos import Trial, event_ids, indexed, wait_until_searchable
from shipper.testing.connector.events import legacy_event
from shipper.testing.evtx_writer import EventSpec, GrowingLog, write_log

COMPUTERS = 50
BEGIN = datetime(2026, 11, 16, 6, tzinfo=UTC)
#: A computer forwards at most so many events at once, and holds a batch back with this chance.
BATCH, LATE = 12, 0.2
#: Two events of a batch change places with this chance.
SWAPPED = 0.1
#: While the collector writes; a log that takes so long to come about is read in many pieces.
WRITES_FOR_S = 6.0
PIECE = 50
#: Small requests, one at a time: a run that can be killed in its midst.
SLOW = {"SHIPPER_BATCH_DOCS": "20", "SHIPPER_IN_FLIGHT": "1", "SHIPPER_CHECKPOINT_INTERVAL_S": "0"}


@pytest.fixture
def forwarded(chance: random.Random, long_form: bool) -> list[EventSpec]:
    """Return events in the order in which a collector gets them."""
    return list(arrivals(chance, 2000 if long_form else 200))


@pytest.fixture
def ids(forwarded: Sequence[EventSpec]) -> list[str]:
    """Return the ``_id`` of each event: all differ, or the fixture proves nothing."""
    made = event_ids(forwarded)
    assert len(set(made)) == len(forwarded)
    return made


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return the path of the log."""
    return tmp_path / "ForwardedEvents.evtx"


def test_what_computers_forward_while_the_log_is_followed_arrives_once(
    trial: Trial, path: Path, forwarded: Sequence[EventSpec], ids: list[str], chance: random.Random
) -> None:
    runs = 1
    with GrowingLog(path) as growing:
        collector = threading.Thread(target=collect, args=(growing, forwarded))
        collector.start()
        while collector.is_alive():
            with trial.start(path, "--follow") as shipper:
                shipper.wait_at_most(chance.uniform(0.8, 2.5))
                assert shipper.kill()
            runs += 1
        collector.join()
        with trial.start(path, "--follow") as shipper:
            wait_until_searchable(trial.access, trial.data_stream, ids[-1], shipper)
            ended = shipper.stopped()
    found = trial.balance(ids)
    trial.report(f"{COMPUTERS} computers forward, follower killed -9", found, runs=runs)
    assert ended.code == 0, ended.said
    assert found.is_even
    assert found.notices == 0


def test_what_computers_have_forwarded_arrives_once_however_often_the_shipper_is_killed(
    trial: Trial, path: Path, forwarded: Sequence[EventSpec], ids: list[str], long_form: bool
) -> None:
    write_log(path, forwarded)
    kills = 10 if long_form else 2
    for kill in range(kills):
        before = len(ids) * kill // (kills + 1)
        with trial.start(path, environment=SLOW) as shipper:
            trial.wait_until_indexed(before + 1, shipper)
            assert shipper.kill()
    between = indexed(trial.access, trial.data_stream)
    ended = trial.ship(path)
    found = trial.balance(ids)
    trial.report(f"{COMPUTERS} computers have forwarded, killed -9", found, runs=kills + 1)
    assert ended.code == 0, ended.said
    assert 0 < between < len(ids)
    assert found.is_even


def collect(growing: GrowingLog, events: Sequence[EventSpec]) -> None:
    """Write events into a log piece by piece."""
    pause_s = WRITES_FOR_S / (len(events) / PIECE)
    pauses = threading.Event()
    for begin in range(0, len(events), PIECE):
        growing.append(events[begin : begin + PIECE])
        pauses.wait(pause_s)


def arrivals(chance: random.Random, events: int) -> Iterator[EventSpec]:
    """Yield so many events of each computer as a collector gets them: batch by batch, some late, none in good order."""
    waiting = {computer: list(numbered(computer, events)) for computer in range(COMPUTERS)}
    late: list[list[EventSpec]] = []
    while waiting:
        computer = chance.choice(list(waiting))
        size = chance.randint(1, BATCH)
        batch, waiting[computer] = waiting[computer][:size], waiting[computer][size:]
        if not waiting[computer]:
            del waiting[computer]
        if len(batch) > 1 and chance.random() < SWAPPED:
            batch[0], batch[-1] = batch[-1], batch[0]
        late.append(batch)
        if chance.random() > LATE:
            yield from late.pop(chance.randrange(len(late)))
    for batch in late:
        yield from batch


def numbered(computer: int, events: int) -> Iterator[EventSpec]:
    """Yield synthetic events of one computer in its order; half-way its record numbers start again."""
    for number in range(events):
        details = (("DeviceId", f"00000000-0000-4000-8000-{computer:04}{number:08}"), ("CAName", "CA01"))
        time = BEGIN + timedelta(seconds=number * 7 + computer / 100)
        event = legacy_event(f"pki{computer:02}.corp.example", 20102, time, details, code="0x00000400", texts=("gone",))
        yield msgspec.structs.replace(event, record_id=number % (events // 2) + 1)
