from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from shipper.operations.lag import UNKNOWN, Lags, SourceLag
from shipper.operations.names import MOST_NAMED, OTHERS
from shipper.sources import Standing

LOG = "C:\\Logs\\a.evtx"


def look(
    lags: Lags, newest: int, final: int | None, now_s: float, *, read: int | None = None, reachable: bool = True
) -> SourceLag:
    """Look at one log."""
    finals = {} if final is None else {LOG: final}
    reads = finals if read is None else {LOG: read}
    (lag,) = lags.update([Standing(LOG, newest, reachable)], reads, finals, now_s)
    return lag


def test_a_log_whose_records_are_all_final_has_no_lag() -> None:
    lag = look(Lags(), newest=7, final=7, now_s=5)
    assert (lag.records, lag.seconds(1e9)) == (0, 0)


def test_the_lag_in_seconds_is_the_age_of_the_oldest_record_that_is_not_final() -> None:
    lags = Lags()
    look(lags, newest=7, final=7, now_s=1)
    look(lags, newest=9, final=7, now_s=2)
    look(lags, newest=20, final=7, now_s=4)
    assert look(lags, newest=20, final=8, now_s=10).seconds(10) == 8
    assert look(lags, newest=20, final=9, now_s=11).seconds(11) == 7
    assert look(lags, newest=20, final=20, now_s=12).seconds(12) == 0


def test_a_log_that_never_rests_has_the_lag_of_each_record_and_no_growing_one() -> None:
    lags = Lags()
    seconds = [look(lags, newest=t, final=t - 2, now_s=t).seconds(t) for t in range(2, 1000)]
    assert max(seconds) <= 2


def test_the_lag_goes_on_growing_while_nobody_looks() -> None:
    lag = look(Lags(), newest=7, final=5, now_s=10)
    assert lag.seconds(70) == 60


def test_the_lag_in_records_is_what_stands_between_the_newest_and_the_final_one() -> None:
    assert look(Lags(), newest=1007, final=1000, now_s=0).records == 7


def test_before_anything_is_final_the_number_of_records_is_unknown_and_the_time_is_not() -> None:
    lag = look(Lags(), newest=5_000_000, final=None, now_s=3)
    assert lag.records == UNKNOWN
    assert lag.seconds(4) == 1


def test_an_empty_log_has_no_lag() -> None:
    lag = look(Lags(), newest=-1, final=None, now_s=3)
    assert (lag.records, lag.seconds(99)) == (0, 0)


def test_more_read_than_was_seen_at_the_last_look_is_no_negative_lag() -> None:
    assert look(Lags(), newest=7, final=9, now_s=0).records == 0


def test_a_cleared_log_is_behind_although_the_old_numbers_were_higher() -> None:
    lags = Lags()
    look(lags, newest=5000, final=5000, now_s=1)
    lag = look(lags, newest=12, final=5000, read=3, now_s=2)
    assert lag.records == UNKNOWN
    assert lag.seconds(5) == 3
    assert look(lags, newest=12, final=12, read=12, now_s=6).seconds(6) == 0


def test_a_log_that_is_away_says_so() -> None:
    assert not look(Lags(), newest=7, final=7, now_s=0, reachable=False).reachable


def test_a_log_that_is_gone_is_forgotten() -> None:
    lags = Lags()
    look(lags, newest=9, final=1, now_s=1)
    assert lags.update([], {}, {}, 2) == ()
    assert look(lags, newest=9, final=1, now_s=50).seconds(50) == 0


def test_so_many_logs_are_named_and_the_rest_is_added_up() -> None:
    standings = [Standing(f"{number}.evtx", 10, reachable=number != 150) for number in range(MOST_NAMED + 100)]
    final = {standing.source: 8 for standing in standings}

    found = Lags().update(standings, final, final, 0)

    assert len(found) == MOST_NAMED + 1
    (others,) = [lag for lag in found if lag.source == OTHERS]
    assert (others.records, others.reachable) == (200, False)


def test_a_name_that_is_hostile_or_endless_is_harmless_and_short() -> None:
    standings = [Standing("\x1b[2Jx\udcff.evtx", 1), Standing("y" * 5000, 1)]
    names = [lag.source for lag in Lags().update(standings, {}, {}, 0)]
    assert names[0] == "\\x1b[2Jx\\udcff.evtx"
    assert len(names[1]) == 256


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=300))
def test_the_lag_is_never_said_too_short_and_is_none_exactly_when_all_is_final(
    steps: Sequence[tuple[int, int]],
) -> None:
    lags, newest, final = Lags(), 0, 0
    first_seen: dict[int, int] = {}
    for now_s, (written, settled) in enumerate(steps, 1):
        first_seen.update(dict.fromkeys(range(newest + 1, newest + written + 1), now_s))
        newest += written
        final = min(newest, final + settled)
        lag = look(lags, newest=newest, final=final, now_s=now_s)
        truth = now_s - first_seen[final + 1] if final < newest else 0
        assert lag.seconds(now_s) >= truth
        assert (lag.since_s is None) == (final == newest)
        assert lag.records == newest - final


def test_a_log_that_was_cleared_while_it_was_behind_has_no_lag_once_the_new_one_is_final() -> None:
    lags = Lags()
    look(lags, newest=5000, final=4000, now_s=1)
    look(lags, newest=12, final=4000, read=3, now_s=2)
    assert look(lags, newest=12, final=12, read=12, now_s=3).since_s is None


def test_a_log_that_grows_while_nothing_gets_through_takes_little_memory_and_its_lag_is_not_said_too_short() -> None:
    lags = Lags()
    for now_s in range(1, 1000):
        lag = look(lags, newest=now_s, final=0, now_s=now_s)
    assert lag.since_s == 1
    assert look(lags, newest=1000, final=999, now_s=1000).seconds(1000) >= 0
    assert sum(map(len, lags._marks.values())) <= 64
