from datetime import UTC, datetime, timedelta
from threading import Event, Timer
from time import monotonic

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipper.sinks.elasticsearch.backoff import Pacing, Patience, retry_after_s

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


@given(st.integers(1, 10_000), st.floats(0, 1, exclude_max=True))
def test_a_wait_is_never_longer_than_the_cap(attempt: int, chance: float) -> None:
    assert 0 <= Pacing(cap_s=30, chance=lambda: chance).wait_s(attempt) <= 30


def test_the_upper_end_doubles_until_the_cap() -> None:
    pacing = Pacing(base_s=0.5, cap_s=3, chance=lambda: 1.0)
    assert [pacing.wait_s(attempt) for attempt in range(1, 6)] == [0.5, 1, 2, 3, 3]


def test_the_jitter_reaches_down_to_nothing() -> None:
    assert Pacing(chance=lambda: 0.0).wait_s(9) == 0


def test_what_the_server_asks_for_is_the_least() -> None:
    assert Pacing(cap_s=1, chance=lambda: 1.0).wait_s(1, "90") == 90


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("", 0),
        ("7", 7),
        (" 7 ", 7),
        ("soon", 0),
        ("-7", 0),
        ("Tue, 24 Nov 2026 12:00:30 GMT", 30),
        ("Tue, 24 Nov 2026 11:00:00 GMT", 0),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(header: str, seconds: float) -> None:
    assert retry_after_s(header, NOON) == seconds


@given(st.text())
def test_no_retry_after_raises(header: str) -> None:
    assert retry_after_s(header, NOON) >= 0


class Clock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.at_s = 0.0

    def __call__(self) -> float:
        return self.at_s


def test_it_gives_up_when_nothing_got_through_for_long_enough() -> None:
    clock = Clock()
    patience = Patience(Pacing(clock=clock, chance=lambda: 0.0), 10, Event())
    clock.at_s = 9.9
    assert patience.wait()
    clock.at_s = 10
    assert not patience.wait()
    assert patience.waited_s == 10


def test_progress_gives_it_new_patience() -> None:
    clock = Clock()
    patience = Patience(Pacing(clock=clock, chance=lambda: 0.0), 10, Event())
    clock.at_s = 9
    patience.progress()
    clock.at_s = 18
    assert patience.wait()


def test_without_a_limit_it_never_gives_up() -> None:
    clock = Clock()
    patience = Patience(Pacing(clock=clock, chance=lambda: 0.0), None, Event())
    clock.at_s = timedelta(days=365).total_seconds()
    assert patience.wait()


def test_an_interruption_ends_a_wait_at_once() -> None:
    interrupted = Event()
    patience = Patience(Pacing(base_s=60, cap_s=60, chance=lambda: 1.0), None, interrupted)
    timer = Timer(0.05, interrupted.set)
    timer.start()
    began = monotonic()
    assert not patience.wait()
    assert monotonic() - began < 10
    assert patience.interrupted
    timer.join()
