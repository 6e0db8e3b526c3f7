"""Rollovers at the worst moments: within retries, between a kill and the restart. No event is there twice."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import pytest

from shipper.testing.chaos import Breakable, Ended, Fault, Log, Proxy, Trial, event_ids
from shipper.testing.connector.events import legacy_event
from shipper.testing.engine import Access
from shipper.testing.evtx_writer import EventSpec, write_log

NewTrial = Callable[[Access], Trial]
#: Small enough that a run is under way for seconds, and several at once.
SMALL_BATCHES = {"SHIPPER_BATCH_DOCS": "100", "SHIPPER_IN_FLIGHT": "4"}
SMALLER_BATCHES = {"SHIPPER_BATCH_DOCS": "50"}
#: So that a killed run is far ahead of its last checkpoint.
NO_CHECKPOINTS = {"SHIPPER_CHECKPOINT_INTERVAL_S": "3600"}
ROLLOVERS_EVERY_S = 0.3
#: A request below this is one of the checks at the start, which end a run when they fail.
BEYOND_CHECKS_BYTES = 4096
#: A line must break so often that the test is one.
BREAKS_AT_LEAST = 3


class Rollovers:
    """Rolls a data stream over again and again. A context manager."""

    def __init__(self, trial: Trial, every_s: float = ROLLOVERS_EVERY_S) -> None:
        self._trial = trial
        self._every_s = every_s
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._go_on)
        self.count = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._ending.set()
        self._thread.join()

    def _go_on(self) -> None:
        while not self._ending.wait(self._every_s):
            self.count += roll_over(self._trial)


def roll_over(trial: Trial) -> bool:
    """Roll the data stream over; say whether there was one."""
    status, answer = trial.access.request("POST", f"/{trial.data_stream}/_rollover")
    assert status in {HTTPStatus.OK, HTTPStatus.NOT_FOUND, HTTPStatus.BAD_REQUEST}, answer
    return status == HTTPStatus.OK


def told(ended: Ended, rollovers: int) -> str:
    """Return what the account says of it."""
    return f"{rollovers} rollovers; " + ", ".join(
        f"{ended.account.get(key, 0):.0f} {key}" for key in ("retried", "duplicates")
    )


def issue_failed(number: int) -> EventSpec:
    """Make a synthetic failure to issue of the day after tomorrow, which nobody can have sent before."""
    time_ = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=2, seconds=number / 10)
    return legacy_event("pki01.corp.example", 20102, time_, (("CAName", "CA01"),), code="0x00000400", texts=("gone",))


@pytest.fixture
def young_log(tmp_path: Path) -> Log:
    """Return a log of which no event is older than any index, so that only its lost answers tell what to ask for."""
    events = list(map(issue_failed, range(5_000)))
    write_log(tmp_path / "young.evtx", events)
    return Log(tmp_path / "young.evtx", event_ids(events))


@pytest.mark.parametrize("kind", ["reset", "half-close"])
def test_rollovers_while_answers_are_lost_double_nothing(
    trial: Trial, young_log: Log, chance: random.Random, kind: str
) -> None:
    def breaks() -> Iterator[Fault]:
        while True:
            yield Fault(
                "reset" if kind == "reset" else "half-close", "answer", chance.randint(BEYOND_CHECKS_BYTES, 80_000)
            )

    with Proxy(urlsplit(trial.access.url).port or 0, breaks()) as proxy, Rollovers(trial, 0.5) as rollovers:
        ended = trial.ship(young_log.path, url=proxy.url, environment=SMALLER_BATCHES)

    found = trial.balance(young_log.ids)
    trial.report(f"rollovers while answers are lost ({kind})", found, note=told(ended, rollovers.count))
    assert ended.code == 0, ended.said
    assert proxy.struck[kind] >= BREAKS_AT_LEAST
    assert rollovers.count >= BREAKS_AT_LEAST
    assert ended.account["duplicates"] > 0
    assert found.is_even


def test_a_rollover_between_a_kill_and_the_restart_doubles_nothing(
    trial: Trial, written_log: Callable[[int], Log]
) -> None:
    log, environment = written_log(10_000), SMALL_BATCHES | NO_CHECKPOINTS
    with trial.start(log.path, environment=environment) as shipper:
        trial.wait_until_indexed(len(log.ids) // 4, shipper)
        assert shipper.kill()
    assert roll_over(trial)
    ended = trial.ship(log.path, environment=environment)

    found = trial.balance(log.ids)
    trial.report("a rollover between kill -9 and the restart", found, runs=2, note=told(ended, 1))
    assert ended.code == 0, ended.said
    assert ended.account["duplicates"] >= len(log.ids) // 4
    assert found.is_even


def test_kills_and_rollovers_at_random_moments_double_nothing(
    trial: Trial, written_log: Callable[[int], Log], chance: random.Random, long_form: bool
) -> None:
    log, kills, hits = written_log(20_000), 40 if long_form else 6, 0
    with Rollovers(trial) as rollovers:
        for _ in range(kills):
            with trial.start(log.path, environment=SMALL_BATCHES) as shipper:
                shipper.wait_at_most(chance.uniform(0.5, 2))
                hits += shipper.kill()
        ended = trial.ship(log.path, environment=SMALL_BATCHES)

    found = trial.balance(log.ids)
    note = f"{hits} kills; {told(ended, rollovers.count)}"
    trial.report("kill -9 and rollovers at random moments", found, runs=kills + 1, note=note)
    assert ended.code == 0, ended.said
    assert hits >= kills // 2
    assert found.is_even


def test_an_elasticsearch_that_is_killed_and_rolled_over_doubles_nothing(
    breakable: Breakable, new_trial: NewTrial, young_log: Log
) -> None:
    trial = new_trial(breakable.access)
    with trial.start(young_log.path, environment=SMALL_BATCHES) as shipper:
        trial.wait_until_indexed(len(young_log.ids) // 4, shipper)
        breakable.restart()
        with Rollovers(trial) as rollovers:
            ended = shipper.ended()

    found = trial.balance(young_log.ids)
    trial.report("Elasticsearch killed -9, then rollovers", found, note=told(ended, rollovers.count))
    assert ended.code == 0, ended.said
    assert found.is_even


def test_an_elasticsearch_that_is_frozen_and_rolled_over_when_it_thaws_doubles_nothing(
    breakable: Breakable, new_trial: NewTrial, young_log: Log, long_form: bool
) -> None:
    trial = new_trial(breakable.access)
    environment = {**SMALL_BATCHES, "SHIPPER_REQUEST_TIMEOUT_S": "1"}
    with trial.start(young_log.path, environment=environment) as shipper:
        trial.wait_until_indexed(len(young_log.ids) // 5, shipper)
        with Rollovers(trial) as rollovers:
            for _ in range(5 if long_form else 2):
                breakable.node.suspend()
                time.sleep(4)
                breakable.node.resume()
                time.sleep(0.7)
            ended = shipper.ended()

    found = trial.balance(young_log.ids)
    trial.report("Elasticsearch frozen, rollovers when it thaws", found, note=told(ended, rollovers.count))
    assert ended.code == 0, ended.said
    assert found.is_even
