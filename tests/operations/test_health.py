import os
from collections.abc import Callable
from pathlib import Path

import pytest

from shipper.operations.health import liveness, readiness, stalled_after_s
from shipper.operations.pauses import Pause
from shipper.operations.vitals import Reading

Make = Callable[..., Reading]


def test_a_run_that_moves_is_alive_and_ready(reading: Make, tmp_path: Path) -> None:
    assert liveness(reading(), 60).ok
    assert readiness(reading(), 60, tmp_path).ok


def test_a_run_that_has_not_moved_for_long_is_not_alive(reading: Make) -> None:
    assert not liveness(reading(turned_s=61), 60).ok


def test_a_run_that_the_sink_holds_up_is_alive_because_a_new_start_would_not_help(reading: Make) -> None:
    assert liveness(reading(turned_s=3600, writing=1), 60).ok


def test_a_run_that_the_sink_holds_up_for_long_is_not_ready(reading: Make) -> None:
    assert not readiness(reading(turned_s=3600, writing=1), 60, None).ok


def test_a_run_whose_sink_waits_is_not_ready_and_says_why_harmlessly(reading: Make) -> None:
    pause = Pause("cluster_block_exception: \x1b[2J" + "x" * 9000, 0)
    verdict = readiness(reading(state="waiting", pause=pause, pause_s=5), 60, None)
    assert not verdict.ok
    (reason,) = verdict.reasons
    assert reason.startswith("the sink has waited for 5 s: cluster_block_exception: \\x1b[2J")
    assert len(reason) <= 500


def test_a_run_whose_batch_the_sink_has_had_in_hand_for_long_is_not_ready(reading: Make) -> None:
    verdict = readiness(reading(writing=1, writing_s=31.0), 60, None)
    assert verdict.reasons == ("the sink has had a batch in hand for 31 s",)
    assert readiness(reading(writing=1, writing_s=29.0), 60, None).ok


@pytest.mark.parametrize("state", ["starting", "stopping"])
def test_a_run_that_starts_or_stops_is_not_ready(reading: Make, state: str) -> None:
    assert readiness(reading(state=state), 60, None).reasons == (state,)


def test_a_state_folder_that_is_not_there_yet_is_judged_by_the_one_above(reading: Make, tmp_path: Path) -> None:
    assert readiness(reading(), 60, tmp_path / "a" / "b").ok


def test_a_file_in_place_of_the_state_folder_is_not_ready(reading: Make, tmp_path: Path) -> None:
    (tmp_path / "state").write_text("")
    assert not readiness(reading(), 60, tmp_path / "state").ok


@pytest.mark.skipif(not os.path.isdir("/sys/kernel"), reason="needs a file system that nobody may write")  # noqa: PTH112 (at import)
def test_a_state_folder_that_cannot_be_written_is_not_ready(reading: Make) -> None:
    folder = Path("/proc/self")
    assert not readiness(reading(), 60, folder).ok


def test_a_long_poll_interval_is_no_stall() -> None:
    assert stalled_after_s(1) == 60
    assert stalled_after_s(300) == 900
