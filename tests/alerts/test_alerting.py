"""How time goes by for rules, with a clock that is moved by hand."""

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from shipper.alerts import Outbox
from shipper.model import Cursor, Document, Outcome, Position
from shipper.pipeline import Counts, Delivery, DeliverySettings, Progress
from shipper.pipeline.alerting import Alerting, Mail, Pace, Rulebook
from shipper.pipeline.listening import Listener
from shipper.pipeline.refused import RefusedFile
from shipper.rules.alert import Alert
from shipper.rules.evaluator import Evaluator
from shipper.rules.model import Seen
from shipper.rules.seeing import Viewer
from shipper.testing.memory import MemorySink

if TYPE_CHECKING:
    from tests.alerts.conftest import MakeAlert

LATENESS_MS = 100
S = 1000


class Diary(Evaluator):
    """Writes down what it is given, and when it is told which time."""

    def __init__(self) -> None:
        super().__init__(())
        self.entries: list[str] = []

    def see(self, seen: Sequence[Seen]) -> list[Alert]:
        self.entries += [one.id for one in seen]
        return []

    def advance(self, now_ms: int) -> list[Alert]:
        self.entries.append(f"now {now_ms}")
        return []


def seen(second: float) -> Seen:
    return Seen(f"at {second:g}", int(second * S), {})


class Setting:
    def __init__(self, folder: Path, *, follows: bool = True, most: int = 10) -> None:
        self.now_s = 1_000.0
        self.diary = Diary()
        self.said: list[str] = []
        self.outbox = Outbox(["a"], most)
        mail = Mail(self.outbox, (), RefusedFile(folder, 1 << 20), keeps=True)

        def refuse(alert: Alert) -> Document:
            raise AssertionError(alert)

        rulebook = Rulebook(Viewer(()), self.diary, refuse)
        pace = Pace(LATENESS_MS, 0.1, follows=follows, clock=lambda: self.now_s)
        self.alerting = Alerting(
            rulebook, mail, pace, Listener(self.said.append, self.said.append, lambda: self.said.append("on"))
        )

    def turn(self, *, caught_up: bool) -> None:
        self.alerting.turn(Counts(), Progress(), caught_up=caught_up)


@pytest.fixture
def setting(tmp_path: Path) -> Setting:
    return Setting(tmp_path)


def test_while_reading_is_behind_the_time_is_that_of_the_documents_less_the_lateness(setting: Setting) -> None:
    setting.alerting.look([seen(10), seen(10.5), seen(20)])
    assert setting.diary.entries == ["now 9900", "at 10", "at 10.5", "now 19900", "at 20"]


def test_older_documents_of_a_log_that_is_read_later_do_not_move_the_time(setting: Setting) -> None:
    setting.alerting.look([seen(20)])
    setting.alerting.look([seen(5), seen(15)])
    assert setting.diary.entries == ["now 19900", "at 20", "at 5", "at 15"]


def test_a_document_whose_clock_is_ahead_moves_the_time_no_further_than_ours(setting: Setting) -> None:
    setting.alerting.look([seen(99_999)])
    assert setting.diary.entries[0] == "now 999900"


def test_once_everything_is_read_time_goes_by_with_the_clock(setting: Setting) -> None:
    setting.alerting.look([seen(10)])
    setting.turn(caught_up=False)
    assert setting.diary.entries[-1] == "at 10"
    setting.turn(caught_up=True)
    assert setting.diary.entries[-1] == "now 999900"


def test_a_run_with_an_end_goes_by_its_documents_alone(tmp_path: Path) -> None:
    setting = Setting(tmp_path, follows=False)
    setting.alerting.look([seen(10)])
    setting.turn(caught_up=True)
    assert setting.diary.entries[-1] == "at 10"
    setting.alerting.finish()
    assert setting.diary.entries[-1] == "now 10000"


def test_a_full_outbox_is_said_once_and_so_is_that_reading_goes_on(setting: Setting, alert: "MakeAlert") -> None:
    for number in range(10):
        setting.outbox.add(alert(number))
    assert not setting.alerting.has_room(0.01)
    assert not setting.alerting.has_room(0.01)
    setting.outbox.settle("a", [alert(1)])
    assert setting.alerting.has_room(0.01)
    assert setting.said == ["alerts_waiting: 10 alerts wait for outlets that take none", "on"]


def test_what_has_left_the_outbox_is_to_be_kept(setting: Setting, alert: "MakeAlert") -> None:
    class Kept:
        times = 0

        def keep(self, cursors: object, output_bytes: object) -> None:
            del cursors, output_bytes
            self.times += 1

    kept, counts = Kept(), Counts()
    progress = Progress(keeper=kept, interval_s=0)
    times = []
    for act in (None, setting.outbox.add, lambda one: setting.outbox.settle("a", [one])):
        if act is not None:
            act(alert(1))
        setting.alerting.turn(counts, progress, caught_up=False)
        progress.keep_if_due()
        times.append(kept.times)
    assert times == [0, 1, 2]


class Witnessed:
    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self.seen: list[tuple[str, list[int]]] = []

    def see(self, documents: Sequence[Document]) -> None:
        final = [cursor.record for cursor in self.progress.final]
        self.seen += [(document.id, final) for document in documents]


class Kept:
    def keep(self, rejected: object) -> None: ...


def document(number: int, source: str = "log") -> Document:
    return Document(f"id-{number}", "logs-x.y-z", b"{}", -1, Position(source, number))


def test_a_witness_sees_documents_in_order_just_before_their_cursor_passes_dead_letters_too() -> None:
    sink = MemorySink(lambda one: Outcome("rejected", "x") if one.id == "id-1" else Outcome("indexed"), batch_docs=2)
    progress = Progress()
    witness = Witnessed(progress)
    with Delivery(sink, Kept(), Counts(), DeliverySettings(witness=witness), progress) as delivery:
        delivery.add([document(n) for n in range(3)], Cursor("log", 3))
        delivery.add([document(n) for n in range(3, 5)])
        delivery.settle_finished()
        delivery.add([document(5)], Cursor("log", 6))
        delivery.finish()
    assert witness.seen == [(f"id-{n}", [] if n < 3 else [3]) for n in range(6)]


def test_documents_of_standard_input_are_seen_as_soon_as_they_are_settled() -> None:
    progress = Progress()
    witness, gate = Witnessed(progress), threading.Event()
    with Delivery(MemorySink(batch_docs=1), Kept(), Counts(), DeliverySettings(witness=witness), progress) as delivery:
        delivery.add([document(1, "-"), document(2, "-")])
        gate.wait(0.1)
        delivery.settle_finished()
        assert [id_ for id_, _ in witness.seen] == ["id-1", "id-2"]


def test_a_document_that_was_not_settled_is_not_seen() -> None:
    from shipper.errors import SinkError

    def judge(one: Document) -> Outcome:
        if one.id == "id-1":
            raise SinkError("gone", where="memory")
        return Outcome("indexed")

    witness = Witnessed(Progress())
    sink = MemorySink(judge, batch_docs=1)

    def deliver() -> None:
        with Delivery(sink, Kept(), Counts(), DeliverySettings(witness=witness), witness.progress) as delivery:
            for number in range(3):
                delivery.add([document(number)], Cursor("log", number))
            delivery.finish()

    with pytest.raises(SinkError):
        deliver()
    assert [id_ for id_, _ in witness.seen] == ["id-0"]
