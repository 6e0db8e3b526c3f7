from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipper.alerts import Letter, Memory, Outbox, decode_memory, encode_memory
from shipper.alerts.memory import UnusableMemoryError
from shipper.model import Document, Position

if TYPE_CHECKING:
    from tests.alerts.conftest import MakeAlert


def test_an_alert_waits_until_every_outlet_has_taken_it(alert: "MakeAlert") -> None:
    outbox = Outbox(["a", "b"], 10)
    outbox.add(alert(1))
    outbox.settle("a", [alert(1)])
    assert (outbox.waiting, outbox.letters()) == (1, [Letter(alert(1), ("b",))])
    outbox.settle("b", [alert(1)])
    assert (outbox.waiting, outbox.letters()) == (0, [])


def test_each_outlet_takes_alerts_in_their_order_and_they_stay_until_settled(alert: "MakeAlert") -> None:
    outbox = Outbox(["a"], 10)
    for number in range(3):
        outbox.add(alert(number))
    assert outbox.take("a", 2) == outbox.take("a", 2) == [alert(0), alert(1)]
    outbox.settle("a", [alert(0)])
    assert outbox.take("a", 5) == [alert(1), alert(2)]


def test_an_alert_that_waits_is_not_doubled(alert: "MakeAlert") -> None:
    outbox = Outbox(["a"], 10)
    outbox.add(alert(1))
    outbox.add(alert(1))
    assert outbox.waiting == outbox.waiting_for("a") == 1


def test_an_alert_that_one_outlet_has_taken_is_not_given_to_it_again_while_others_wait(alert: "MakeAlert") -> None:
    outbox = Outbox(["a", "b"], 10)
    outbox.add(alert(1))
    outbox.settle("a", [alert(1)])
    outbox.add(alert(1))
    assert (outbox.waiting_for("a"), outbox.waiting_for("b")) == (0, 1)


def test_it_counts_as_full_and_takes_more_all_the_same(alert: "MakeAlert") -> None:
    outbox = Outbox(["a"], 2)
    full = []
    for number in range(3):
        outbox.add(alert(number))
        full.append(outbox.is_full)
    assert (full, outbox.waiting) == ([False, True, True], 3)


def test_what_waits_for_an_outlet_that_is_gone_is_given_back(alert: "MakeAlert") -> None:
    outbox = Outbox(["a"], 10)
    homeless = outbox.restore([Letter(alert(1), ("a", "gone")), Letter(alert(2), ("gone",))])
    assert homeless == [Letter(alert(1), ("gone",)), Letter(alert(2), ("gone",))]
    assert outbox.letters() == [Letter(alert(1), ("a",))]


def test_when_it_is_closed_nobody_waits_any_more(alert: "MakeAlert") -> None:
    outbox = Outbox(["a"], 10)
    outbox.add(alert(1))
    outbox.close()
    assert outbox.take("a", 5) == [alert(1)]
    outbox.settle("a", [alert(1)])
    assert outbox.take("a", 5) == []


@given(
    evaluator=st.binary(max_size=50),
    texts=st.lists(st.text(max_size=20), max_size=4, unique=True),
    position=st.binary(max_size=20),
)
def test_what_is_remembered_comes_back_as_it_was(evaluator: bytes, texts: list[str], position: bytes) -> None:
    letters = tuple(
        Letter(Document(f"id-{n}", "stream", b'{"a":"%d"}' % n, 3, Position("alerts", -1)), (text,))
        for n, text in enumerate(texts)
    )
    memory = Memory(evaluator, letters, position)
    assert decode_memory(encode_memory(memory)) == memory


@pytest.mark.parametrize("damage", ["cut", "changed", "empty"])
def test_a_damaged_memory_is_known(alert: "MakeAlert", damage: str) -> None:
    content = encode_memory(Memory(b"known", (Letter(alert(1), ("a",)),)))
    damaged = {"cut": content[:-40], "changed": content.replace(b"alert-1", b"alert-2"), "empty": b""}[damage]
    with pytest.raises(UnusableMemoryError):
        decode_memory(damaged)
