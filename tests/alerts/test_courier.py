import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from shipper.alerts import TAKEN, Courier, Outbox, Refused, Taken, Unavailable
from shipper.model import Document

if TYPE_CHECKING:
    from tests.alerts.conftest import MakeAlert


class ScriptedOutlet:
    """Takes alerts, unless the next of its answers is an exception or a refusal."""

    name = "scripted"
    most = 2

    def __init__(self, *answers: Exception | Refused) -> None:
        self.answers = list(answers)
        self.taken: list[str] = []
        self.closed = threading.Event()

    def deliver(self, alerts: Sequence[Document]) -> list[Taken | Refused]:
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, Exception):
            raise answer
        self.taken += [alert.id for alert in alerts]
        return [answer or TAKEN] * len(alerts)

    def interrupt(self) -> None: ...

    def close(self) -> None:
        self.closed.set()


class Kept:
    def __init__(self) -> None:
        self.refused: list[tuple[str, str]] = []

    def keep(self, outlet: str, refused: Sequence[tuple[Document, Refused]]) -> None:
        self.refused += [(outlet, alert.id) for alert, _ in refused]


def carried(
    outlet: ScriptedOutlet, alerts: list[Document], wait_s: Callable[[int, str], float] = lambda *_: 0.001
) -> tuple[Outbox, Courier, Kept, list[str]]:
    outbox, kept = Outbox([outlet.name], 100), Kept()
    said: list[str] = []
    courier = Courier(outbox, outlet, kept, wait_s, said.append)
    for one in alerts:
        outbox.add(one)
    courier.start()
    outbox.close()
    assert courier.join(5)
    return outbox, courier, kept, said


def test_every_alert_is_carried_and_the_outlet_closed(alert: "MakeAlert") -> None:
    outlet = ScriptedOutlet()
    outbox, courier, _, said = carried(outlet, [alert(n) for n in range(5)])
    assert outlet.taken == [f"alert-{n}" for n in range(5)]
    assert (outbox.waiting, courier.fault, said, outlet.closed.is_set()) == (0, None, [], True)


def test_an_outlet_that_takes_nothing_is_asked_again_and_that_is_said_once(alert: "MakeAlert") -> None:
    outlet = ScriptedOutlet(*[Unavailable("down")] * 4)
    *_, said = carried(outlet, [alert(1)])
    assert outlet.taken == ["alert-1"]
    assert said == ["scripted takes no alerts: down; tried again until it does", "scripted takes alerts again"]


def test_waits_grow_with_failures_and_know_what_was_asked_for(alert: "MakeAlert") -> None:
    asked: list[tuple[int, str]] = []

    def wait_s(failures: int, retry_after: str) -> float:
        asked.append((failures, retry_after))
        return 0

    carried(ScriptedOutlet(Unavailable("a"), Unavailable("b", retry_after="7")), [alert(1)], wait_s)
    assert asked == [(1, ""), (2, "7")]


def test_what_was_taken_before_a_fault_is_not_carried_again(alert: "MakeAlert") -> None:
    outlet = ScriptedOutlet(Unavailable("half", taken=1))
    carried(outlet, [alert(1), alert(2)])
    assert outlet.taken == ["alert-2"]


def test_what_is_refused_is_kept_and_holds_nobody_up(alert: "MakeAlert") -> None:
    outlet = ScriptedOutlet(Refused("http_400", "answers 400"))
    outbox, courier, kept, said = carried(outlet, [alert(n) for n in range(3)])
    assert kept.refused == [("scripted", "alert-0"), ("scripted", "alert-1")]
    assert (outbox.waiting, courier.refused) == (0, 2)
    assert said == ["scripted refuses 2 alerts: answers 400"]


def test_a_fault_of_another_kind_is_left_to_the_run(alert: "MakeAlert") -> None:
    fault = BrokenPipeError()
    outbox, courier, *_ = carried(ScriptedOutlet(fault), [alert(1)])
    assert (courier.fault, outbox.waiting) == (fault, 1)


def test_an_interruption_ends_a_long_wait(alert: "MakeAlert") -> None:
    outbox = Outbox(["scripted"], 100)
    courier = Courier(outbox, ScriptedOutlet(*[Unavailable("down")] * 9), Kept(), lambda *_: 60.0, lambda _: None)
    outbox.add(alert(1))
    courier.start()
    time.sleep(0.1)
    courier.interrupt()
    assert courier.join(1)
    assert outbox.waiting == 1
