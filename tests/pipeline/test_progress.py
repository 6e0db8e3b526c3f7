"""What is final and when: a cursor passes only when every document before it is settled."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipper import ecs
from shipper.errors import SinkError, StateError
from shipper.model import INDEXED, Batch, Cursor, Document, Notice, Outcome, Position, Problem, Unit
from shipper.pipeline import Counts, Delivery, DeliverySettings, Progress, Recipe, RunSettings, run
from shipper.sources import Standing
from shipper.testing.memory import MemorySink


class Kept:
    """Keeps what it is given in memory; refuses when told to."""

    def __init__(self) -> None:
        self.kept: list[tuple[list[Cursor], int]] = []
        self.full = False

    def keep(self, cursors: Sequence[Cursor], output_bytes: int) -> None:
        if self.full:
            raise StateError("no space left", where="memory")
        self.kept.append((list(cursors), output_bytes))


class Refused:
    def keep(self, rejected: Sequence[tuple[Document, Outcome]]) -> None:
        del rejected


class FullOfLetters:
    def keep(self, rejected: Sequence[tuple[Document, Outcome]]) -> None:
        raise StateError(f"no room for {len(rejected)} dead letters", where="memory")


class Deaf:
    def problem(self, problem: Problem) -> None:
        del problem

    def notice(self, notice: Notice) -> None:
        del notice

    def advanced(self, size_bytes: int, counts: Counts) -> None:
        del size_bytes, counts


def cursor(record: int, source: str = "log") -> Cursor:
    return Cursor(source, record, 1, 99)


def documents(first: int, count: int) -> list[Document]:
    return [Document(f"id-{n}", "logs-x.y-z", b"x", -1, Position("log", n)) for n in range(first, first + count)]


def deliver_two(delivery: Delivery) -> None:
    with delivery:
        delivery.add(documents(0, 1), cursor(0))
        delivery.add(documents(1, 1), cursor(1))
        delivery.finish()


def records(progress: Progress) -> list[int]:
    return [one.record for one in progress.final]


@given(sizes=st.lists(st.integers(0, 7), max_size=12), batch_docs=st.integers(1, 5), in_flight=st.integers(1, 3))
def test_at_the_end_of_a_run_every_cursor_has_passed(sizes: list[int], batch_docs: int, in_flight: int) -> None:
    sink, progress = MemorySink(batch_docs=batch_docs, in_flight=in_flight), Progress()

    with Delivery(sink, Refused(), Counts(), DeliverySettings(), progress) as delivery:
        for number, size in enumerate(sizes):
            delivery.add(documents(number * 10, size), cursor(number))
        delivery.finish()

    assert records(progress) == ([len(sizes) - 1] if sizes else [])


def test_a_cursor_waits_for_the_last_document_before_it() -> None:
    sink, progress = MemorySink(batch_docs=3), Progress()

    with Delivery(sink, Refused(), Counts(), DeliverySettings(), progress) as delivery:
        delivery.add(documents(0, 4), cursor(4))
        delivery.settle_finished()
        before = records(progress)
        delivery.finish()

    assert (before, records(progress)) == ([], [4])


def test_a_cursor_without_documents_passes_at_once() -> None:
    progress = Progress()

    with Delivery(MemorySink(), Refused(), Counts(), DeliverySettings(), progress) as delivery:
        delivery.add([], cursor(9))
        delivery.settle_finished()

        assert records(progress) == [9]


def test_no_cursor_passes_a_batch_that_failed_though_later_ones_arrived() -> None:
    second_arrived = threading.Event()

    def judge(document: Document) -> Outcome:
        if document.id == "id-0":
            second_arrived.wait(10)
            raise SinkError("gone", where="memory")
        second_arrived.set()
        return INDEXED

    progress, counts = Progress(), Counts()
    with pytest.raises(SinkError):
        deliver_two(
            Delivery(MemorySink(judge, in_flight=2, batch_docs=1), Refused(), counts, DeliverySettings(), progress)
        )

    assert (records(progress), counts.shipped) == ([], 1)


def test_no_cursor_passes_a_dead_letter_that_found_no_room() -> None:
    progress = Progress()
    sink = MemorySink(lambda _: Outcome("rejected", "document_parsing_exception", "no"))

    with pytest.raises(StateError):
        deliver_two(Delivery(sink, FullOfLetters(), Counts(), DeliverySettings(), progress))

    assert records(progress) == []


def test_progress_is_kept_no_more_often_than_asked_and_always_at_the_end() -> None:
    now_s, kept = [0.0], Kept()
    progress = Progress((), kept, 1.0, lambda: now_s[0])

    for record in range(5):
        progress.passed(cursor(record), -1)
        progress.keep_if_due()
        now_s[0] += 0.4
    progress.keep()
    progress.keep()

    assert [cursors[0].record for cursors, _ in kept.kept] == [3, 4]


def test_progress_of_other_logs_stays_where_an_earlier_run_left_it() -> None:
    kept = Kept()
    progress = Progress([cursor(7, "other")], kept)

    progress.passed(cursor(1, "log"), -1)
    progress.keep()

    assert kept.kept == [([cursor(7, "other"), cursor(1, "log")], -1)]


class Batches:
    """A source of empty batches that reach the cursors it is given."""

    def __init__(self, cursors: Sequence[Cursor]) -> None:
        self._cursors = cursors
        self.planned_beyond: list[list[Cursor]] = []

    def plan(self, cursors: Sequence[Cursor] = ()) -> "list[Unit]":
        self.planned_beyond.append(list(cursors))
        return [Unit("log")]

    def read(self, unit: Unit) -> "list[Batch]":
        del unit
        return [Batch((), cursor=one) for one in self._cursors]


def test_a_run_that_cannot_keep_its_progress_says_so() -> None:
    kept = Kept()
    kept.full = True

    with pytest.raises(StateError, match="no space left"):
        run(
            Recipe(Batches([cursor(1)]), ecs.EcsSettings()),  # type: ignore[arg-type]  # lists are iterators enough
            MemorySink(),
            Refused(),
            Deaf(),
            progress=Progress((), kept),
        )


def test_a_run_begins_beyond_what_is_final_and_keeps_where_it_ends() -> None:
    source, kept = Batches([cursor(8), cursor(9)]), Kept()

    run(
        Recipe(source, ecs.EcsSettings()),  # type: ignore[arg-type]  # lists are iterators enough
        MemorySink(),
        Refused(),
        Deaf(),
        progress=Progress([cursor(7)], kept, 0),
    )

    assert source.planned_beyond == [[cursor(7)]]
    assert kept.kept[-1] == ([cursor(9)], -1)


class Following:
    """A follower with one unit a pass, until it has no more."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self.beyond: list[list[int]] = []

    def plan(self, cursors: Sequence[Cursor]) -> "list[Unit]":
        self.beyond.append([one.record for one in cursors])
        return [Unit("log", after=len(self.beyond))]

    def wait(self, stop: threading.Event) -> None:
        if len(self.beyond) == 3:
            stop.set()

    def standings(self) -> list[Standing]:
        return []

    def close(self) -> None:
        """Nothing is open."""


class Counting:
    """A source that has one batch a unit."""

    def plan(self, cursors: Sequence[Cursor] = ()) -> "list[Unit]":
        del cursors
        return []

    def read(self, unit: Unit) -> "list[Batch]":
        return [Batch((), cursor=cursor(unit.after))]


def test_each_pass_is_planned_from_where_the_one_before_ended() -> None:
    stop, progress = threading.Event(), Progress()
    follower = Following(stop)

    run(
        Recipe(Counting(), ecs.EcsSettings()),  # type: ignore[arg-type]  # lists are iterators enough
        MemorySink(),
        Refused(),
        Deaf(),
        settings=RunSettings(follower=follower),  # type: ignore[arg-type]  # as above
        stop=stop,
        progress=progress,
    )

    assert follower.beyond == [[], [1], [2]]
    assert records(progress) == [3]


def test_documents_that_a_stop_left_undelivered_do_not_count_as_read() -> None:
    stop, entered = threading.Event(), threading.Event()

    class Stuck(MemorySink):
        def write(self, documents: Sequence[Document]) -> list[Outcome]:
            del documents
            entered.set()
            self._interrupted.wait(10)
            raise SinkError("stopped while waiting", where=self.target)

    class OneEvent(Counting):
        def read(self, unit: Unit) -> "list[Batch]":
            from shipper.model import Event

            event = Event(Position("log", 1), "p", 1, "c", "h", 1, "2026-11-24T09:30:00Z", 1795512600)
            return [Batch((event,), cursor=cursor(unit.after))]

    sink, counts, progress = Stuck(batch_docs=1), Counts(), Progress()
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(
            run,
            Recipe(OneEvent(), ecs.EcsSettings()),  # type: ignore[arg-type]  # lists are iterators enough
            sink,
            Refused(),
            Deaf(),
            counts=counts,
            settings=RunSettings(follower=Following(threading.Event())),  # type: ignore[arg-type]  # as above
            stop=stop,
            progress=progress,
        )
        entered.wait(10)
        stop.set()
        sink.interrupt()
        running.result(10)

    assert (counts.read, counts.shipped, records(progress)) == (0, 0, [])
