"""The shipper is killed with ``kill -9`` again and again and started again with the same state."""

import random
from collections.abc import Callable, Mapping

import msgspec
import pytest

from shipper.testing.chaos import Balance, Ended, Log, Trial

EVENTS = 50_000
#: Batches of 50, one process; batches as they are by default, decoded in two.
SMALL = {"SHIPPER_BATCH_DOCS": "50", "SHIPPER_IN_FLIGHT": "4"}
BIG = {"SHIPPER_WORKERS": "2"}
#: The whole time in which a checkpoint may be half written: one follows the other.
ALWAYS_CHECKPOINTING = {"SHIPPER_CHECKPOINT_INTERVAL_S": "0"}
#: How far into its work a run may get before it is killed: some before anything is delivered, some well into the log.
LATEST = 0.4
#: What a run works beside its start, as far as it matters here: no less than that, or nothing were delivered before a
#: kill; no more, or the test took long where the machine was busy for a while.
WORKING_S = (1.0, 6.0)


class Round(msgspec.Struct, frozen=True):
    """A log that was shipped to its end in spite of kills.

    Attributes:
        found: what the data stream holds then.
        kills: how many it took.
        last: how the last run ended.
    """

    found: Balance
    kills: int
    last: Ended


@pytest.mark.parametrize("batches", [SMALL, BIG], ids=["small batches", "big batches"])
def test_a_shipper_killed_at_random_moments_brings_every_event_once(  # noqa: PLR0917 (fixtures)
    trial: Trial,
    written_log: Callable[[int], Log],
    chance: random.Random,
    long_form: bool,
    batches: Mapping[str, str],
    request: pytest.FixtureRequest,
) -> None:
    log, environment = written_log(EVENTS), {**batches, **ALWAYS_CHECKPOINTING}
    starting_s = trial.beside(0).ship(written_log(1).path, environment=environment).seconds
    whole_s = trial.beside(1).ship(log.path, environment=environment).seconds
    latest_s = starting_s + LATEST * min(max(whole_s - starting_s, WORKING_S[0]), WORKING_S[1])

    kills = 100 if long_form else 10
    rounds: list[Round] = []
    while left := kills - sum(round_.kills for round_ in rounds):
        another = trial.beside(2 + len(rounds))
        rounds.append(killed(another, log, environment, lambda: chance.uniform(0, latest_s), left))

    reached = sum(int(round_.last.account.get("read", 0)) for round_ in rounds)
    trial.report(
        f"shipper killed -9, {request.node.callspec.id}",
        summed([round_.found for round_ in rounds]),
        runs=kills + len(rounds),
        note=f"{kills} kills while it ran, log shipped {len(rounds)} times; {reached:,} events left to the last runs",
    )
    for round_ in rounds:
        assert round_.last.code == 0, round_.last.said
        assert round_.found.is_even
    assert reached < EVENTS * len(rounds)


def killed(trial: Trial, log: Log, environment: Mapping[str, str], after_s: Callable[[], float], most: int) -> Round:
    """Ship a log until a run ends by itself; each is killed after so many seconds, at most ``most`` of them."""
    for kills in range(most):
        with trial.start(log.path, environment=environment) as shipper:
            shipper.wait_at_most(after_s())
            if not shipper.kill():
                return Round(trial.balance(log.ids), kills, shipper.ended())
    last = trial.ship(log.path, environment=environment)
    return Round(trial.balance(log.ids), most, last)


def summed(balances: list[Balance]) -> Balance:
    """Add balances up."""
    return Balance(*(sum(getattr(one, name) for one in balances) for name in Balance.__struct_fields__))
