"""Damaged logs by the thousand, from the file to the documents: no crash, no hang, bounded memory, no record lost.

Each runs in a worker process (``evtx_worker``); here dead workers are counted, and another goes on behind the log that
killed one.
"""

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

WORKER = Path(__file__).with_name("evtx_worker.py")
SEED = 20261124
#: Inputs that one worker gets, so that its memory is looked at afresh.
PER_WORKER = 2500
#: Far above what a worker needs: 72 MB was the most that was seen.
MOST_MB = 256


class Report(msgspec.Struct):
    """What a worker prints: see ``evtx_worker.Report``."""

    inputs: int
    refused: int
    events: int
    problems: int
    documents: int
    violations: list[str]
    slowest_s: float
    peak_mb: int


class Sum(msgspec.Struct):
    """What all workers did.

    Attributes:
        died: number of each input that ended its worker (crash, hang, memory), and the end of what it said.
    """

    inputs: int = 0
    events: int = 0
    documents: int = 0
    problems: int = 0
    slowest_s: float = 0.0
    peak_mb: int = 0
    violations: list[str] = []
    died: list[str] = []


def run(folder: Path, count: int, samples: Path | None, worker: Path = WORKER) -> Sum:
    """Run ``count`` inputs, one worker after the other."""
    done = Sum()
    number = 0
    while number < count:
        part = min(PER_WORKER, count - number)
        answer = _work(worker, folder, number, part, samples)
        if isinstance(answer, Report):
            _add(done, answer)
            number += part
            continue
        # What the worker had done before is lost to the sum, but not its finding.
        number = int((folder / "progress").read_text()) + 1
        done.died.append(f"input {number - 1}: {answer}")
        assert len(done.died) < 20, done.died
    return done


def _work(worker: Path, folder: Path, first: int, count: int, samples: Path | None) -> Report | str:
    progress = folder / "progress"
    progress.write_text(str(first))
    words = [sys.executable, str(worker), "--seed", str(SEED), "--first", str(first), "--count", str(count)]
    words += ["--progress", str(progress)] + (["--samples", str(samples)] if samples else [])
    ended = subprocess.run(words, capture_output=True, check=False)  # noqa: S603 (our own worker)
    if ended.returncode == 0:
        return msgspec.json.decode(ended.stdout, type=Report)
    return f"exit {ended.returncode}: {ended.stderr.decode(errors='replace')[-2000:]}"


def _add(done: Sum, report: Report) -> None:
    for name in ("inputs", "events", "documents", "problems", "violations"):
        setattr(done, name, getattr(done, name) + getattr(report, name))
    done.slowest_s = max(done.slowest_s, report.slowest_s)
    done.peak_mb = max(done.peak_mb, report.peak_mb)


def hold(done: Sum, what: str) -> None:
    """Print the figures, and hold them to what was promised."""
    figures = f"{done.inputs} inputs, {done.events} events, {done.problems} problems, {done.documents} documents"
    print(  # noqa: T201 (figures for the closing note, shown with -s)
        f"\nfuzz {what}: {figures}; {len(done.died)} workers died, {len(done.violations)} violations, "
        f"slowest {done.slowest_s:.2f} s, peak {done.peak_mb} MB"
    )
    repeat = f"again: {WORKER.name} --seed {SEED} --first N --count 1 --progress FILE --keep FOLDER"
    assert done.died == [], repeat
    assert done.violations == [], repeat
    assert done.events > done.inputs
    assert done.peak_mb < MOST_MB


def test_an_input_that_ends_its_worker_is_found_and_the_others_go_on(tmp_path: Path) -> None:
    """The machinery itself: a worker that crashes on input 3 stands for one that the Rust wheel took down."""
    worker = tmp_path / "worker.py"
    worker.write_text(
        "import os, sys\n"
        "options = dict(zip(sys.argv[1::2], sys.argv[2::2]))\n"
        "first, count = int(options['--first']), int(options['--count'])\n"
        "for number in range(first, first + count):\n"
        "    open(options['--progress'], 'w').write(str(number))\n"
        "    number == 3 and os.abort()\n"
        'print(\'{"inputs":%d,"refused":0,"events":0,"problems":0,"documents":0,"violations":["input 5: x"],\''
        ' \'"slowest_s":0.5,"peak_mb":9}\' % count)\n'
    )
    done = run(tmp_path, 10, None, worker)
    assert [death.partition(":")[0] for death in done.died] == ["input 3"]
    assert (done.inputs, done.violations, done.peak_mb) == (6, ["input 5: x"], 9)


@pytest.mark.chaos
def test_no_damage_to_our_logs_does_harm(tmp_path: Path, long_form: bool) -> None:
    hold(run(tmp_path, 25_000 if long_form else 600, None), "our logs")


@pytest.mark.chaos
def test_no_damage_to_logs_that_windows_wrote_does_harm(tmp_path: Path, long_form: bool, shared: Path) -> None:
    hold(run(tmp_path, 15_000 if long_form else 300, shared / "evtx"), "real logs")
