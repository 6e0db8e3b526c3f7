"""Logs that are written to while they are followed; every event is synthetic."""

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from shipper.channels import parse_channels
from shipper.model import Batch, Cursor, Event, Notice, Problem
from shipper.sources.evtx import EvtxSource
from shipper.sources.evtx.file import LogFile
from shipper.sources.evtx.follow import LogFollower
from shipper.sources.evtx.survey import survey_beyond
from shipper.testing.evtx_writer import (
    CHUNK_BYTES,
    FILE_HEADER_BYTES,
    LAZY,
    EventSpec,
    GrowingLog,
    HalfWritten,
    Lazy,
    build_log,
)

Spec = Callable[..., EventSpec]
SETTLE_S = 0.5


class Clock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 100.0
        #: What happens at the next readings, one at each.
        self.upcoming: list[Callable[[], object]] = []

    def __call__(self) -> float:
        if self.upcoming:
            self.upcoming.pop(0)()
        return self.now


class Following:
    """A follower and the cursors of a run that has delivered all it was given."""

    def __init__(self, *paths: Path | str, cursors: dict[str, Cursor] | None = None, **settings: Any) -> None:
        self.clock = Clock()
        self.source = EvtxSource(tuple(map(str, paths)), parse_channels("all"), **settings)
        self.follower = LogFollower(self.source, settle_s=SETTLE_S, watch="poll", clock=self.clock)
        self.cursors: dict[str, Cursor] = cursors or {}
        self.batches: list[Batch] = []

    def look(self, after_s: float = 0.0, meanwhile: Callable[[], object] | None = None) -> list[int]:
        """Take one pass; return the numbers of the records that it gave.

        Args:
            after_s: the time passes before.
            meanwhile: done when the first unit has been given.
        """
        self.clock.now += after_s
        given: list[Batch] = []
        for unit in self.follower.plan(list(self.cursors.values())):
            if meanwhile is not None:
                meanwhile()
                meanwhile = None
            for batch in self.source.read(unit):
                given.append(batch)
                if batch.cursor is not None:
                    self.cursors[batch.cursor.source] = batch.cursor
        self.batches += given
        return [event.position.record for batch in given for event in batch.events if isinstance(event, Event)]

    def look_on(self) -> list[int]:
        """Take so many passes that all is given: a log waits until its archives have been read."""
        return [number for _ in range(10) for number in self.look(after_s=0.1)]

    @property
    def problems(self) -> list[Problem]:
        return [problem for batch in self.batches for problem in batch.problems]

    @property
    def notices(self) -> list[Notice]:
        return [notice for batch in self.batches for notice in batch.notices]

    @property
    def missed(self) -> list[tuple[int, int]]:
        return [(notice.first, notice.last) for notice in self.notices if notice.action == "records-missed"]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "Admin.evtx"


@pytest.fixture
def events(spec: Spec) -> Callable[[int], Iterator[EventSpec]]:
    """Return a maker of so many events, later with each call, as a service writes them."""
    made = iter(range(1_000_000))
    begin = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)

    def make(count: int) -> Iterator[EventSpec]:
        for _ in range(count):
            number = next(made)
            yield spec(number, time=begin + timedelta(milliseconds=number))

    return make


Events = Callable[[int], Iterator[EventSpec]]


@pytest.mark.parametrize("lazy", [Lazy(), LAZY, Lazy(data_crc=True), Lazy(chunk_header=True), Lazy(file_header=True)])
def test_every_record_is_given_once_however_late_the_headers_are(path: Path, events: Events, lazy: Lazy) -> None:
    given: list[int] = []
    with GrowingLog(path, records_per_chunk=7, allocate=3, lazy=lazy) as log:
        following = Following(path)
        for count in (1, 5, 1, 7, 14, 3, 30, 1):
            log.append(events(count))
            given += following.look()
            given += following.look(after_s=SETTLE_S)
    assert given == [*range(1, 63)]
    assert (following.problems, following.notices) == ([], [])


@pytest.mark.parametrize("part", ["head", "edges", "tail", "nothing"])
@pytest.mark.parametrize("counted", [False, True])
@pytest.mark.parametrize("lazy", [Lazy(), LAZY])
def test_a_half_written_record_is_given_when_it_is_whole(
    path: Path, events: Events, part: HalfWritten, counted: bool, lazy: Lazy
) -> None:
    with GrowingLog(path, lazy=lazy) as log:
        log.append(events(3))
        following = Following(path)
        given = following.look() + following.look(after_s=SETTLE_S)
        log.half_write(next(events(1)), part, counted=counted)
        assert following.look(after_s=0.2) == []
        log.complete()
        log.append(events(1))
        given += following.look(after_s=0.2) + following.look(after_s=SETTLE_S) + following.look(after_s=SETTLE_S)
    assert given == [1, 2, 3, 4, 5]
    assert following.problems == []
    texts = [event.data[0][1] for batch in following.batches for event in batch.events if isinstance(event, Event)]
    assert all(text.startswith("text ") for text in texts)


@pytest.mark.parametrize("part", ["head", "tail", "nothing"])
def test_a_record_that_stays_half_written_is_never_given(path: Path, events: Events, part: HalfWritten) -> None:
    with GrowingLog(path) as log:
        log.append(events(3))
        following = Following(path)
        following.look()
        log.half_write(next(events(1)), part, counted=True)
        assert [following.look(after_s=10) for _ in range(5)] == [[]] * 5
        log.complete()
        assert following.look() == [4]


def test_a_log_that_has_not_changed_is_not_read_again(path: Path, events: Events) -> None:
    with GrowingLog(path) as log:
        log.append(events(3))
        following = Following(path)
        following.look()
        read = len(following.batches)
        assert [following.look(after_s=1) for _ in range(3)] == [[], [], []]
    assert len(following.batches) == read


def test_what_is_written_while_an_archive_is_read_is_found_by_the_next_look(path: Path, events: Events) -> None:
    with GrowingLog(path, records_per_chunk=5) as log:
        log.append(events(8))
        following = Following(path)
        following.look()
        log.rotate()
        following.look(meanwhile=lambda: log.append(events(3)))
        assert following.look() == [9, 10, 11]


def test_what_is_written_at_the_moment_of_a_look_is_found_by_a_later_one(path: Path, events: Events) -> None:
    with GrowingLog(path, lazy=LAZY) as log:
        log.append(events(3))
        following = Following(path)
        following.look()
        log.append(events(1))
        following.look()
        # The clock is read when a look begins, and again when the newest chunk has been read: that is the moment.
        following.clock.upcoming = [lambda: None, lambda: log.append(events(1))]
        given = [number for _ in range(4) for number in following.look(after_s=SETTLE_S)]
    assert given == [4, 5]


def test_a_log_that_comes_round_in_place_is_given_as_long_as_it_is_looked_at_in_time(
    path: Path, events: Events
) -> None:
    given: list[int] = []
    with GrowingLog(path, max_chunks=3, records_per_chunk=5) as log:
        following = Following(path)
        for _ in range(20):
            log.append(events(7))
            given += following.look()
    assert given == [*range(1, 141)]
    assert following.notices == []


def test_records_that_were_overwritten_before_a_look_are_a_gap_of_known_numbers(path: Path, events: Events) -> None:
    with GrowingLog(path, max_chunks=3, records_per_chunk=5) as log:
        log.append(events(4))
        following = Following(path)
        assert following.look() == [1, 2, 3, 4]
        log.append(events(40))
        given = following.look()
        held = [*log.on_disk]
    assert given == held
    assert following.missed == [(5, held[0] - 1)]
    (notice,) = following.notices
    assert (notice.records, notice.position.record, notice.before.record) == (held[0] - 5, held[0], 4)


@pytest.mark.parametrize("at", range(6))
def test_a_log_that_comes_round_while_it_is_looked_at_has_no_holes(path: Path, events: Events, at: int) -> None:
    with GrowingLog(path, max_chunks=3, records_per_chunk=5) as log, LogFile(str(path)) as file:
        log.append(events(15))
        heads = BusyHeads(file, {at: lambda: log.append(events(12))})
        survey = survey_beyond(heads, 7)
    assert survey.holes(7) == []
    assert survey.numbered[-1].first in {11, 26}


class BusyHeads:
    """The heads of a log; something happens before the so-and-so-many-th is read."""

    def __init__(self, file: LogFile, acts: dict[int, Callable[[], object]]) -> None:
        self._file = file
        self._acts = acts
        self._read = 0

    @property
    def slots(self) -> int:
        return self._file.slots

    def head(self, slot: int) -> bytes:
        self._acts.get(self._read, lambda: None)()
        self._read += 1
        return self._file.head(slot)


def test_a_gap_is_told_once(path: Path, events: Events) -> None:
    with GrowingLog(path, max_chunks=3, records_per_chunk=5) as log:
        log.append(events(4))
        following = Following(path)
        following.look()
        log.append(events(40))
        for _ in range(3):
            following.look(after_s=1)
            log.append(events(1))
    assert len(following.missed) == 1


@pytest.mark.parametrize("as_folder", [True, False])
def test_an_archived_log_is_read_to_its_end_before_the_new_one(path: Path, events: Events, as_folder: bool) -> None:
    with GrowingLog(path, records_per_chunk=5) as log:
        log.append(events(8))
        following = Following(path.parent if as_folder else path)
        given = following.look()
        log.append(events(4))
        log.rotate()
        log.append(events(3))
        given += following.look()
        log.append(events(1))
        given += following.look()
    assert given == [*range(1, 17)]
    assert following.notices == []


@pytest.mark.parametrize("as_folder", [True, False])
def test_several_archives_between_two_looks_are_all_read(path: Path, events: Events, as_folder: bool) -> None:
    with GrowingLog(path, records_per_chunk=5) as log:
        log.append(events(8))
        following = Following(path.parent if as_folder else path)
        given = following.look()
        for _ in range(3):
            log.append(events(6))
            log.rotate()
        given += following.look_on()
        log.append(events(2))
        given += following.look()
    assert given == [*range(1, 29)]
    assert following.notices == []


def test_a_log_waits_until_a_damaged_archive_has_been_read(path: Path, events: Events) -> None:
    with GrowingLog(path, records_per_chunk=5) as log:
        log.append(events(8))
        following = Following(path)
        following.look()
        log.append(events(14))
        archive = log.rotate()
        log.append(events(3))
        content = bytearray(archive.read_bytes())
        at = FILE_HEADER_BYTES + 2 * CHUNK_BYTES + 512
        content[at : at + 24] = bytes(24)  # the header of record 11
        archive.write_bytes(content)
        given = following.look_on() + following.look_on()
    assert sorted(given) == [9, 10, *range(12, 26)]
    assert [(problem.position.record, problem.records) for problem in following.problems] == [(11, 1)]
    assert following.notices == []


def test_a_chunk_that_is_overwritten_after_the_plan_is_left_to_the_next_look(path: Path, events: Events) -> None:
    with GrowingLog(path, max_chunks=3, records_per_chunk=5) as log:
        log.append(events(14))
        following = Following(path)
        plan = following.follower.plan([])
        unit = next(plan)
        log.append(events(4))  # in the slot of the oldest
        assert list(following.source.read(unit)) == []
        assert following.look_on() == [*range(6, 19)]


def test_a_log_whose_name_stands_behind_those_of_its_archives_is_read_on(tmp_path: Path, events: Events) -> None:
    with GrowingLog(tmp_path / "Security.evtx", records_per_chunk=5) as log:
        log.append(events(8))
        following = Following(tmp_path)
        given = following.look()
        for _ in range(2):
            log.append(events(4))
            log.rotate()
            log.append(events(3))
            given += [number for _ in range(3) for number in following.look()]
    assert given == [*range(1, 23)]
    assert following.notices == []


def test_an_archive_that_was_removed_is_a_gap(path: Path, events: Events) -> None:
    with GrowingLog(path, records_per_chunk=5) as log:
        log.append(events(8))
        following = Following(path)
        following.look()
        log.append(events(6))
        log.rotate()
        log.append(events(6))
        log.rotate()
        log.append(events(2))
        log.archives[0][0].unlink()
        given = following.look_on()
    assert given == [*range(15, 23)]
    assert following.missed == [(9, 14)]


def test_archives_of_before_the_first_look_are_given_with_the_folder_alone(path: Path, events: Events) -> None:
    with GrowingLog(path, records_per_chunk=5) as log:
        log.append(events(8))
        log.rotate()
        log.append(events(2))
        assert Following(path).look() == [9, 10]
        assert sorted(Following(path.parent).look()) == [*range(1, 11)]


def test_a_run_that_was_stopped_while_the_log_was_archived_goes_on_in_the_archive(path: Path, events: Events) -> None:
    with GrowingLog(path, records_per_chunk=5) as log:
        log.append(events(8))
        before = Following(path)
        before.look()
        log.append(events(4))
        log.rotate()
        log.append(events(3))
        after = Following(path, cursors=before.cursors)
        assert after.look_on() == [*range(9, 16)]
    assert after.notices == []


def test_a_run_without_follow_goes_on_in_the_archive_too(path: Path, events: Events) -> None:
    with GrowingLog(path, records_per_chunk=5) as log:
        log.append(events(8))
        before = Following(path)
        before.look()
        log.append(events(4))
        log.rotate()
        log.append(events(3))
    source = before.source
    batches = [
        batch for unit in source.plan(list(before.cursors.values())) for batch in source.read(unit) if batch.events
    ]
    found = [event.position.record for batch in batches for event in batch.events if isinstance(event, Event)]
    assert found == [*range(9, 16)]
    assert not [notice for batch in batches for notice in batch.notices]


@pytest.mark.parametrize("replace", [True, False])
def test_a_cleared_log_is_told_and_read_from_its_beginning(path: Path, events: Events, replace: bool) -> None:
    with GrowingLog(path, records_per_chunk=5) as log:
        log.append(events(8))
        following = Following(path)
        following.look()
        log.clear(replace=replace)
        assert following.look(after_s=1) == []
        log.append(events(2))
        assert following.look(after_s=1) == [1, 2]
        log.append(events(20))
        assert following.look(after_s=1) == [*range(3, 23)]
    (notice,) = following.notices
    assert (notice.action, notice.before.record, notice.position.record) == ("log-cleared", 8, 1)


def test_a_cleared_log_that_has_grown_past_the_old_numbers_is_told_too(path: Path, events: Events) -> None:
    with GrowingLog(path, records_per_chunk=5) as log:
        log.append(events(8))
        following = Following(path)
        following.look()
        log.clear()
        log.append(events(30))
        assert following.look() == [*range(1, 31)]
    assert [notice.action for notice in following.notices] == ["log-cleared"]


def test_a_log_that_was_cut_off_is_told_and_nothing_that_is_left_of_it_is_passed_over(
    path: Path, events: Events
) -> None:
    with GrowingLog(path, records_per_chunk=5) as log:
        log.append(events(12))
        following = Following(path)
        following.look()
        log.truncate(FILE_HEADER_BYTES + CHUNK_BYTES)
        given = following.look(after_s=1)
        log.append(events(10))
        given += [number for _ in range(3) for number in following.look(after_s=1)]
    assert {*range(1, 6), *range(16, 23)} <= set(given)
    assert following.notices[0].action == "log-cleared"
    assert sum(problem.records for problem in following.problems) == 5  # 11 to 15: half of their chunk was cut off


def test_a_log_restored_from_an_older_copy_is_told_and_what_is_written_to_it_is_read(
    path: Path, events: Events, tmp_path: Path
) -> None:
    older = tmp_path / "older"
    with GrowingLog(path, records_per_chunk=5) as log:
        log.append(events(4))
        log.flush()
        shutil.copy(path, older)
        log.append(events(100))
        following = Following(path)
        following.look()
    shutil.copy(older, path)
    assert following.look(after_s=1) == [1, 2, 3, 4]
    assert [notice.action for notice in following.notices] == ["log-cleared"]


def test_a_log_that_is_not_there_yet_is_said_once_and_read_when_it_is(path: Path, events: Events) -> None:
    following = Following(path)
    assert [following.look(after_s=1) for _ in range(3)] == [[], [], []]
    (problem,) = following.problems
    assert "no such file" in problem.reason
    assert problem.records == 0
    with GrowingLog(path) as log:
        log.append(events(2))
        assert following.look(after_s=1) == [1, 2]


def test_a_share_that_goes_away_is_said_and_what_was_written_meanwhile_is_read_when_it_returns(
    tmp_path: Path, events: Events
) -> None:
    share, away = tmp_path / "share", tmp_path / "away"
    share.mkdir()
    with GrowingLog(share / "Admin.evtx") as log:
        log.append(events(2))
        following = Following(share)
        assert following.look() == [1, 2]
        share.rename(away)
        log.append(events(2))
        assert [following.look(after_s=1.5) for _ in range(3)] == [[], [], []]
        (said,) = following.problems
        assert said.records == 0
        away.rename(share)
        assert following.look(after_s=1) == [3, 4]


def test_a_file_that_is_no_log_is_said_once_and_stops_nothing(tmp_path: Path, events: Events) -> None:
    (tmp_path / "a.evtx").write_text("no log")
    with GrowingLog(tmp_path / "b.evtx") as log:
        log.append(events(2))
        following = Following(tmp_path)
        assert following.look() + following.look(after_s=5) == [1, 2]
    assert len(following.problems) == 1


def test_a_new_log_in_a_followed_folder_is_read_from_its_beginning(tmp_path: Path, events: Events) -> None:
    with GrowingLog(tmp_path / "a.evtx") as first, GrowingLog(tmp_path / "b.evtx") as second:
        first.append(events(2))
        following = Following(tmp_path, from_end=True)
        assert following.look() == []
        second.append(events(3))
        first.append(events(1))
        assert sorted(following.look()) == [1, 2, 3, 3]
        with GrowingLog(tmp_path / "c.evtx") as third:
            third.append(events(2))
            assert following.look() == [1, 2]


def test_a_log_begins_at_its_end_when_asked_for(path: Path, events: Events) -> None:
    with GrowingLog(path, records_per_chunk=5) as log:
        log.append(events(13))
        following = Following(path, from_end=True)
        assert following.look() == []
        log.append(events(1))
        assert following.look() == [14]
    assert following.cursors[str(path)].record == 14


def test_events_from_before_the_time_that_was_asked_for_are_counted_as_filtered(path: Path, events: Events) -> None:
    begin_s = datetime(2026, 11, 20, 9, 30, tzinfo=UTC).timestamp()
    with GrowingLog(path) as log:
        log.append(events(3000))
        following = Following(path, since_s=begin_s + 2)
        given = following.look()
    assert given == [*range(2001, 3001)]
    assert sum(batch.filtered for batch in following.batches) == 2000


def test_a_damaged_chunk_holds_up_nothing_and_is_reported_once(path: Path, events: Events) -> None:
    with GrowingLog(path, records_per_chunk=5) as log:
        log.append(events(23))
        log.flush()
        content = bytearray(path.read_bytes())
        at = FILE_HEADER_BYTES + CHUNK_BYTES + 512
        content[at : at + 200] = bytes(200)
        path.write_bytes(content)
        following = Following(path)
        given = [number for _ in range(4) for number in following.look(after_s=1)]
    assert sorted(set(given)) == sorted(given)
    assert set(given) >= {*range(1, 6), *range(11, 24)}
    assert len(following.problems) == len(set(following.problems)) >= 1


def test_a_chunk_without_a_signature_is_read_and_holds_up_nothing(path: Path, events: Events) -> None:
    with GrowingLog(path, records_per_chunk=5) as log:
        log.append(events(23))
        log.flush()
        content = bytearray(path.read_bytes())
        content[FILE_HEADER_BYTES + CHUNK_BYTES : FILE_HEADER_BYTES + CHUNK_BYTES + 8] = bytes(8)
        path.write_bytes(content)
        following = Following(path)
        given = [number for _ in range(5) for number in following.look(after_s=1)]
    assert sorted(given) == [*range(1, 24)]


def test_logs_that_carry_no_checksums_are_read_at_once_but_for_the_newest_chunk(path: Path, events: Events) -> None:
    with GrowingLog(path, records_per_chunk=5) as log:
        log.append(events(23))
        log.flush()
        content = bytearray(path.read_bytes())
        for slot in range(5):
            at = FILE_HEADER_BYTES + slot * CHUNK_BYTES + 52
            content[at : at + 4] = bytes(4)
        path.write_bytes(content)
        following = Following(path)
        assert following.look() == [*range(1, 21)]
        assert following.look(after_s=SETTLE_S) == [21, 22, 23]


def test_a_wait_ends_when_a_log_is_written_to(path: Path, events: Events) -> None:
    with GrowingLog(path) as log:
        follower = LogFollower(EvtxSource((str(path),), parse_channels("all")), poll_interval_s=30)
        try:
            list(follower.plan([]))
            timer = threading.Timer(0.3, lambda: log.append(events(1)))
            timer.start()
            follower.wait(threading.Event())
            timer.join()
        finally:
            follower.close()
    assert log.next_record == 2


def test_a_wait_is_no_longer_when_what_was_found_took_long_to_deliver(path: Path, events: Events) -> None:
    follower = LogFollower(EvtxSource((str(path),), parse_channels("all")), poll_interval_s=0.05, watch="poll")
    with GrowingLog(path) as log:
        log.append(events(1))
        units = 0
        for _ in follower.plan([]):
            units += 1
            time.sleep(0.5)
        began_s = time.monotonic()
        follower.wait(threading.Event())
    assert units == 1
    assert time.monotonic() - began_s < 1.5


def test_a_wait_ends_when_the_run_is_to_stop(path: Path) -> None:
    stop = threading.Event()
    follower = LogFollower(EvtxSource((str(path),), parse_channels("all")), poll_interval_s=600, watch="poll")
    threading.Timer(0.2, stop.set).start()
    follower.wait(stop)
    assert stop.is_set()


def test_standings_tell_how_far_each_log_reaches(path: Path, events: Events) -> None:
    with GrowingLog(path, records_per_chunk=5) as log:
        log.append(events(13))
        following = Following(path)
        following.look()
        (standing,) = following.follower.standings()
    assert (standing.source, standing.record, standing.reachable) == (str(path), 13, True)


def test_numbers_that_an_export_or_damage_left_out_are_no_gap(path: Path, spec: Spec) -> None:
    parts = [build_log([spec(first + n) for n in range(5)], first_record=first) for first in (1, 501, 90_001)]
    content = bytearray(parts[0] + b"".join(part[FILE_HEADER_BYTES:] for part in parts[1:]))
    damage = FILE_HEADER_BYTES + CHUNK_BYTES + 512
    content[damage : damage + 20] = bytes(20)  # so that it takes several passes
    path.write_bytes(content)
    following = Following(path)
    given = [number for _ in range(5) for number in following.look(after_s=1)]
    assert {*range(1, 6), *range(502, 506), *range(90_001, 90_006)} <= set(given)
    assert following.notices == []


def test_the_first_record_of_a_chunk_that_comes_round_is_given_when_it_is_whole(path: Path, events: Events) -> None:
    with GrowingLog(path, max_chunks=2, records_per_chunk=1) as log:
        log.append(events(3))
        following = Following(path)
        given = following.look()
        log.half_write(next(events(1)), "head")
        assert [following.look(after_s=2) for _ in range(3)] == [[]] * 3
        log.complete()
        given += following.look(after_s=1)
    assert (given[-1], following.problems) == (4, [])


def test_a_last_chunk_without_a_signature_is_read_in_the_end(path: Path, events: Events) -> None:
    with GrowingLog(path, records_per_chunk=5) as log:
        log.append(events(8))
        log.flush()
        content = bytearray(path.read_bytes())
        content[FILE_HEADER_BYTES + CHUNK_BYTES : FILE_HEADER_BYTES + CHUNK_BYTES + 8] = bytes(8)
        path.write_bytes(content)
        following = Following(path)
        assert [number for _ in range(5) for number in following.look(after_s=5)] == [*range(1, 9)]


def test_records_behind_a_wiped_beginning_of_a_chunk_are_looked_at(path: Path, events: Events) -> None:
    with GrowingLog(path, records_per_chunk=5) as log:
        log.append(events(13))
        log.flush()
        content = bytearray(path.read_bytes())
        content[FILE_HEADER_BYTES + CHUNK_BYTES : FILE_HEADER_BYTES + CHUNK_BYTES + 600] = bytes(600)
        path.write_bytes(content)
        following = Following(path)
        given = following.look_on()
    assert given == [*range(1, 6), *range(11, 14)]
    assert [problem.position.chunk for problem in following.problems] == [1] * len(following.problems)
    assert sum(problem.records for problem in following.problems) >= 4
