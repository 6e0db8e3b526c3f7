"""A log is followed for long: neither memory nor open files may grow."""

import os
import statistics
import time
from pathlib import Path

import msgspec
import pytest

from shipper.testing.chaos import Growth, Pace, Shipper, Trial, reckon, wait_until_searchable
from shipper.testing.evtx_writer import LAZY

EVENTS_PER_S = 500
#: 20 MB, the size at which a log of Windows comes round by default: every 50 seconds at this pace.
USUAL_CHUNKS = 320
LAG_S = 5.0
#: A fifth is compared with another fifth.
PARTS = 5
_MB = 1 << 20


class Bounds(msgspec.Struct, frozen=True):
    """How long a soak lasts, and how much more there may be at its end than near its beginning.

    Attributes:
        seconds: of growth.
        memory_bytes: resident.
        files: descriptors.
    """

    seconds: float
    memory_bytes: int
    files: int = 4


@pytest.fixture
def bounds(long_form: bool) -> Bounds:
    """Return them: half an hour, or ``SOAK_S``; in the short form memory has not come to rest yet."""
    given = os.environ.get("SOAK_S")
    seconds = float(given) if given else 1800.0 if long_form else 15.0
    return Bounds(seconds, (8 if seconds >= 300 else 48) * _MB)


class Samples:
    """What was seen of a process again and again."""

    def __init__(self) -> None:
        self.memory_bytes: list[int] = []
        self.files: list[int] = []

    def take(self, shipper: Shipper) -> None:
        self.memory_bytes.append(shipper.memory_bytes())
        self.files.append(shipper.open_files())


def test_memory_and_open_files_stay_as_they_are(trial: Trial, tmp_path: Path, bounds: Bounds) -> None:
    log = tmp_path / "logs" / "Connector.evtx"
    log.parent.mkdir()
    samples = Samples()
    with Growth(log, max_chunks=USUAL_CHUNKS, lazy=LAZY) as growth, trial.start(log.parent, "--follow") as shipper:
        growth.begin(Pace(bounds.seconds, EVENTS_PER_S))
        ends_at_s = time.monotonic() + bounds.seconds
        while time.monotonic() < ends_at_s:
            samples.take(shipper)
            time.sleep(bounds.seconds / 400)
        written = growth.finish()
        lag_s = wait_until_searchable(trial.access, trial.data_stream, written.last_id, shipper) - written.ended_s
        ended = shipper.stopped()
    found = reckon(trial.access, trial.data_stream, written.generations())
    before, after = fifths(samples.memory_bytes)
    files_before, files_after = fifths(samples.files)
    note = (
        f"memory {before / _MB:.0f} to {after / _MB:.0f} MB, at most {max(samples.memory_bytes) / _MB:.0f}; "
        f"files {files_before:.0f} to {files_after:.0f}; lag {lag_s:.1f} s; {found.reported:,} in reported gaps"
    )
    trial.report(f"followed for {bounds.seconds:,.0f} s at {EVENTS_PER_S}/s", found.found, note=note)
    assert found.is_even, ended.said
    assert after - before < bounds.memory_bytes
    assert files_after - files_before <= bounds.files
    assert lag_s < 2 * LAG_S


def fifths(samples: list[int]) -> tuple[float, float]:
    """Return the medians of the second and of the last fifth."""
    part = len(samples) // PARTS
    return statistics.median(samples[part : 2 * part]), statistics.median(samples[-part:])
