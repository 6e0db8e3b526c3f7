"""What a run that fails leaves behind: what was answered is counted and kept, what was read is delivered."""

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import pytest

from shipper import config, ecs
from shipper.errors import SinkError, SourceError
from shipper.model import INDEXED, UNCOUNTED, Batch, Cursor, Document, Event, Notice, Outcome, Position, Problem, Unit
from shipper.pipeline import Counts, Delivery, DeliverySettings, Progress, Recipe, run
from shipper.pipeline.opening import open_source
from shipper.testing.memory import MemorySink


class Kept:
    """Remembers what was rejected, and hears how a run goes."""

    def __init__(self) -> None:
        self.rejected: list[Document] = []
        self.problems: list[Problem] = []

    def keep(self, rejected: Sequence[tuple[Document, Outcome]]) -> None:
        self.rejected += [document for document, _ in rejected]

    def problem(self, problem: Problem) -> None:
        self.problems.append(problem)

    def notice(self, notice: Notice) -> None:
        del notice

    def advanced(self, size_bytes: int, counts: Counts) -> None:
        pass


class Failing(msgspec.Struct, frozen=True):
    """A source that fails after some events."""

    events: tuple[Event, ...]
    name: str = "failing"

    def plan(self, cursors: Sequence[Cursor] = ()) -> Iterator[Unit]:
        del cursors
        yield Unit(self.name)

    def read(self, unit: Unit) -> Iterator[Batch]:
        yield Batch(self.events, [Problem(Position(unit.source, 1), "synthetic")])
        raise SourceError("the disk is gone", where=unit.source)


def event(number: int, source: str = "failing") -> Event:
    channel = "Microsoft Intune Connector"
    return Event(
        Position(source, number), channel, 20102, channel, "pki01", number, "2026-11-24T01:00:00Z", 1_795_482_000
    )


def shipped(source: Failing, sink: MemorySink, kept: Kept, stop: threading.Event | None = None) -> Counts:
    counts = Counts()
    run(Recipe(source, ecs.EcsSettings()), sink, kept, kept, counts=counts, stop=stop)
    return counts


def test_what_was_read_before_a_source_failed_is_delivered() -> None:
    sink = MemorySink(batch_docs=100)

    with pytest.raises(SourceError, match="the disk is gone"):
        shipped(Failing(tuple(map(event, range(5)))), sink, Kept())

    assert [len(batch) for batch in sink.batches] == [5]


def test_a_source_that_ends_because_of_a_stop_is_no_failure() -> None:
    class Stopping(threading.Event):
        """Is set between the last batch and the failure."""

        asked = 0

        def is_set(self) -> bool:
            self.asked += 1
            return self.asked > 1

    assert shipped(Failing((event(1),)), MemorySink(), Kept(), Stopping()).shipped == 1


def test_a_batch_that_was_answered_is_settled_although_another_failed() -> None:
    others = threading.Barrier(3)

    def judge(document: Document) -> Outcome:
        others.wait(5)
        if document.id == "id-0":
            raise SinkError("gone", where="memory")
        return INDEXED if document.id == "id-1" else Outcome("rejected", "mapping")

    kept, counts = Kept(), Counts()
    batch = [Document(f"id-{n}", "logs-x.y-z", b"{}", -1, Position("memory", n)) for n in range(3)]

    def deliver() -> None:
        sink = MemorySink(judge, in_flight=3, batch_docs=1)
        with Delivery(sink, kept, counts, DeliverySettings(), Progress()) as delivery:
            delivery.add(batch)
            delivery.finish()

    with pytest.raises(SinkError, match="gone"):
        deliver()
    assert (counts.shipped, counts.dead) == (1, 1)
    assert kept.rejected == batch[2:]


def test_a_name_that_is_no_utf_8_is_spelled_out_in_every_position() -> None:
    source = Failing((event(1, "bad\udcff"),), "bad\udcff")
    sink, kept = MemorySink(), Kept()

    with pytest.raises(SourceError):
        shipped(source, sink, kept)

    assert [document.position.source for batch in sink.batches for document in batch] == ["bad\\udcff"]
    assert [problem.position.source for problem in kept.problems] == ["bad\\udcff"]


def test_of_several_inputs_one_that_cannot_be_read_is_a_problem_of_unknown_size(tmp_path: Path) -> None:
    for name in ("a.ndjson", "b.ndjson"):
        (tmp_path / name).write_text("notes\n")
    ship = config.Ship(inputs=(str(tmp_path / "a.ndjson"), str(tmp_path / "b.ndjson"), str(tmp_path)))
    source = open_source(config.Config(ship=ship))

    problems = [problem for unit in source.plan() for batch in source.read(unit) for problem in batch.problems]

    assert [problem.position.source for problem in problems] == [str(tmp_path), *ship.inputs[:2]]
    assert {problem.records for problem in problems} == {UNCOUNTED}
