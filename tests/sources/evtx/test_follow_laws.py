"""Whatever happens to a log while it is followed, every record is given once or stands in a gap; all is synthetic."""

import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shipper.channels import parse_channels
from shipper.model import Cursor, Event
from shipper.sources.evtx import EvtxSource
from shipper.sources.evtx.follow import LogFollower
from shipper.testing.evtx_writer import LAZY, EventSpec, GrowingLog, Lazy

BEGIN = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
SETTLE_S = 0.5
#: More looks than any log of this test needs until all is given.
LOOKS = 40


class Run:
    """Follows a log, is killed and started again; keeps what it was given."""

    def __init__(self, path: Path) -> None:
        self._source = EvtxSource((str(path),), parse_channels("all"))
        self._cursors: dict[str, Cursor] = {}
        self._now_s = 0.0
        self.given: list[tuple[int, str]] = []
        self.missed: list[int] = []
        self.problems = 0
        self.restart()

    def restart(self) -> None:
        self._follower = LogFollower(self._source, settle_s=SETTLE_S, watch="poll", clock=lambda: self._now_s)

    def look(self, after_s: float, units: int = 1000) -> None:
        """Take one pass, or as many units of it as are asked for."""
        self._now_s += after_s
        for _, unit in zip(range(units), self._follower.plan(list(self._cursors.values())), strict=False):
            for batch in self._source.read(unit):
                events = [event for event in batch.events if isinstance(event, Event)]
                self.given += [(event.position.record, event.data[0][1]) for event in events]
                for notice in batch.notices:
                    self.missed += range(notice.first, notice.last + 1)
                self.problems += len(batch.problems)
                if batch.cursor is not None:
                    self._cursors[batch.cursor.source] = batch.cursor


def happen(log: GrowingLog, run: Run, step: Sequence[Any], *, comes_round: bool) -> None:
    """Let something happen; where a log comes round, no record stays half written for as long as it takes to settle.

    What stands behind its first half is the end of an older record there, perhaps of the same size: then nothing but
    the time tells that it is not whole.
    """
    if comes_round and step[0] in ("look", "killed"):
        log.complete()
    match step:
        case ("append", count):
            log.append(specs(log.next_record, count))
        case ("half", part, counted):
            log.half_write(specs(log.next_record, 1)[0], part, counted=counted)
        case ("rotate",):
            log.rotate()
        case ("flush",):
            log.flush()
        case ("look", after_s):
            run.look(after_s)
        case ("killed", units):
            run.look(0.1, units)
            run.restart()


def specs(first: int, count: int) -> list[EventSpec]:
    return [
        EventSpec("P", 1, "C", "h", BEGIN + timedelta(seconds=number), ((None, f"event {number}"),))
        for number in range(first, first + count)
    ]


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("append"), st.integers(1, 12)),
        st.tuples(st.just("half"), st.sampled_from(["head", "tail", "nothing"]), st.booleans()),
        st.tuples(st.just("rotate")),
        st.tuples(st.just("flush")),
        st.tuples(st.just("look"), st.sampled_from([0.0, 0.2, 0.6])),
        st.tuples(st.just("killed"), st.integers(0, 3)),
    ),
    min_size=3,
    max_size=25,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    steps=STEPS,
    max_chunks=st.sampled_from([None, 2, 3]),
    records_per_chunk=st.integers(1, 5),
    lazy=st.sampled_from([Lazy(), LAZY, Lazy(data_crc=True), Lazy(chunk_header=True)]),
)
def test_every_record_is_given_once_and_whole_or_stands_in_a_gap(
    steps: Sequence[Sequence[Any]], max_chunks: int | None, records_per_chunk: int, lazy: Lazy
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "Admin.evtx"
        with GrowingLog(path, max_chunks=max_chunks, records_per_chunk=records_per_chunk, lazy=lazy) as log:
            run = Run(path)
            run.look(0.0)
            log.append(specs(1, 1))
            run.look(SETTLE_S)
            run.look(SETTLE_S)
            for step in steps:
                happen(log, run, step, comes_round=max_chunks is not None)
            log.complete()
            for _ in range(LOOKS):
                run.look(SETTLE_S)
            written = range(1, log.next_record)
            held = log.on_disk
    numbers = [number for number, _ in run.given]
    assert sorted([*numbers, *run.missed]) == [*written]
    assert set(held) <= set(numbers)
    assert all(text == f"event {number}" for number, text in run.given)
    assert run.problems == 0
