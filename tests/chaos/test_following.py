"""Logs that are followed while they grow, come round, are archived, cleared; and the time until an event is found."""

import os
import random
import signal
import statistics
import time
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from shipper.testing.chaos import (
    Growth,
    Pace,
    Reckoning,
    Shipper,
    Trial,
    Written,
    event_ids,
    failure,
    ids_of,
    reckon,
    searchable,
    told_of,
    wait_until_searchable,
)
from shipper.testing.evtx_writer import LAZY, PROMPT, EventSpec, GrowingLog, Lazy

EVENTS_PER_S = 5000
#: 20 MB, the size at which a log of Windows comes round by default: four to five seconds at this pace.
USUAL_CHUNKS = 320
LAG_S = 5.0
#: Where the machine cannot deliver a log as fast as it grows, and with room to spare, a follower cannot either.
ROOM = 0.8
#: A follower sees an event within this time after it was written, in the middle.
SEEN_WITHIN_S = 2.0
WAITS_WITHIN_S = 60.0
LATE, AT_ONCE = pytest.param(LAZY, id="late headers"), pytest.param(PROMPT, id="prompt headers")
BOTH = [LATE, AT_ONCE]
#: Late ones are what is harder to follow.
HEADERS = BOTH if os.environ.get("CHAOS") == "long" else [LATE]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Return the path of a log in a folder of its own."""
    folder = tmp_path / "logs"
    folder.mkdir()
    return folder / "Connector.evtx"


@pytest.fixture
def grows_for_s(long_form: bool) -> float:
    """Return for how long a log grows."""
    return 60.0 if long_form else 10.0


class Lag:
    """How far a follower is behind when the writer has come to its end."""

    def __init__(self, trial: Trial) -> None:
        self._trial = trial
        self.seconds = 0.0

    def catch_up(self, written: Written, shipper: Shipper) -> None:
        """Wait until the last event is found."""
        found_s = wait_until_searchable(self._trial.access, self._trial.data_stream, written.last_id, shipper)
        self.seconds = max(self.seconds, found_s - written.ended_s)

    def is_small(self, log: Path, grew_for_s: float) -> bool:
        """Say whether it is as small as promised, or the machine is too busy to deliver at that pace even at once."""
        if self.seconds < LAG_S:
            return True
        at_once = self._trial.beside(1).ship(log.parent)
        return ROOM * at_once.account["shipped"] / at_once.seconds < EVENTS_PER_S and self.seconds < grew_for_s


def be_known(trial: Trial, growth: Growth, shipper: Shipper) -> None:
    """Let a log have a few events and be read: what is gone before that happens for the first time is no gap."""
    wait_until_searchable(trial.access, trial.data_stream, growth.grow(Pace(0.1, EVENTS_PER_S)).last_id, shipper)


def reported(trial: Trial, fault: str, written: Written, lag: Lag, *, runs: int = 1) -> Reckoning:
    """Hold the data stream against what was written, add a line to the table, and return what it came to."""
    found = reckon(trial.access, trial.data_stream, written.generations())
    gaps = f"{found.reported:,} in {found.gaps + found.clears} reported gaps; " if found.gaps + found.clears else ""
    late = f"; the writer was late by up to {written.late_s:.1f} s" if written.late_s > LAG_S / 10 else ""
    trial.report(fault, found.found, runs=runs, note=f"{gaps}lag {lag.seconds:.1f} s at the end{late}")
    return found


@pytest.mark.parametrize("lazy", HEADERS)
def test_a_log_that_grows_is_followed_event_by_event(trial: Trial, log: Path, grows_for_s: float, lazy: Lazy) -> None:
    lag = Lag(trial)
    with Growth(log, lazy=lazy) as growth, trial.start(log.parent, "--follow") as shipper:
        written = growth.grow(Pace(grows_for_s, EVENTS_PER_S))
        lag.catch_up(written, shipper)
        ended = shipper.stopped()
    found = reported(trial, f"log grows by 5,000/s, {named(lazy)}", written, lag)
    assert (ended.code, found.is_even, found.reported) == (0, True, 0), ended.said
    assert ended.account["shipped"] == written.events
    assert lag.is_small(log, grows_for_s)


@pytest.mark.parametrize("lazy", HEADERS)
def test_a_log_that_is_archived_every_two_seconds_is_followed_into_each_archive(
    trial: Trial, log: Path, grows_for_s: float, lazy: Lazy
) -> None:
    lag = Lag(trial)
    with Growth(log, lazy=lazy) as growth, trial.start(log.parent, "--follow") as shipper:
        written = growth.grow(Pace(grows_for_s, EVENTS_PER_S, rotate_every_s=2))
        lag.catch_up(written, shipper)
        ended = shipper.stopped()
    found = reported(trial, f"log rotated every 2 s, {named(lazy)}", written, lag)
    assert (ended.code, found.is_even, found.reported) == (0, True, 0), ended.said
    assert lag.is_small(log, grows_for_s)


@pytest.mark.parametrize("lazy", HEADERS)
def test_a_log_that_comes_round_gives_every_record_or_tells_that_it_is_gone(
    trial: Trial, log: Path, grows_for_s: float, lazy: Lazy
) -> None:
    lag = Lag(trial)
    with Growth(log, max_chunks=USUAL_CHUNKS, lazy=lazy) as growth, trial.start(log.parent, "--follow") as shipper:
        be_known(trial, growth, shipper)
        written = growth.grow(Pace(grows_for_s, EVENTS_PER_S))
        lag.catch_up(written, shipper)
        ended = shipper.stopped()
    found = reported(trial, f"log of 20 MB comes round, {named(lazy)}", written, lag)
    assert found.is_even, ended.said
    assert ended.code == (1 if found.gaps else 0), ended.said
    assert ended.account["missed"] == found.reported
    assert lag.is_small(log, grows_for_s)


@pytest.mark.parametrize("max_chunks", [8, 200])
def test_what_a_log_holds_when_it_comes_to_rest_is_never_told_as_missing(
    trial: Trial, log: Path, long_form: bool, max_chunks: int
) -> None:
    lag, rests = Lag(trial), list[range]()
    with Growth(log, max_chunks=max_chunks) as growth, trial.start(log.parent, "--follow") as shipper:
        be_known(trial, growth, shipper)
        for _ in range(30 if long_form else 1):
            shipper.signal(signal.SIGSTOP)  # it must not be quicker than the log comes round
            growth.grow(Pace(0.5, EVENTS_PER_S))
            shipper.signal(signal.SIGCONT)
            written = growth.grow(Pace(1, EVENTS_PER_S))
            lag.catch_up(written, shipper)
            rests.append(written.on_disk)
        ended = shipper.stopped()
    found = reported(trial, f"log of {max_chunks} chunks comes round, with rests", written, lag)
    assert found.is_even, ended.said
    told = {number for each in told_of(trial.access, trial.data_stream) for number in each.numbers}
    assert told.isdisjoint(number for rest in rests for number in rest)
    # In 200 chunks there is room for what is written between two rests; in 8 for less than a tenth.
    assert (found.gaps > 0) == (max_chunks == 8), ended.said


def test_nothing_is_lost_of_a_log_that_was_read_to_its_end_before_it_was_cleared(
    trial: Trial, log: Path, long_form: bool
) -> None:
    lag = Lag(trial)
    with Growth(log, lazy=LAZY) as growth, trial.start(log.parent, "--follow") as shipper:
        written = growth.grow(Pace(0.5, EVENTS_PER_S))
        for _ in range(30 if long_form else 3):
            lag.catch_up(written, shipper)
            growth.begin(Pace(0.5, EVENTS_PER_S))
            growth.clear()
            written = growth.finish()
        lag.catch_up(written, shipper)
        ended = shipper.stopped()
    found = reported(trial, "log cleared when it had been read", written, lag)
    assert (ended.code, found.is_even, found.reported) == (0, True, 0), ended.said
    assert found.clears == len(written.begun) - 1


@pytest.mark.parametrize("lazy", HEADERS)
def test_what_a_log_holds_when_it_is_cleared_in_full_flow_is_there_or_told(
    trial: Trial, log: Path, long_form: bool, lazy: Lazy
) -> None:
    lag = Lag(trial)
    with Growth(log, lazy=lazy) as growth, trial.start(log.parent, "--follow") as shipper:
        growth.begin(Pace(600, EVENTS_PER_S))
        first = 0
        for generation in range(30 if long_form else 2):
            (id_,) = ids_of(range(first, first + 1), generation)
            wait_until_searchable(trial.access, trial.data_stream, id_, shipper)
            first = growth.clear()
        growth.stop()
        written = growth.finish()
        lag.catch_up(written, shipper)
        ended = shipper.stopped()
    found = reported(trial, f"log cleared in full flow, {named(lazy)}", written, lag)
    assert (ended.code, found.is_even) == (0, True), ended.said
    assert found.clears == len(written.begun) - 1


@pytest.mark.parametrize("archived", [True, False], ids=["archived", "comes round"])
def test_a_follower_killed_while_a_log_changes_goes_on_where_it_was(
    trial: Trial, log: Path, long_form: bool, chance: random.Random, archived: bool
) -> None:
    lag, runs, grows_for_s = Lag(trial), 2, 60.0 if long_form else 4.0
    with Growth(log, max_chunks=None if archived else USUAL_CHUNKS, lazy=LAZY) as growth:
        with trial.start(log.parent, "--follow") as shipper:
            be_known(trial, growth, shipper)
            shipper.stopped()
        growth.begin(Pace(grows_for_s, EVENTS_PER_S, rotate_every_s=2 if archived else 0))
        ends_at_s = time.monotonic() + grows_for_s
        while time.monotonic() < ends_at_s:
            with trial.start(log.parent, "--follow") as shipper:
                shipper.wait_at_most(chance.uniform(0.5, 3))
                assert shipper.kill()
            runs += 1
        written = growth.finish()
        with trial.start(log.parent, "--follow") as shipper:
            lag.catch_up(written, shipper)
            ended = shipper.stopped()
    happens = "is archived" if archived else "comes round"
    found = reported(trial, f"follower killed -9 while a log {happens}", written, lag, runs=runs)
    # A gap is told from the last checkpoint on: what the killed run had delivered after that may be told, too.
    assert (found.found.is_even, found.untrue) == (True, 0), ended.said
    assert not (archived and found.reported)


@pytest.mark.parametrize("lazy", BOTH)
def test_an_event_is_found_within_two_seconds_of_its_writing(
    trial: Trial, log: Path, long_form: bool, chance: random.Random, lazy: Lazy
) -> None:
    written: list[EventSpec] = []
    with GrowingLog(log, lazy=lazy) as growing, trial.start(log, "--follow") as shipper:

        def write() -> str:
            written.append(msgspec.structs.replace(failure(len(written)), time=datetime.now(UTC)))
            (number,) = growing.append(written[-1:])
            return event_ids(written[-1:], first_record=number)[0]

        wait_until_searchable(trial.access, trial.data_stream, write(), shipper)
        watch = Watch(trial)
        for _ in range(200 if long_form else 8):
            watch.for_s(chance.uniform(0, 0.7))
            watch.begun[write()] = time.monotonic()
        watch.until_all_are_found()
        shipper.stopped()
    median, longest = statistics.median(watch.took_s), max(watch.took_s)
    note = f"{len(watch.took_s)} single events, found after {median:.2f} s, at most {longest:.2f} s"
    trial.report(f"from written to found, {named(lazy)}", trial.balance(event_ids(written)), note=note)
    assert median < SEEN_WITHIN_S


class Watch:
    """Looks for events all the time and notes when each is found.

    Attributes:
        begun: monotonic time at which each was written, by ``_id``, of those that are not found yet.
        took_s: how long each took that was found.
    """

    def __init__(self, trial: Trial) -> None:
        self._trial = trial
        self.begun: dict[str, float] = {}
        self.took_s: list[float] = []

    def for_s(self, seconds: float) -> None:
        ends_at_s = time.monotonic() + seconds
        while time.monotonic() < ends_at_s:
            self._look()

    def until_all_are_found(self) -> None:
        ends_at_s = time.monotonic() + WAITS_WITHIN_S
        while self.begun and time.monotonic() < ends_at_s:
            self._look()
        assert not self.begun

    def _look(self) -> None:
        for id_ in searchable(self._trial.access, self._trial.data_stream, self.begun):
            self.took_s.append(time.monotonic() - self.begun.pop(id_))
        time.sleep(0.02)


def named(lazy: Lazy) -> str:
    """Name what a writer leaves late."""
    return "late headers" if lazy == LAZY else "prompt headers"
