"""The balance of what was entered: every event counts once, for the side that has it."""

import random
import resource
import signal
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipper.audit import Ledger, Missed, MissedRecords, Range, Report, compare
from shipper.audit.ledger import Sighting, Which
from shipper.errors import StateError
from shipper.model import Position

SECOND_US = 1_000_000
PKI, NDES = "pki01.corp.example", "ndes01.corp.example"
CHANNEL = "Microsoft-Intune-CertificateConnectors/Admin"


def seen(number: int, *, computer: str = PKI, where: str = "/logs/Admin.evtx", run: int = 0) -> Sighting:
    """Make an event with the record id ``number`` of the ``run``-th run of numbers."""
    time_us = (run * 100_000 + number) * SECOND_US
    return Sighting(f"{computer}-{run}-{number}", computer, CHANNEL, number, time_us, Position(where, number))


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with Ledger() as ledger:
        yield ledger


def drawn(ledger: Ledger, *, whole: bool = True, missed: Missed | None = None) -> Report:
    return compare(ledger, lambda _: whole, missed or Missed())


def enter(ledger: Ledger, which: Which, numbers: Sequence[int], where: str = "/logs/Admin.evtx") -> None:
    ledger.enter(which, [seen(number, where=where) for number in numbers])


def test_what_both_sides_hold_once_is_even(ledger: Ledger) -> None:
    enter(ledger, Which.SOURCE, range(1, 6))
    enter(ledger, Which.ELASTICSEARCH, range(1, 6), "index-1")
    report = drawn(ledger)
    (row,) = report.rows
    assert row.clean
    assert (report.at_source, report.in_elasticsearch, report.missing, report.gaps) == (5, 5, 0, 0)
    assert (row.numbers.first, row.numbers.last) == (1, 5)


def test_an_event_at_the_source_alone_is_missing_and_told_with_its_place(ledger: Ledger) -> None:
    enter(ledger, Which.SOURCE, range(1, 6))
    enter(ledger, Which.ELASTICSEARCH, [1, 2, 4, 5], "index-1")
    report = drawn(ledger)
    assert (report.missing, report.gaps, report.rows[0].clean) == (1, 0, False)
    (missing,) = ledger.missing()
    assert (missing.record_id, missing.computer, missing.position) == (3, PKI, Position("/logs/Admin.evtx", 3))


def test_a_dead_letter_is_not_missing(ledger: Ledger) -> None:
    enter(ledger, Which.SOURCE, [1, 2, 3])
    enter(ledger, Which.ELASTICSEARCH, [1, 3])
    enter(ledger, Which.DEAD_LETTER, [2])
    report = drawn(ledger)
    assert (report.missing, report.dead_letters, report.rows[0].clean) == (0, 1, True)


def test_a_dead_letter_that_was_replayed_is_none_any_more(ledger: Ledger) -> None:
    for which in Which:
        enter(ledger, which, [1])
    report = drawn(ledger)
    assert (report.missing, report.dead_letters) == (0, 0)


def test_a_second_copy_in_elasticsearch_is_a_duplicate_with_both_indices(ledger: Ledger) -> None:
    enter(ledger, Which.SOURCE, [1, 2])
    enter(ledger, Which.ELASTICSEARCH, [1, 2], "index-1")
    enter(ledger, Which.ELASTICSEARCH, [2], "index-2")
    report = drawn(ledger)
    assert (report.duplicates, report.in_elasticsearch, report.rows[0].clean) == (1, 2, False)
    (double,) = ledger.duplicates()
    assert (double.record_id, double.indices) == (2, ("index-1", "index-2"))


def test_a_second_copy_at_the_source_is_none(ledger: Ledger) -> None:
    enter(ledger, Which.SOURCE, [1, 2], "/logs/Admin.evtx")
    enter(ledger, Which.SOURCE, [1], "/logs/Archive-Admin.evtx")
    enter(ledger, Which.ELASTICSEARCH, [1, 2])
    report = drawn(ledger)
    assert (report.copies, report.duplicates, report.at_source, report.rows[0].clean) == (1, 0, 2, True)


def test_a_record_id_that_nobody_has_is_a_gap(ledger: Ledger) -> None:
    enter(ledger, Which.SOURCE, [1, 2, 5])
    enter(ledger, Which.ELASTICSEARCH, [1, 2, 5])
    report = drawn(ledger)
    assert (report.gaps, report.missing, report.rows[0].clean) == (2, 0, False)
    assert report.rows[0].numbers.gaps == (Range(3, 4),)


def test_a_gap_of_the_source_that_elasticsearch_fills_is_none(ledger: Ledger) -> None:
    enter(ledger, Which.SOURCE, [1, 4])
    enter(ledger, Which.ELASTICSEARCH, [1, 2, 3, 4])
    report = drawn(ledger)
    assert (report.gaps, report.only_in_elasticsearch) == (0, 2)
    assert report.rows[0].at_source.numbers.gaps == (Range(2, 3),)


def test_a_channel_that_is_not_wanted_whole_has_no_gaps(ledger: Ledger) -> None:
    enter(ledger, Which.SOURCE, [1, 9])
    enter(ledger, Which.ELASTICSEARCH, [1, 9])
    report = drawn(ledger, whole=False)
    assert (report.gaps, report.reported, report.rows[0].clean) == (0, 0, True)


def missed_numbers(first: int, last: int, *, run: int = 0) -> Missed:
    missed = Missed()
    behind = seen(last + 1, run=run)
    records = MissedRecords("/elsewhere/Admin.evtx", PKI, first, last, behind.time_us)
    missed.add(records, last - first + 1)
    return missed


def test_a_gap_that_was_reported_is_explained_and_the_rest_is_a_gap(ledger: Ledger) -> None:
    enter(ledger, Which.SOURCE, [1, 2, 8, 10])
    enter(ledger, Which.ELASTICSEARCH, [1, 2, 8, 10])
    report = drawn(ledger, missed=missed_numbers(3, 7))
    assert (report.reported, report.gaps) == (5, 1)
    assert report.rows[0].numbers.gaps == (Range(9, 9),)


def test_what_was_reported_as_missed_and_is_at_the_source_is_missing(ledger: Ledger) -> None:
    """An archive may hold what was gone from the log: it can be shipped."""
    enter(ledger, Which.SOURCE, [1, 2, 3, 4])
    enter(ledger, Which.ELASTICSEARCH, [1, 4])
    report = drawn(ledger, missed=missed_numbers(2, 3))
    assert (report.missing, report.reported, report.gaps) == (2, 0, 0)


def test_a_report_explains_no_gap_of_the_same_numbers_after_a_restart(ledger: Ledger) -> None:
    both = [seen(number) for number in (1, 5)] + [seen(number, run=1) for number in (1, 5)]
    ledger.enter(Which.SOURCE, both)
    ledger.enter(Which.ELASTICSEARCH, both)
    report = drawn(ledger, missed=missed_numbers(2, 4))
    assert (report.restarts, report.reported, report.gaps) == (1, 3, 3)


def test_a_report_explains_no_gap_in_a_log_of_many_computers(ledger: Ledger) -> None:
    """The numbers of a forwarded log are its own."""
    events = [seen(1), seen(1, computer=NDES), seen(5)]
    ledger.enter(Which.SOURCE, events)
    ledger.enter(Which.ELASTICSEARCH, events)
    report = drawn(ledger, missed=missed_numbers(2, 4))
    assert (report.reported, report.gaps) == (0, 3)


def test_a_report_explains_no_gap_in_a_log_with_numbers_of_its_own(ledger: Ledger) -> None:
    """An exported log counts anew: its third record may have the record id 70."""
    events = [Sighting(f"{at}", PKI, CHANNEL, at, at, Position("/logs/Admin.evtx", at // 2)) for at in (2, 8)]
    ledger.enter(Which.SOURCE, events)
    ledger.enter(Which.ELASTICSEARCH, events)
    assert drawn(ledger, missed=missed_numbers(3, 7)).gaps == 5


def test_the_same_channel_in_another_spelling_is_the_same(ledger: Ledger) -> None:
    one = seen(1)
    ledger.enter(Which.SOURCE, [one])
    ledger.enter(Which.ELASTICSEARCH, [Sighting(one.id, PKI, CHANNEL.upper(), 1, one.time_us, Position("index-1", -1))])
    (row,) = drawn(ledger).rows
    assert row.channel == CHANNEL


def test_an_event_without_a_record_id_is_compared_all_the_same(ledger: Ledger) -> None:
    weak = Sighting("weak", PKI, CHANNEL, None, 0, Position("-", 1))
    huge = Sighting("huge", PKI, CHANNEL, 2**64 - 1, 0, Position("-", 2))
    ledger.enter(Which.SOURCE, [weak, huge])
    ledger.enter(Which.ELASTICSEARCH, [weak])
    report = drawn(ledger)
    assert (report.at_source, report.missing, report.gaps) == (2, 1, 0)


@given(
    events=st.dictionaries(
        st.tuples(st.sampled_from([PKI, NDES]), st.integers(1, 30)),
        st.tuples(st.integers(0, 2), st.integers(0, 3), st.integers(0, 1)),
    ),
    seed=st.integers(0, 2**32),
)
def test_whatever_is_entered_in_whatever_order_the_sums_hold(
    events: dict[tuple[str, int], tuple[int, int, int]], seed: int
) -> None:
    entries = [
        (which, seen(number, computer=computer))
        for (computer, number), times in events.items()
        for which, count in zip(Which, times, strict=True)
        for _ in range(count)
    ]
    random.Random(seed).shuffle(entries)  # noqa: S311 (repeatable on purpose; nothing secret)
    with Ledger() as ledger:
        for which, sighting in entries:
            ledger.enter(which, [sighting])
        report = drawn(ledger)
        counts = list(events.values())
        assert report.missing == sum(1 for source, stored, dead in counts if source and not stored and not dead)
        assert report.missing == sum(1 for _ in ledger.missing())
        assert report.dead_letters == sum(1 for _, stored, dead in counts if dead and not stored)
        assert report.duplicates == sum(stored - 1 for _, stored, _ in counts if stored)
        assert report.duplicates == sum(len(double.indices) - 1 for double in ledger.duplicates())
        assert report.only_in_elasticsearch == sum(1 for source, stored, _ in counts if stored and not source)


@pytest.fixture
def no_file_grows() -> Iterator[None]:
    """Let no file grow beyond 16 KB; what a full disk does, for everybody."""
    limits, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (16 << 10, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    signal.signal(signal.SIGXFSZ, handler)


@pytest.mark.usefixtures("no_file_grows")
def test_a_disk_without_room_is_a_clear_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with Ledger(cache_kb=64) as ledger, pytest.raises(StateError, match="the audit cannot keep its ledger") as caught:
        enter(ledger, Which.SOURCE, range(10_000))
    assert caught.value.where == str(tmp_path)
    assert "TMPDIR names another folder" in caught.value.hint


def test_the_ledger_leaves_no_file_behind(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with Ledger(cache_kb=64) as ledger:
        enter(ledger, Which.SOURCE, range(10_000))
        assert list(tmp_path.iterdir()) == []
