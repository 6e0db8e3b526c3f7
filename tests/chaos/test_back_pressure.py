"""A hanging Elasticsearch holds the reading up and not the memory, and the shipper can be stopped all the same."""

import signal
import time
from collections.abc import Callable, Iterator

import pytest

from shipper.testing.chaos import Breakable, Ended, Log, Shipper, Trial
from shipper.testing.engine import Access

NewTrial = Callable[[Access], Trial]
EVENTS = 20_000
#: Small enough that a run is under way for seconds, so that there is a during.
SMALL_BATCHES = {"SHIPPER_BATCH_DOCS": "200"}
DRAIN_WITHIN_S = 2
#: What ending takes besides, on a busy machine; an answer is waited for twelve times as long.
ENDS_WITHIN_S = 15
#: The documents of this log take 54 MB as bytes, and as objects several times that.
MOST_GROWTH_BYTES = 32 << 20


@pytest.fixture
def frozen(breakable: Breakable) -> Iterator[Breakable]:
    """Yield an Elasticsearch to freeze; it is thawed afterwards."""
    yield breakable
    breakable.node.resume()


def freeze_at_a_quarter(trial: Trial, log: Log, elasticsearch: Breakable, shipper: Shipper) -> None:
    trial.wait_until_indexed(len(log.ids) // 4, shipper)
    elasticsearch.node.suspend()


@pytest.mark.parametrize("words", [(), ("--follow",), ("--workers", "2")], ids=["reading", "following", "two workers"])
def test_memory_stays_flat_while_elasticsearch_hangs(  # noqa: PLR0917 (fixtures)
    frozen: Breakable,
    new_trial: NewTrial,
    written_log: Callable[[int], Log],
    long_form: bool,
    words: tuple[str, ...],
    request: pytest.FixtureRequest,
) -> None:
    log, trial = written_log(EVENTS), new_trial(frozen.access)
    with trial.start(log.path, *words, environment=SMALL_BATCHES) as shipper:
        freeze_at_a_quarter(trial, log, frozen, shipper)
        sizes = [shipper.memory_bytes()]
        for _ in range(240 if long_form else 24):
            time.sleep(0.25)
            sizes.append(shipper.memory_bytes())
        frozen.node.resume()
        trial.wait_until_indexed(len(log.ids), shipper)
        ended = shipper.stopped() if words == ("--follow",) else shipper.ended()

    found = trial.balance(log.ids)
    note = f"{sizes[0] >> 20} MB before, {max(sizes) >> 20} MB at most"
    trial.report(f"Elasticsearch hangs, memory: {request.node.callspec.id}", found, note=note)
    assert ended.code == 0, ended.said
    assert max(sizes) - sizes[0] < MOST_GROWTH_BYTES
    assert found.is_even


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_to_end_gives_up_a_request_that_hangs_and_the_next_run_brings_the_rest(
    frozen: Breakable, new_trial: NewTrial, written_log: Callable[[int], Log], number: signal.Signals
) -> None:
    log, trial = written_log(20_000), new_trial(frozen.access)
    ended, seconds = stopped_while_frozen(trial, log, frozen, number)
    frozen.node.resume()
    after = trial.ship(log.path)

    found = trial.balance(log.ids)
    trial.report(f"{number.name} while Elasticsearch hangs", found, runs=2, note=f"ended after {seconds:.1f} s")
    assert ended.code == 0, ended.said
    assert seconds < DRAIN_WITHIN_S + ENDS_WITHIN_S
    assert "Traceback" not in ended.said
    assert f"not everything was delivered within {DRAIN_WITHIN_S} s: the next run sends the rest" in ended.said
    account = ended.account
    assert account["read"] == account["shipped"] + account["duplicates"]
    assert after.code == 0, after.said
    assert found.is_even


def stopped_while_frozen(
    trial: Trial, log: Log, elasticsearch: Breakable, number: signal.Signals
) -> tuple[Ended, float]:
    """Return how a shipper ended that was told to while Elasticsearch hung, and after how many seconds."""
    environment = {**SMALL_BATCHES, "SHIPPER_DRAIN_WITHIN_S": str(DRAIN_WITHIN_S), "SHIPPER_REQUEST_TIMEOUT_S": "180"}
    with trial.start(log.path, environment=environment) as shipper:
        freeze_at_a_quarter(trial, log, elasticsearch, shipper)
        time.sleep(1)
        began_s = time.monotonic()
        shipper.signal(number)
        return shipper.ended(), time.monotonic() - began_s


def test_what_was_read_is_delivered_after_a_signal_to_end(trial: Trial, written_log: Callable[[int], Log]) -> None:
    log = written_log(20_000)
    with trial.start(log.path, environment=SMALL_BATCHES) as shipper:
        trial.wait_until_indexed(len(log.ids) // 4, shipper)
        ended = shipper.stopped()
    delivered = ended.account["read"]
    after = trial.ship(log.path)

    found = trial.balance(log.ids)
    trial.report("SIGTERM drains", found, runs=2, note=f"{delivered:.0f} delivered by the first run")
    assert ended.code == 0, ended.said
    assert 0 < ended.account["shipped"] == ended.account["read"] < len(log.ids)
    assert (after.account["shipped"], after.account["duplicates"]) == (len(log.ids) - delivered, 0)
    assert found.is_even


def test_a_second_signal_ends_at_once(
    frozen: Breakable, new_trial: NewTrial, written_log: Callable[[int], Log]
) -> None:
    log, trial = written_log(20_000), new_trial(frozen.access)
    environment = {**SMALL_BATCHES, "SHIPPER_DRAIN_WITHIN_S": "600"}
    with trial.start(log.path, environment=environment) as shipper:
        freeze_at_a_quarter(trial, log, frozen, shipper)
        shipper.signal(signal.SIGTERM)
        shipper.wait_at_most(2)
        assert shipper.is_running
        shipper.signal(signal.SIGTERM)
        ended = shipper.ended(ENDS_WITHIN_S)
    frozen.node.resume()
    after = trial.ship(log.path)

    found = trial.balance(log.ids)
    trial.report("a second signal while Elasticsearch hangs", found, runs=2)
    assert ended.code == 128 + signal.SIGTERM
    assert after.code == 0, after.said
    assert found.is_even
