"""Elasticsearch is killed, frozen and cut off during a run: every event is there once."""

import random
import time
from collections.abc import Callable, Iterator
from typing import Literal
from urllib.parse import urlsplit

import pytest

from shipper.testing.chaos import Breakable, Ended, Fault, Log, Proxy, Trial
from shipper.testing.engine import Access

NewTrial = Callable[[Access], Trial]
#: Small enough that a run is under way for seconds, so that there is a during.
SMALL_BATCHES = {"SHIPPER_BATCH_DOCS": "200"}
#: A request below this is one of the checks at the start, which end a run when they fail.
BEYOND_CHECKS_BYTES = 4096
#: About what one event takes in a request. In an answer it is 27 bytes, and 45 where it is asked for.
DOCUMENT_BYTES = 2700
#: A line must break so often that the test is one.
BREAKS_AT_LEAST = 3


def test_an_elasticsearch_that_is_killed_and_comes_back_has_every_event_once(
    breakable: Breakable, new_trial: NewTrial, written_log: Callable[[int], Log], long_form: bool
) -> None:
    log, trial = written_log(50_000), new_trial(breakable.access)
    times = 5 if long_form else 1

    with trial.start(log.path, environment=SMALL_BATCHES) as shipper:
        for time_ in range(times):
            trial.wait_until_indexed((time_ + 1) * len(log.ids) // (times + 2), shipper)
            breakable.restart()
        ended = shipper.ended()

    found = trial.balance(log.ids)
    trial.report("Elasticsearch killed -9 and restarted", found, note=f"{times} times; {told(ended)}")
    assert ended.code == 0, ended.said
    assert '"waiting"' in ended.said
    assert found.is_even


@pytest.mark.parametrize("request_timeout_s", [60, 2])
def test_an_elasticsearch_that_is_frozen_has_every_event_once(
    breakable: Breakable,
    new_trial: NewTrial,
    written_log: Callable[[int], Log],
    long_form: bool,
    request_timeout_s: int,
) -> None:
    log, trial = written_log(20_000), new_trial(breakable.access)
    frozen_s = 60 if long_form else 10
    environment = {**SMALL_BATCHES, "SHIPPER_REQUEST_TIMEOUT_S": str(request_timeout_s)}

    with trial.start(log.path, environment=environment) as shipper:
        trial.wait_until_indexed(len(log.ids) // 4, shipper)
        breakable.node.suspend()
        time.sleep(frozen_s)
        breakable.node.resume()
        ended = shipper.ended()

    found = trial.balance(log.ids)
    fault = f"Elasticsearch frozen for {frozen_s} s, answers within {request_timeout_s} s"
    trial.report(fault, found, note=told(ended))
    assert ended.code == 0, ended.said
    assert found.is_even


@pytest.mark.parametrize(
    ("kind", "way", "batch_docs", "most_bytes"),
    [
        ("reset", "request", 200, 200 * DOCUMENT_BYTES * 3),
        ("reset", "request", 2000, 2000 * DOCUMENT_BYTES * 3),
        ("reset", "answer", 200, 80_000),
        ("half-close", "answer", 1000, 120_000),
        ("stall", "answer", 200, 150_000),
    ],
)
def test_a_line_that_breaks_again_and_again_has_every_event_once(  # noqa: PLR0917 (fixtures)
    trial: Trial,
    written_log: Callable[[int], Log],
    chance: random.Random,
    long_form: bool,
    kind: Literal["reset", "half-close", "stall"],
    way: Literal["request", "answer"],
    batch_docs: int,
    most_bytes: int,
) -> None:
    log = written_log(50_000 if long_form else 10_000)
    environment = {
        "SHIPPER_BATCH_DOCS": str(batch_docs),
        "SHIPPER_REQUEST_TIMEOUT_S": "1" if kind == "stall" else "60",
    }
    least_bytes = batch_docs * DOCUMENT_BYTES if way == "request" else BEYOND_CHECKS_BYTES

    def breaks() -> Iterator[Fault]:
        while True:
            yield Fault(kind, way, chance.randint(least_bytes, most_bytes), stall_s=2)

    with Proxy(port_of(trial.access), breaks()) as proxy:
        ended = trial.ship(log.path, url=proxy.url, environment=environment)

    found = trial.balance(log.ids)
    fault = f"line: {kind} within the {way}, batches of {batch_docs}"
    trial.report(fault, found, note=f"{proxy.struck[kind]} times; {told(ended)}")
    assert ended.code == 0, ended.said
    assert proxy.struck[kind] >= BREAKS_AT_LEAST
    assert found.is_even


def port_of(access: Access) -> int:
    return urlsplit(access.url).port or 0


def told(ended: Ended) -> str:
    """Return what the account says of it."""
    return ", ".join(f"{ended.account.get(key, 0):.0f} {key}" for key in ("retried", "duplicates"))
