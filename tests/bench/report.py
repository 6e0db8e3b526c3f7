"""Time and memory of ``shipper report``, of all its processes together."""

import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from inputs import connector_log
from measure import Figures

if TYPE_CHECKING:
    from run import Row, Setting

_LOOK_EVERY_S = 0.1


def rows(setting: "Setting", row: "type[Row]", shipper: str) -> Iterator["Row"]:
    """Yield a line for each kind of input, with two processes."""
    records = setting.records(1_000_000)
    log = connector_log(setting.cache, records)
    lines = setting.scratch / "documents.ndjson"
    subprocess.run([shipper, "ship", str(log), "--to", f"ndjson:{lines}", "--workers", "2"], check=True)
    for what, path in ((".evtx", log), ("NDJSON", lines)):
        page = setting.scratch / "report.html"
        figures = run_tree([shipper, "report", str(path), "--workers", "2", "-o", str(page)])
        size = f"{path.stat().st_size / 1e6:,.0f} MB"
        yield row(
            f"report of {records:,} events, {what} of {size}",
            "-",
            "<= 60 s, <= 300 MB",
            None,
            figures,
            None,
            f"MB: all processes together; the page {page.stat().st_size / 1e3:,.0f} KB",
        )


def run_tree(words: Sequence[str]) -> Figures:
    """Run a command to its end; the peak: all that it and its children hold, shared pages twice.

    Raises:
        RuntimeError: it ended with another code than 0.
    """
    started, peak_kb = time.perf_counter(), 0
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while True:
        done, status, usage = os.wait4(process.pid, os.WNOHANG)
        if done:
            break
        peak_kb = max(peak_kb, sum(map(_resident_kb, _tree(process.pid))))
        time.sleep(_LOOK_EVERY_S)
    wall_s = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{words[0]} ended with {process.returncode}")
    return Figures(wall_s, usage.ru_utime + usage.ru_stime, peak_kb * 1024 / 1e6)


def _tree(pid: int) -> Iterator[int]:
    yield pid
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:
        return
    for child in children.split():
        yield from _tree(int(child))


def _resident_kb(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmRSS")), 0)
