"""Measure the shipper beside its peers: ``make bench``, or ``run.py --quick`` for a look, ``--only CASE`` for one.

Every figure that counts is a ratio of two commands that ran in turn on the same machine; absolute numbers are only
there to show the scale. What is not alike between two commands stands beside them in the table.
"""

import argparse
import compileall
import os
import platform
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
from inputs import connector_log, mixed_log
from measure import Command, Figures, Pair, median_of, run_pair
from peers import evtx_dump, python_peers

import shipper

SHIPPER = str(Path(sys.executable).with_name("shipper"))


class Setting(msgspec.Struct, frozen=True):
    """What the cases share.

    Attributes:
        cache: folder for peers and inputs, kept between runs.
        scratch: folder for outputs, thrown away.
        runs: pairs a case.
        quick: small inputs, for trying the benchmark itself.
    """

    cache: Path
    scratch: Path
    runs: int
    quick: bool

    def records(self, full: int) -> int:
        """Return how many records an input has."""
        return full // 20 if self.quick else full


class Row(msgspec.Struct, frozen=True):
    """One line of the table.

    Attributes:
        work: what was done.
        beside: what it is compared with, and what is not alike.
        goal: as the project set it.
        ratio: in the sense of the goal; ``None`` where only figures are given.
        ours, theirs: medians.
        note: anything a reader should know.
    """

    work: str
    beside: str
    goal: str
    ratio: float | None
    ours: Figures
    theirs: Figures | None
    note: str = ""


def decode_beside_peers(setting: Setting) -> Iterator[Row]:
    """200,000 connector events from .evtx to ECS NDJSON, beside the two Python peers."""
    records = setting.records(200_000)
    log = connector_log(setting.cache, records)
    bin_folder = python_peers(setting.cache)
    out = setting.scratch / "ours.ndjson"
    ours = Command("shipper", [SHIPPER, "ship", str(log), "--to", f"ndjson:{out}"])
    out_a, out_b = setting.scratch / "a.ndjson", setting.scratch / "b.json"
    evtxtoelk = Command("evtxtoelk", [str(bin_folder / "evtxtoelk"), str(log), str(out_a)])
    evtx2json = Command("evtx2json", [str(bin_folder / "evtx2json"), "-q", "-o", str(out_b), str(log)])
    peers = (
        (evtxtoelk, "evtxtoelk 2.2.0 (Rust parser, ECS 9, no enrichment)", ">= 10x"),
        (evtx2json, "evtx2es 1.8.0 evtx2json (no ECS, one JSON array)", ">= 4x"),
    )
    for peer, beside, goal in peers:
        yield _row(
            f"{records:,} connector events, {_size(log)}", beside, goal, run_pair(ours, peer, setting.runs), records
        )


def two_workers(setting: Setting) -> Iterator[Row]:
    """The same log with two processes beside one."""
    records = setting.records(200_000)
    log = connector_log(setting.cache, records)
    words = [SHIPPER, "ship", str(log), "--to", f"ndjson:{setting.scratch / 'w.ndjson'}"]
    pair = run_pair(Command("two", [*words, "--workers", "2"]), Command("one", words), setting.runs)
    yield _row(f"the same, --workers 2 ({os.cpu_count()} processors)", "one process", ">= 1.6x", pair, records)


def sparse_log(setting: Setting) -> Iterator[Row]:
    """1 GB in which 1 % of the chunks hold connector events, beside evtx_dump on all threads."""
    size_bytes = setting.records(1 << 30)
    log = mixed_log(setting.cache, size_bytes)
    words = [SHIPPER, "ship", str(log), "--to", f"ndjson:{setting.scratch / 'm.ndjson'}"]
    dump = evtx_dump(setting.cache)
    if dump is None:
        print("sparse log: not measured beside evtx_dump: no Rust here", file=sys.stderr)
        return
    theirs = Command("evtx_dump", [str(dump), "-o", "jsonl", str(log)])
    beside = "evtx_dump 0.15.1 -o jsonl, all threads (decodes everything, no ECS)"
    for workers, goal in ((1, ">= 1.2x"), (2, ">= 2x")):
        pair = run_pair(Command("shipper", [*words, "--workers", str(workers)]), theirs, setting.runs)
        yield _row(
            f"{_size(log)} mixed log, connector events in 1 % of chunks, --workers {workers}", beside, goal, pair
        )
        if workers == 1:
            peak = median_of(pair.ours)
            yield Row(
                "peak memory on that log, one process",
                "-",
                "<= 120 MB",
                peak.peak_mb,
                peak,
                None,
                "the ratio column holds MB",
            )


def start_up(setting: Setting) -> Iterator[Row]:
    """Start of two small commands beside an empty Python."""
    empty = Command("python -c pass", [sys.executable, "-c", "pass"])
    for words, goal in ((["--version"], "<= 5x"), (["explain", "20102"], "<= 8x")):
        pair = run_pair(Command("shipper", [SHIPPER, *words]), empty, setting.runs * 4)
        yield Row(
            f"shipper {' '.join(words)}",
            "python -c pass",
            goal,
            1 / pair.speedup(),
            median_of(pair.ours),
            median_of(pair.theirs),
        )


def into_elasticsearch(setting: Setting) -> Iterator[Row]:
    """.evtx into a real Elasticsearch, beside a bare loop that posts the same bodies ready-made."""
    from into_elasticsearch import run_case

    records = setting.records(100_000)
    pair, note = run_case(connector_log(setting.cache, records), setting.scratch, setting.runs)
    ours, theirs = median_of(pair.ours), median_of(pair.theirs)
    cpu = (
        f"client CPU s a million documents: {ours.cpu_s / records * 1e6:.1f} beside {theirs.cpu_s / records * 1e6:.1f}"
    )
    work, beside = f"{records:,} documents .evtx into Elasticsearch", "a bare loop posting the same bodies"
    yield Row(work, beside, "<= 1.15x its time", 1 / pair.speedup(), ours, theirs, f"{cpu}; {note}")


def report(setting: Setting) -> Iterator[Row]:
    """The report of a million events, from .evtx and from the documents that were made of them."""
    from report import rows

    yield from rows(setting, Row, SHIPPER)


def index_cost(setting: Setting) -> Iterator[Row]:
    """Index speed and size of our mapping beside a dynamic mapping of the same documents."""
    from index_cost import rows

    yield from rows(setting, Row)


CASES: dict[str, Callable[[Setting], Iterator[Row]]] = {
    "peers": decode_beside_peers,
    "workers": two_workers,
    "sparse": sparse_log,
    "startup": start_up,
    "elasticsearch": into_elasticsearch,
    "index-cost": index_cost,
    "report": report,
}


def _row(work: str, beside: str, goal: str, pair: Pair, records: int = 0) -> Row:
    ours, theirs = median_of(pair.ours), median_of(pair.theirs)
    ratios = sorted(b.wall_s / a.wall_s for a, b in zip(pair.ours, pair.theirs, strict=True))
    note = f"ratios {ratios[0]:.1f} to {ratios[-1]:.1f}"
    if records:
        note += f"; {records / ours.wall_s:,.0f} beside {records / theirs.wall_s:,.0f} events/s"
    return Row(work, beside, goal, statistics.median(ratios), ours, theirs, note)


def _size(path: Path) -> str:
    return f"{path.stat().st_size / 1e6:,.0f} MB"


def table(rows: list[Row], runs: int) -> str:
    """Return the rows as a Markdown table with the machine above it."""
    head = (
        f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, {os.cpu_count()} processors; "
        f"medians of {runs} pairs run in turn, whole processes with start-up; MB: peak of the largest process.\n\n"
        "| work | beside | goal | measured | ours: s, CPU s, MB | theirs: s, CPU s, MB | note |\n"
        "|---|---|---|---|---|---|---|\n"
    )
    lines = [
        f"| {r.work} | {r.beside} | {r.goal} | {'' if r.ratio is None else f'{r.ratio:.2f}'} "
        f"| {_figures(r.ours)} | {_figures(r.theirs)} | {r.note} |"
        for r in rows
    ]
    return head + "\n".join(lines) + "\n"


def _figures(figures: Figures | None) -> str:
    return f"{figures.wall_s:.2f}, {figures.cpu_s:.2f}, {figures.peak_mb:.0f}" if figures else "-"


def main() -> None:
    """Run the cases that were asked for and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a twentieth of the input, two pairs")
    parser.add_argument("--only", choices=CASES, action="append", help="may be given again")
    parser.add_argument("--runs", type=int, default=5, help="pairs a case (default 5)")
    parser.add_argument("--output", type=Path, help="also write the table there")
    words = parser.parse_args()
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "intune-connector-shipper" / "bench"
    cache.mkdir(parents=True, exist_ok=True)
    # pip compiles what it installs, the peers too; an editable installation would be compiled at every start.
    compileall.compile_dir(Path(shipper.__file__).parent, quiet=2)
    with tempfile.TemporaryDirectory(prefix="shipper-bench-") as scratch:
        setting = Setting(cache, Path(scratch), 2 if words.quick else words.runs, words.quick)
        rows = [row for name in words.only or CASES for row in CASES[name](setting)]
    text = table(rows, setting.runs)
    print(text)
    if words.output:
        words.output.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
