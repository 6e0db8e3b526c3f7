"""What a run looks like from outside, read while real runs are under way."""

import threading
from collections.abc import Iterator, Sequence

import msgspec
import pytest

from shipper import ecs
from shipper.errors import SinkError
from shipper.model import INDEXED, Batch, Cursor, Document, Event, Outcome, Position, Unit
from shipper.operations import Pauses, Reading, Vitals
from shipper.pipeline import Counts, Delivery, DeliverySettings, Progress, Recipe, RunSettings, run
from shipper.sources import Standing
from shipper.testing.memory import MemorySink
from tests.operations.conftest import HandMovedClock


class Quiet:
    def keep(self, rejected: object) -> None: ...

    def problem(self, problem: object) -> None: ...

    def notice(self, notice: object) -> None: ...

    def advanced(self, size_bytes: int, counts: object) -> None: ...


class Waits:
    """A follower of one log that reaches further than what is read of it."""

    def __init__(self) -> None:
        self.asked = 0

    def plan(self, cursors: Sequence[Cursor]) -> Iterator[Unit]:
        del cursors
        yield from ()

    def wait(self, stop: threading.Event) -> None:
        stop.set()

    def standings(self) -> Sequence[Standing]:
        self.asked += 1
        return [Standing("a.evtx", 9)]

    def close(self) -> None: ...


def event(number: int, code: int = 20102) -> Event:
    position = Position("memory", number)
    channel = "Microsoft Intune Connector"
    return Event(
        position, "Microsoft Intune Connector", code, channel, "h", number, "2026-11-24T09:30:00Z", 1_795_512_600
    )


class Source(msgspec.Struct, frozen=True):
    batches: tuple[Batch, ...]

    def plan(self, cursors: Sequence[Cursor] = ()) -> Iterator[Unit]:
        del cursors
        yield Unit("memory")

    def read(self, unit: Unit) -> Iterator[Batch]:
        del unit
        yield from self.batches


@pytest.fixture
def stop() -> threading.Event:
    return threading.Event()


@pytest.fixture
def vitals(clock: HandMovedClock, stop: threading.Event) -> Vitals:
    return Vitals(Counts(), stop, Pauses(lambda _: None, lambda _: None, clock), clock)


def turned(vitals: Vitals, progress: Progress | None = None) -> None:
    sink = MemorySink()
    with Delivery(sink, Quiet(), Counts(), DeliverySettings(), progress or Progress()) as delivery:
        vitals.turn(Counts(), progress or Progress(), delivery)


def test_a_run_starts_until_its_first_turn(vitals: Vitals) -> None:
    assert vitals.read().state == "starting"
    turned(vitals)
    assert vitals.read().state == "running"


def test_a_run_that_is_asked_to_end_or_has_ended_is_stopping(vitals: Vitals, stop: threading.Event) -> None:
    turned(vitals)
    vitals.end()
    assert vitals.read().state == "stopping"
    stop.set()
    assert vitals.read().state == "stopping"


def test_the_time_since_the_last_turn_is_told(vitals: Vitals, clock: HandMovedClock) -> None:
    clock.now_s += 3
    turned(vitals)
    clock.now_s += 7
    assert (vitals.read().turned_s, vitals.read().uptime_s) == (7, 10)


def test_logs_are_not_looked_at_at_every_turn(vitals: Vitals, clock: HandMovedClock) -> None:
    follower = Waits()
    vitals.follow(follower)
    for _ in range(100):
        turned(vitals)
        clock.now_s += 0.01
    assert 3 <= follower.asked <= 5


def test_the_lag_is_that_of_what_the_progress_has_not_passed(vitals: Vitals, clock: HandMovedClock) -> None:
    vitals.follow(Waits())
    turned(vitals, Progress([Cursor("a.evtx", 4)]))
    clock.now_s += 2
    reading = vitals.read()
    assert (reading.lag_records, reading.lag_s) == (5, 2)


def test_a_batch_is_in_hand_while_it_is_written_and_measured_when_it_is_settled(
    vitals: Vitals, clock: HandMovedClock
) -> None:
    seen: list[Reading] = []

    def write(documents: Sequence[Document]) -> list[Outcome]:
        clock.now_s += 4
        seen.append(vitals.read())
        return [INDEXED for _ in documents]

    vitals.watch(write)([])
    assert [(reading.writing, reading.writing_s) for reading in (*seen, vitals.read())] == [(1, 4), (0, 0)]
    assert vitals.read().batches.sum_s == 4


def test_a_batch_that_fails_is_not_measured_and_not_in_hand(vitals: Vitals) -> None:
    def write(documents: Sequence[Document]) -> list[Outcome]:
        raise SinkError(f"{len(documents)} lost")

    with pytest.raises(SinkError):
        vitals.watch(write)([])
    assert (vitals.read().writing, sum(vitals.read().batches.counts)) == (0, 0)


def test_a_run_waits_from_the_sinks_word_until_its_batch_is_settled(
    clock: HandMovedClock, stop: threading.Event
) -> None:
    waited: list[float] = []
    pauses = Pauses(lambda _: None, waited.append, clock)
    vitals = Vitals(Counts(), stop, pauses, clock)
    seen: list[Reading] = []

    def write(documents: Sequence[Document]) -> list[Outcome]:
        del documents
        pauses.begin("cluster_block_exception: x")
        clock.now_s += 30
        seen.append(vitals.read())
        return []

    turned(vitals)
    vitals.watch(write)([])
    assert (seen[0].state, seen[0].pause_s) == ("waiting", 30)
    assert vitals.read().state == "running"
    assert waited == [30]


def test_a_whole_run_leaves_an_empty_queue_and_counts_what_the_catalog_does_not_know(stop: threading.Event) -> None:
    counts = Counts()
    vitals = Vitals(counts, stop, Pauses(lambda _: None, lambda _: None))
    sink = MemorySink(batch_docs=2)
    events = [event(1), event(2, code=20_999), event(3, code=20_998)]
    recipe = Recipe(Source((Batch(events[:2]), Batch(events[2:]))), ecs.EcsSettings(tags=("unknown_code",)))

    run(recipe, sink, Quiet(), Quiet(), counts=counts, settings=RunSettings(routine=vitals, around=vitals.watch))

    reading = vitals.read()
    assert (reading.counts.shipped, reading.counts.unknown_events, reading.counts.unknown_codes) == (3, 2, 0)
    assert (reading.queued, reading.queued_bytes, sum(reading.batches.counts)) == (0, 0, 2)


def test_documents_and_bytes_that_wait_are_told_while_they_do(vitals: Vitals) -> None:
    sink = MemorySink(batch_docs=10)
    document = Document("a", "logs-x.y-z", b"x" * 70, -1, Position("memory", 1))
    with Delivery(sink, Quiet(), Counts(), DeliverySettings(), Progress()) as delivery:
        delivery.add([document] * 3)
        vitals.turn(Counts(), Progress(), delivery)
        assert (vitals.read().queued, vitals.read().queued_bytes) == (3, 210)
        delivery.finish()
        assert (vitals.read().queued, vitals.read().queued_bytes) == (0, 0)
