import threading
from collections.abc import Callable

import pytest

from shipper.operations.pauses import Pause, Pauses
from tests.operations.conftest import HandMovedClock


class Heard:
    def __init__(self, clock: HandMovedClock) -> None:
        self.reasons: list[str] = []
        self.waited_s: list[float] = []
        self.pauses = Pauses(self.reasons.append, self.waited_s.append, clock)


@pytest.fixture
def heard(clock: HandMovedClock) -> Heard:
    return Heard(clock)


def in_a_thread(act: Callable[[], None]) -> None:
    thread = threading.Thread(target=act)
    thread.start()
    thread.join()


def test_a_pause_lasts_until_its_batch_is_settled(heard: Heard, clock: HandMovedClock) -> None:
    heard.pauses.begin("cluster_block_exception: read-only")
    clock.now_s += 5
    assert heard.pauses.longest() == Pause("cluster_block_exception: read-only", 100)
    heard.pauses.end(settled=True)
    assert heard.pauses.longest() is None
    assert heard.waited_s == [5]


def test_a_batch_that_never_waited_resumes_nothing(heard: Heard) -> None:
    heard.pauses.end(settled=True)
    assert heard.waited_s == []


def test_a_batch_that_is_given_up_does_not_go_on(heard: Heard) -> None:
    heard.pauses.begin("no_answer: gone")
    heard.pauses.end(settled=False)
    assert heard.pauses.longest() is None
    assert heard.waited_s == []


def test_delivery_goes_on_when_the_last_batch_that_waited_is_settled(heard: Heard, clock: HandMovedClock) -> None:
    heard.pauses.begin("first: x")
    clock.now_s += 3
    in_a_thread(lambda: heard.pauses.begin("second: x"))
    heard.pauses.end(settled=True)
    assert heard.waited_s == []
    assert heard.pauses.longest() == Pause("second: x", 103)


def test_a_new_reason_of_the_same_batch_does_not_begin_a_new_pause(heard: Heard, clock: HandMovedClock) -> None:
    heard.pauses.begin("a: x")
    clock.now_s += 3
    heard.pauses.begin("b: x")
    assert heard.pauses.longest() == Pause("b: x", 100)
    assert heard.reasons == ["a: x", "b: x"]


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("cluster_block_exception: index [x] blocked", "cluster_block_exception"),
        ("<script>: x", "other"),
        ("x" * 65, "other"),
        ("", "other"),
        ("a\nb", "other"),
    ],
)
def test_only_an_error_type_becomes_a_label(reason: str, kind: str) -> None:
    assert Pause(reason, 0).kind == kind
