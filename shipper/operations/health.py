"""Whether a run is alive, and whether it delivers."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec

from shipper.harmless import neutralise, shortened
from shipper.operations.vitals import Reading

#: A run has a turn after each batch and at least once each poll interval. One that had none for so long is stuck, or
#: the sink has held it up for as long.
_STALLED_AFTER_S = 60.0
_STALLED_AFTER_POLLS = 3
#: A batch that the sink has had in hand for so long is held up, by load, a key that is being replaced, or no answer.
_HELD_UP_AFTER_S = 30.0
#: With less room than this no checkpoint can be relied on.
_LEAST_FREE_BYTES = 1 << 20
_MOST_CHARACTERS = 500


class Verdict(msgspec.Struct, frozen=True):
    """What a probe is told.

    Attributes:
        ok: nothing is wrong.
        reasons: what is, one sentence each, harmless and short.
    """

    ok: bool
    reasons: tuple[str, ...] = ()


def stalled_after_s(poll_interval_s: float) -> float:
    """Return after how long without a turn a run counts as stalled."""
    return max(_STALLED_AFTER_S, _STALLED_AFTER_POLLS * poll_interval_s)


def liveness(reading: Reading, stalled_after_s: float) -> Verdict:
    """Say whether the run goes on, or is held up by a sink that has a batch in hand: else a new start may help."""
    stuck = reading.turned_s > stalled_after_s and not reading.writing
    return _verdict([f"nothing has moved for {reading.turned_s:.0f} s"] if stuck else [])


def readiness(reading: Reading, stalled_after_s: float, state_folder: Path | None) -> Verdict:
    """Say whether what is written to the logs reaches the sink.

    Args:
        reading: how the run is.
        stalled_after_s: after how long without a turn it does not.
        state_folder: where progress and dead letters are kept; ``None`` where they are not.
    """
    of_state = _of_state(state_folder) if state_folder is not None else ()
    return _verdict([*_of_run(reading, stalled_after_s), *of_state])


def _of_run(reading: Reading, stalled_after_s: float) -> Iterator[str]:
    if reading.state in ("starting", "stopping"):
        yield reading.state
    if reading.pause is not None:
        yield f"the sink has waited for {reading.pause_s:.0f} s: {reading.pause.reason}"
    elif reading.writing_s > _HELD_UP_AFTER_S:
        yield f"the sink has had a batch in hand for {reading.writing_s:.0f} s"
    elif reading.turned_s > stalled_after_s:
        yield f"nothing has moved for {reading.turned_s:.0f} s"


def _of_state(folder: Path) -> Iterator[str]:
    """Look whether the folder can be written; nothing is written for that."""
    there = next((one for one in (folder, *folder.absolute().parents) if os.path.exists(one)), folder)  # noqa: PTH110 (Path.exists raises where a folder may not be entered)
    if not os.access(there, os.W_OK | os.X_OK):
        yield f"the state folder may not be written: {folder}"
        return
    try:
        free_bytes = shutil.disk_usage(there).free
    except OSError as error:
        yield f"the state folder cannot be looked at: {error.strerror}"
        return
    if free_bytes < _LEAST_FREE_BYTES:
        yield f"no room is left for the state: {free_bytes:,} bytes are free"


def _verdict(reasons: list[str]) -> Verdict:
    return Verdict(not reasons, tuple(shortened(neutralise(reason), _MOST_CHARACTERS) for reason in reasons))
