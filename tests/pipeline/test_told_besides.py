"""What travels beside the documents, from one process and from several: notices, and what the catalog does not know."""

from collections.abc import Iterator, Sequence

import msgspec
import pytest

from shipper import ecs
from shipper.model import Batch, Cursor, Event, Notice, Position, Unit
from shipper.pipeline import Counts, Progress, Recipe, RunSettings, run
from shipper.pipeline.progress import Keeper
from shipper.testing.memory import MemorySink

CHANNEL = "Microsoft Intune Connector"
SOURCE = "logs/a\udcff.evtx"
TIME, TIME_S = "2026-11-24T09:30:00Z", 1_795_512_600
NOTICE = Notice(Position(SOURCE, 80), "records-missed", 71, 79, 9, TIME, TIME_S, Cursor(SOURCE, 70, 1, 99))


def event(number: int, code: int, text: str) -> Event:
    return Event(Position(SOURCE, number), CHANNEL, code, CHANNEL, "h", number, TIME, TIME_S, data=((None, text),))


class Source(msgspec.Struct, frozen=True):
    """Synthetic events: one known, one of an unknown id, one with an unknown code, one with both."""

    def plan(self, cursors: Sequence[Cursor] = ()) -> Iterator[Unit]:
        del cursors
        yield Unit(SOURCE, slots=(0,))

    def read(self, unit: Unit) -> Iterator[Batch]:
        codes = ("0x00000400", "0x00000400", "0x00000406", "0x00000406")
        texts = [f"DiagnosticCode: {code}" for code in codes]
        ids = (20102, 20_999, 20102, 20_999)
        yield Batch(
            [event(number, *pair) for number, pair in enumerate(zip(ids, texts, strict=True))], notices=(NOTICE,)
        )
        del unit


class Heard:
    def __init__(self) -> None:
        self.notices: list[Notice] = []

    def keep(self, rejected: object) -> None: ...

    def problem(self, problem: object) -> None: ...

    def notice(self, notice: Notice) -> None:
        self.notices.append(notice)

    def advanced(self, size_bytes: int, counts: object) -> None: ...


def ran(workers: int) -> tuple[Counts, Heard]:
    heard, recipe = Heard(), Recipe(Source(), ecs.EcsSettings())
    return run(recipe, MemorySink(), heard, heard, settings=RunSettings(workers=workers)), heard


@pytest.mark.parametrize("workers", [1, 2])
def test_what_the_catalog_does_not_know_is_counted(workers: int) -> None:
    counts, _ = ran(workers)
    assert (counts.unknown_events, counts.unknown_codes) == (2, 2)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_notice_is_told_with_a_name_that_can_be_encoded(workers: int) -> None:
    counts, heard = ran(workers)
    (notice,) = heard.notices
    assert (notice.position.source, notice.before.source) == ("logs/a\\udcff.evtx",) * 2
    assert msgspec.json.encode(notice)
    assert counts.missed == 9


class Kept:
    def keep(self, cursors: Sequence[Cursor], output_bytes: int) -> None: ...


@pytest.mark.parametrize(("keeper", "expected"), [(None, None), (Kept(), 0.0)])
def test_the_age_of_a_checkpoint_is_told_where_state_is_kept(keeper: Keeper | None, expected: float | None) -> None:
    assert Progress((), keeper).unkept_s == expected


def test_progress_that_is_not_durable_ages_from_the_first_that_is_not_until_it_is() -> None:
    now_s = [10.0]
    progress = Progress((), Kept(), interval_s=100, clock=lambda: now_s[0])
    progress.passed(Cursor("a", 1), -1)
    now_s[0] += 5
    progress.passed(Cursor("a", 2), -1)
    assert progress.unkept_s == 5
    progress.keep()
    assert progress.unkept_s == 0
