"""Time whole processes in pairs, so that a drift of the machine's speed hits both alike."""

import os
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec


class Figures(msgspec.Struct, frozen=True):
    """One run of one command, by the operating system's own account of the finished process and its children.

    Attributes:
        wall_s: from start to end.
        cpu_s: user and system, of the process and the children it waited for.
        peak_mb: resident memory of the largest single process, in MB of 10^6 bytes.
    """

    wall_s: float
    cpu_s: float
    peak_mb: float


class Command(msgspec.Struct, frozen=True):
    """A command to be measured.

    Attributes:
        name: what the table calls it.
        words: program and arguments.
        before: called ahead of each run, outside the measurement.
        environment: added to that of this process.
        cwd: folder to run in.
    """

    name: str
    words: Sequence[str]
    before: Callable[[], None] | None = None
    environment: Mapping[str, str] = {}
    cwd: Path | None = None


class Pair(msgspec.Struct, frozen=True):
    """Runs of two commands in turn; ``ours[i]`` and ``theirs[i]`` stood next to each other in time."""

    ours: list[Figures]
    theirs: list[Figures]

    def speedup(self) -> float:
        """Return the median over the pairs of their time divided by ours."""
        return statistics.median(b.wall_s / a.wall_s for a, b in zip(self.ours, self.theirs, strict=True))


def run_once(command: Command) -> Figures:
    """Run a command to its end and return its figures.

    Raises:
        RuntimeError: it ended with another code than 0; with the end of what it wrote to standard error.
    """
    if command.before is not None:
        command.before()
    started = time.perf_counter()
    process = subprocess.Popen(
        command.words,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**os.environ, **command.environment},
        cwd=command.cwd,
    )
    assert process.stderr is not None
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall_s = time.perf_counter() - started
    process.stderr.close()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"{command.name} ended with {process.returncode}: {said[-500:].decode(errors='replace')}")
    return Figures(wall_s, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024 / 1e6)


def run_pair(ours: Command, theirs: Command, runs: int, *, warm_up: bool = True) -> Pair:
    """Run two commands in turn, A B A B, after one uncounted run of each."""
    if warm_up:
        run_once(ours)
        run_once(theirs)
    figures = [(run_once(ours), run_once(theirs)) for _ in range(runs)]
    return Pair([a for a, _ in figures], [b for _, b in figures])


def median_of(figures: Sequence[Figures]) -> Figures:
    """Return the medians, each on its own."""
    return Figures(
        statistics.median(f.wall_s for f in figures),
        statistics.median(f.cpu_s for f in figures),
        statistics.median(f.peak_mb for f in figures),
    )
