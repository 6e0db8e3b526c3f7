import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipper.dead_letters import DeadLetter, DeadLetterFile, read
from shipper.errors import SinkError, StateError
from shipper.model import DUPLICATE, INDEXED, Document, Outcome, Position, Problem
from shipper.pipeline.replay import Replay, Selection
from shipper.testing.memory import MemorySink

REFUSED = Outcome("rejected", "document_parsing_exception", "failed to parse field [x]", 2)
AGAIN = Outcome("rejected", "strict_dynamic_mapping_exception", "still no", 1)


class Problems:
    def __init__(self) -> None:
        self.seen: list[Problem] = []

    def problem(self, problem: Problem) -> None:
        self.seen.append(problem)


def document(number: int) -> Document:
    return Document(f"id-{number}", "logs-x.y-z", b'{"n":%d}' % number, -1, Position("memory", number))


@pytest.fixture
def letters(tmp_path: Path) -> DeadLetterFile:
    """Return a file of ten letters, the odd ones of another reason."""
    file = DeadLetterFile(tmp_path)
    other = Outcome("rejected", "other", "because", 1)
    file.keep([(document(number), other if number % 2 else REFUSED) for number in range(10)])
    return file


def left(file: DeadLetterFile) -> list[int]:
    return [int(letter.id[3:]) for letter in read(file.path) if isinstance(letter, DeadLetter)]


def replay(file: DeadLetterFile, selection: Selection | None = None, *, acknowledges: bool = True) -> Replay:
    return Replay(file.path.parent, selection or Selection(), Problems(), acknowledges=acknowledges)


def replayed(file: DeadLetterFile, sink: MemorySink, selection: Selection | None = None) -> Replay:
    one = replay(file, selection)
    one.run(lambda: sink, threading.Event())
    return one


def sent(sink: MemorySink) -> list[int]:
    return [int(each.id[3:]) for batch in sink.batches for each in batch]


def outcome_of(odd: Outcome, even: Outcome = INDEXED) -> Callable[[Document], Outcome]:
    return lambda each: odd if int(each.id[3:]) % 2 else even


def test_what_is_delivered_is_a_dead_letter_no_more(letters: DeadLetterFile) -> None:
    sink = MemorySink()
    counts = replayed(letters, sink).counts
    assert sent(sink) == list(range(10))
    assert sink.batches[0][0] == document(0)
    assert (counts.letters, counts.indexed, counts.complete) == (10, 10, True)
    assert letters.path.read_bytes() == b""
    assert sink.closed is True


def test_there_already_and_redirected_are_final_too(letters: DeadLetterFile) -> None:
    counts = replayed(letters, MemorySink(outcome_of(DUPLICATE, Outcome("redirected")))).counts
    assert (counts.duplicates, counts.redirected, counts.final) == (5, 5, 10)
    assert left(letters) == []


def test_what_is_refused_again_stays_with_the_new_reason_and_every_attempt(letters: DeadLetterFile) -> None:
    first = next(read(letters.path))
    assert isinstance(first, DeadLetter)
    for _ in range(2):
        counts = replayed(letters, MemorySink(outcome_of(INDEXED, AGAIN))).counts
        assert (counts.refused, counts.complete) == (5, False)
    assert left(letters) == [0, 2, 4, 6, 8]
    again = next(read(letters.path))
    assert isinstance(again, DeadLetter)
    assert (again.attempts, again.error_type, again.reason) == (4, AGAIN.error_type, "still no")
    assert again.time == first.time
    assert again.replayed >= first.time
    assert again.as_document() == document(0)


def test_only_the_reasons_asked_for_are_sent(letters: DeadLetterFile) -> None:
    sink = MemorySink()
    counts = replayed(letters, sink, Selection(frozenset({"other"}))).counts
    assert sent(sink) == [1, 3, 5, 7, 9]
    assert left(letters) == [0, 2, 4, 6, 8]
    assert (counts.passed_over, counts.complete) == (5, True)


def test_a_limit_takes_the_oldest(letters: DeadLetterFile) -> None:
    counts = replayed(letters, MemorySink(), Selection(limit=4)).counts
    assert left(letters) == [4, 5, 6, 7, 8, 9]
    assert (counts.not_sent, counts.complete) == (6, False)


def test_batches_are_no_larger_than_the_sink_takes(letters: DeadLetterFile) -> None:
    sink = MemorySink(batch_docs=100, batch_bytes=len(document(0).body) * 2)
    replayed(letters, sink)
    assert [len(batch) for batch in sink.batches] == [2] * 5


def test_a_letter_without_a_document_stays_and_is_counted(letters: DeadLetterFile) -> None:
    letters.append(
        [DeadLetter("2026-11-24T12:00:00.000Z", "no_document", "because", 0, Position("-", 7), raw="<Event>")]
    )
    counts = replayed(letters, MemorySink()).counts
    assert (counts.letters, counts.indexed, counts.without_document) == (11, 10, 1)
    assert not counts.complete
    (back,) = read(letters.path)
    assert isinstance(back, DeadLetter)
    assert back.raw == "<Event>"


def test_a_sink_that_fails_midway_has_its_acknowledged_letters_taken_out(letters: DeadLetterFile) -> None:
    def judge(each: Document) -> Outcome:
        if each.id == "id-7":
            raise SinkError("gone", where="memory")
        return INDEXED

    one, sink = replay(letters), MemorySink(judge)
    with pytest.raises(SinkError, match="gone"):
        one.run(lambda: sink, threading.Event())
    assert left(letters) == [6, 7, 8, 9]
    assert (one.counts.indexed, one.counts.not_sent) == (6, 4)
    assert sink.closed is False


def test_of_a_sink_that_acknowledges_nothing_before_its_end_no_letter_is_taken_out(letters: DeadLetterFile) -> None:
    class FullDisk(MemorySink):
        def close(self, *, complete: bool) -> None:
            raise SinkError("full", where=f"memory, complete={complete}")

    before = letters.path.read_bytes()
    one = replay(letters, acknowledges=False)
    with pytest.raises(SinkError, match="complete=True: full"):
        one.run(lambda: FullDisk(outcome_of(INDEXED, AGAIN)), threading.Event())
    assert letters.path.read_bytes() == before
    assert (one.counts.final, one.counts.not_sent) == (0, 10)


def test_a_sink_is_closed_before_its_letters_are_taken_out(letters: DeadLetterFile) -> None:
    seen: list[int] = []

    class Watching(MemorySink):
        def close(self, *, complete: bool) -> None:
            assert complete
            seen.append(len(left(letters)))

    replayed(letters, Watching())
    assert seen == [10]


def test_a_stop_settles_what_was_sent_and_leaves_the_rest(letters: DeadLetterFile) -> None:
    stop = threading.Event()

    def judge(_each: Document) -> Outcome:
        stop.set()
        return INDEXED

    one = replay(letters)
    one.run(lambda: MemorySink(judge), stop)
    assert left(letters) == [3, 4, 5, 6, 7, 8, 9]
    assert (one.counts.indexed, one.counts.not_sent) == (3, 7)


def test_a_stopped_wait_ends(letters: DeadLetterFile) -> None:
    sink = MemorySink()
    one = replay(letters)

    def opened() -> MemorySink:
        threading.Timer(0, one.interrupt).start()
        return sink

    sink.interrupt()
    with pytest.raises(SinkError, match="interrupted"):
        one.run(opened, threading.Event())
    assert left(letters) == list(range(10))


def test_the_sink_is_not_opened_where_there_is_nothing_to_send(letters: DeadLetterFile) -> None:
    def fail() -> MemorySink:
        raise AssertionError

    one = replay(letters, Selection(frozenset({"unheard of"})))
    one.run(fail, threading.Event())
    assert (one.counts.passed_over, len(left(letters))) == (10, 10)


def test_a_sink_that_cannot_be_opened_leaves_all_letters(letters: DeadLetterFile) -> None:
    def fail() -> MemorySink:
        raise SinkError("cannot be reached", where="https://es.example:9200")

    with pytest.raises(SinkError, match="cannot be reached"):
        replay(letters).run(fail, threading.Event())
    assert left(letters) == list(range(10))


def test_letters_that_a_shipper_adds_meanwhile_stay(letters: DeadLetterFile) -> None:
    def judge(each: Document) -> Outcome:
        number = int(each.id[3:])
        letters.keep([(document(100 + number), REFUSED)])
        return INDEXED

    replayed(letters, MemorySink(judge))
    assert left(letters) == list(range(100, 110))


def test_looking_sends_and_changes_nothing(letters: DeadLetterFile) -> None:
    before = letters.path.read_bytes()
    one = replay(letters, Selection(frozenset({"other"})))
    one.look()
    assert (one.counts.not_sent, one.counts.passed_over) == (5, 5)
    assert letters.path.read_bytes() == before


def test_one_replay_at_a_time(letters: DeadLetterFile) -> None:
    def judge(_each: Document) -> Outcome:
        with pytest.raises(StateError, match="under way already"):
            replayed(letters, MemorySink())
        return INDEXED

    replayed(letters, MemorySink(judge), Selection(limit=1))
    assert len(left(letters)) == 9


def test_lines_that_are_no_letters_are_reported_and_stay(letters: DeadLetterFile) -> None:
    letters.path.write_bytes(b"no letter\n" + letters.path.read_bytes())
    observer = Problems()
    one = Replay(letters.path.parent, Selection(), observer, acknowledges=True)
    one.run(MemorySink, threading.Event())
    assert [problem.position.record for problem in observer.seen] == [1]
    assert (one.counts.no_letters, one.counts.complete) == (1, False)
    assert letters.path.read_bytes() == b"no letter\n"


OUTCOMES = st.sampled_from([INDEXED, DUPLICATE, Outcome("redirected"), AGAIN])


@given(
    outcomes=st.lists(OUTCOMES, max_size=20),
    limit=st.integers(0, 25),
    batch_docs=st.integers(1, 7),
    kinds=st.lists(st.sampled_from("ab"), min_size=20, max_size=20),
    chosen=st.sets(st.sampled_from("ab")),
)
def test_the_account_adds_up_and_nothing_is_lost(
    *,
    tmp_path_factory: pytest.TempPathFactory,
    outcomes: list[Outcome],
    limit: int,
    batch_docs: int,
    kinds: list[str],
    chosen: set[str],
) -> None:
    file = DeadLetterFile(tmp_path_factory.mktemp("letters"))
    file.keep([(document(n), Outcome("rejected", kinds[n], "because", 1)) for n in range(len(outcomes))])
    sink = MemorySink(lambda each: outcomes[int(each.id[3:])], batch_docs=batch_docs)

    counts = replayed(file, sink, Selection(frozenset(chosen), limit)).counts

    stay = left(file) if outcomes else []
    final = [n for n in sent(sink) if outcomes[n] is not AGAIN]
    assert sorted(stay + final) == list(range(len(outcomes)))
    assert stay == sorted(stay)
    assert counts.letters == len(outcomes)
    assert counts.letters == counts.final + counts.refused + counts.not_sent + counts.passed_over
    assert sum(kind.letters for kind in counts.by_error_type.values()) == counts.letters - counts.passed_over
    assert all(kind.letters == kind.final + kind.kept for kind in counts.by_error_type.values())
