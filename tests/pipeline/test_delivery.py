import threading
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipper.errors import SinkError
from shipper.model import DUPLICATE, INDEXED, Document, Outcome, Position
from shipper.pipeline import Counts, Delivery, DeliverySettings, Progress
from shipper.testing.memory import MemorySink


class Kept:
    def __init__(self) -> None:
        self.rejected: list[tuple[Document, Outcome]] = []

    def keep(self, rejected: Sequence[tuple[Document, Outcome]]) -> None:
        self.rejected += rejected


class HandMovedClock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def document(number: int, size_bytes: int = 10) -> Document:
    return Document(f"id-{number}", "logs-x.y-z", b"x" * size_bytes, -1, Position("memory", number))


def documents(count: int) -> list[Document]:
    return [document(number) for number in range(count)]


def delivered(sink: MemorySink, given_documents: Sequence[Document], kept: Kept | None = None) -> Counts:
    counts = Counts()
    with Delivery(sink, kept or Kept(), counts, DeliverySettings(), Progress()) as delivery:
        delivery.add(given_documents)
        delivery.finish()
    return counts


@given(count=st.integers(0, 40), batch_docs=st.integers(1, 7), in_flight=st.integers(1, 4))
def test_every_document_is_delivered_once_and_counted(count: int, batch_docs: int, in_flight: int) -> None:
    sink = MemorySink(batch_docs=batch_docs, in_flight=in_flight)

    counts = delivered(sink, documents(count))

    assert sorted(d.id for batch in sink.batches for d in batch) == sorted(d.id for d in documents(count))
    assert counts.shipped == count
    assert all(len(batch) <= batch_docs for batch in sink.batches)


def test_one_batch_under_way_keeps_the_order() -> None:
    sink = MemorySink(in_flight=1)

    delivered(sink, documents(10))

    assert [d.id for batch in sink.batches for d in batch] == [d.id for d in documents(10)]


def test_a_batch_ends_before_it_grows_over_its_bytes() -> None:
    sink = MemorySink(batch_docs=100, batch_bytes=25)

    delivered(sink, documents(5))

    assert [len(batch) for batch in sink.batches] == [2, 2, 1]


def test_a_document_larger_than_a_batch_goes_alone() -> None:
    sink = MemorySink(batch_docs=100, batch_bytes=25)

    delivered(sink, [document(1), document(2, size_bytes=99), document(3)])

    assert [len(batch) for batch in sink.batches] == [1, 1, 1]


def test_each_outcome_is_counted_as_what_it_is() -> None:
    fates = [INDEXED, DUPLICATE, Outcome("redirected"), Outcome("rejected", "mapping"), Outcome("indexed", attempts=3)]
    sink = MemorySink(lambda d: fates[d.position.record])

    counts = delivered(sink, documents(5))

    assert (counts.shipped, counts.duplicates, counts.redirected, counts.dead, counts.retried) == (2, 1, 1, 1, 2)


def test_only_a_rejected_document_is_kept_with_its_reason() -> None:
    refusal = Outcome("rejected", "document_parsing_exception", "no date")
    kept = Kept()

    delivered(MemorySink(lambda d: refusal if d.id == "id-3" else INDEXED), documents(6), kept)

    assert kept.rejected == [(document(3), refusal)]


def test_a_batch_waits_no_longer_than_its_age() -> None:
    clock, sink = HandMovedClock(), MemorySink(batch_docs=100)
    with Delivery(sink, Kept(), Counts(), DeliverySettings(batch_age_s=1.0, clock=clock), Progress()) as delivery:
        delivery.add(documents(1))
        clock.now_s = 0.9
        delivery.add(documents(1))
        before = len(sink.batches)
        clock.now_s = 1.1
        delivery.add([])
        assert (before, len(sink.batches)) == (0, 1)


def test_no_more_batches_are_under_way_than_the_sink_allows() -> None:
    gate, running, most = threading.Semaphore(0), [0], [0]
    lock = threading.Lock()

    def judge(_: Document) -> Outcome:
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        gate.acquire(timeout=5)
        with lock:
            running[0] -= 1
        return INDEXED

    for _ in range(8):
        threading.Timer(0.05, gate.release).start()
    delivered(MemorySink(judge, in_flight=2, batch_docs=1), documents(8))

    assert most[0] == 2


def test_a_sink_that_gives_up_ends_the_delivery_and_interrupts_what_is_under_way() -> None:
    def judge(d: Document) -> Outcome:
        if d.id == "id-1":
            raise SinkError("gone", where="memory")
        return INDEXED

    sink = MemorySink(judge, in_flight=2, batch_docs=1)

    with pytest.raises(SinkError, match="gone"):
        delivered(sink, documents(9))
    with pytest.raises(SinkError, match="interrupted"):
        sink.write([document(0)])
