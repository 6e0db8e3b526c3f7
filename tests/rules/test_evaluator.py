"""What the evaluator raises, kind by kind, and what it does with documents that come late or twice."""

import msgspec
import pytest

from shipper.rules.alert import alert_id
from shipper.rules.evaluator import Evaluator, EvaluatorSettings
from shipper.rules.model import Count, Match, New, Rule, Seen, Silence, Unanswered
from tests.rules.samples import ANSWERED, DAY_MS, HOUR_MS, MINUTE_MS, on, rule, seen, streamed, told

HOST = ("host.name",)
MILLISECOND = 1 / MINUTE_MS
COUNT = rule(Count(by=HOST, at_least=3, within="10m"))
DEVICES = rule(Count(by=HOST, at_least=3, within="10m", distinct="device.id"))
NEW = rule(New(values_of=HOST, not_seen_for="30m", learn_for="1h"))
UNANSWERED = rule(Unanswered(by=HOST, answer=ANSWERED, within="10m", look_back="60m"))
SILENCE = rule(Silence(by=HOST, longer_than="10m", look_back="60m"))


def test_a_match_is_raised_at_its_time_with_the_id_of_rule_and_document() -> None:
    (alert,) = streamed(rule(), [seen(5, "x", host__name="a", error__code="0x1")])
    assert (alert.at_ms, alert.id) == (DAY_MS + 5 * MINUTE_MS, alert_id("some-rule", "x"))
    assert alert.shown == {"host.name": "a", "error.code": "0x1", "event.code": "20102"}


def test_a_group_that_has_an_alert_is_quiet_for_a_time() -> None:
    quiet = rule(Match(by=HOST), quiet_for="10m")
    documents = [on("a", 0, "x"), on("a", 10 - MILLISECOND, "y"), on("b", 5, "z"), on("a", 10, "w")]
    assert told(streamed(quiet, documents)) == [(("x",), ("x",)), (("z",), ("z",)), (("w",), ("w",))]


@pytest.mark.parametrize(
    "one", [rule(Match(by=HOST), quiet_for="1h"), rule(Count(by=HOST, at_least=2, within="10m"), quiet_for="1h")]
)
def test_evaluations_that_began_at_other_times_give_the_same_ids(one: Rule) -> None:
    documents = [on("a", 7 * number, f"d{number}") for number in range(200)]
    early, late = ([alert.id for alert in streamed(one, given, 1440)] for given in (documents, documents[5:]))
    assert len(set(early)) == len(early) > 15
    assert len(set(early) & set(late)) >= len(late) - 1


def test_a_match_without_a_complete_group_has_the_id_of_its_document() -> None:
    (alert,) = streamed(rule(Match(by=("host.name", "user.id")), quiet_for="1h"), [on("a", 0, "x")])
    assert alert.id == alert_id("some-rule", "x")


def test_a_document_from_before_an_alert_is_quiet_too() -> None:
    assert len(streamed(rule(Match(by=HOST), quiet_for="10m"), [on("a", 5, "x"), on("a", 0, "y")])) == 1


def test_a_group_is_quiet_for_as_long_as_its_rule_says_however_long() -> None:
    quiet = rule(Match(by=HOST), quiet_for="7d")
    documents = [on("a", day * 24 * 60, f"d{day}") for day in range(8)]
    assert told(streamed(quiet, documents, until_minute=9 * 24 * 60)) == [(("d0",), ("d0",)), (("d7",), ("d7",))]


def test_without_fields_or_without_their_values_no_match_is_quiet() -> None:
    documents = [seen(0, "x"), seen(1, "y")]
    assert len(streamed(rule(Match(), quiet_for="1h"), documents)) == 2
    assert len(streamed(rule(Match(by=HOST), quiet_for="1h"), documents)) == 2


def test_a_count_ends_with_the_document_that_makes_it_full() -> None:
    documents = [on("a", minute, f"a{minute}") for minute in (0, 9, 10, 11)]
    (alert,) = streamed(COUNT, documents)
    assert told([alert]) == [(("a",), ("a9", "a10", "a11"))]
    assert alert.at_ms == DAY_MS + 11 * MINUTE_MS
    assert alert.shown == {"host.name": "a", "event.code": "20102"}


def test_an_alert_shows_only_what_all_its_documents_share() -> None:
    documents = [on("a", minute, f"a{minute}", device__id=str(minute), error__code="0x1") for minute in range(3)]
    (alert,) = streamed(COUNT, documents)
    assert alert.shown == {"host.name": "a", "event.code": "20102", "error.code": "0x1"}


def test_a_count_is_told_once_in_each_span_of_its_length() -> None:
    documents = [on("a", minute, f"a{minute}") for minute in range(20)]
    assert [alert.at_ms - DAY_MS for alert in streamed(COUNT, documents)] == [2 * MINUTE_MS, 10 * MINUTE_MS]


def test_a_document_that_comes_late_fills_the_span_of_a_later_one() -> None:
    documents = [on("a", 0, "x"), on("a", 8, "z"), on("a", 1, "y")]
    assert told(streamed(COUNT, documents)) == [(("a",), ("x", "y", "z"))]


def test_of_distinct_values_each_counts_once_whatever_the_order() -> None:
    documents = [on("a", minute, f"a{minute}", device__id=device) for minute, device in ((0, "1"), (1, "1"), (9, "2"))]
    late = on("a", 5, "late", device__id="3")
    assert streamed(DEVICES, documents) == []
    assert told(streamed(DEVICES, [*documents, late])) == [(("a",), ("a0", "a1", "late", "a9"))]
    again = [*documents, on("a", 5, "late", device__id="2"), on("a", 9.5, "next", device__id="2")]
    assert streamed(DEVICES, again) == []


def test_values_that_a_late_document_brings_count_in_the_next_span() -> None:
    documents = [on("a", 9, "x", device__id="1"), on("a", 5, "late", device__id="2"), on("a", 9.5, "y", device__id="3")]
    assert len(streamed(DEVICES, documents)) == 1


def test_documents_are_remembered_for_as_long_as_a_late_one_may_come() -> None:
    documents = [on("a", 0, "x"), on("a", 1, "y"), on("a", 19, "later"), on("a", 9.5, "late")]
    assert told(streamed(COUNT, documents)) == [(("a",), ("x", "y", "late"))]


def test_what_comes_later_than_the_lateness_counts_for_matches_alone() -> None:
    evaluator = Evaluator([rule(Count(by=HOST, at_least=2, within="30m"), id="count"), rule(id="match")])
    alerts = evaluator.see([on("a", 30, "x"), on("a", 20 - MILLISECOND, "y"), on("b", 0, "z")])
    assert evaluator.counts.late == 1
    assert [alert.rule.id for alert in alerts] == ["match"] * 3


def test_nothing_is_new_while_the_evaluator_learns() -> None:
    documents = [on("a", 0, "x"), on("b", 60 - MILLISECOND, "y"), on("c", 60, "z"), on("b", 61, "w")]
    assert told(streamed(NEW, documents)) == [(("c",), ("z",))]


def test_learning_begins_with_the_first_document_whatever_it_is() -> None:
    documents = [seen(0, "other", "1"), on("c", 60, "z")]
    assert told(streamed(NEW, documents)) == [(("c",), ("z",))]


def test_what_was_there_for_the_last_time_long_ago_is_new_again() -> None:
    documents = [on("a", 70, "x"), on("a", 100, "y"), on("a", 130 + MILLISECOND, "z")]
    assert told(streamed(NEW, [seen(0, "o", "1"), *documents])) == [(("a",), ("x",)), (("a",), (documents[2].id,))]


def test_what_is_there_again_and_again_is_new_once() -> None:
    documents = [seen(0, "o", "1"), *(on("a", minute, f"a{minute}") for minute in (70, 90, 110, 130))]
    assert told(streamed(NEW, documents)) == [(("a",), ("a70",))]


def test_a_document_that_comes_late_makes_nothing_new() -> None:
    documents = [seen(0, "o", "1"), on("a", 70, "x"), on("a", 65, "y"), on("a", 97, "z")]
    assert told(streamed(NEW, documents)) == [(("a",), ("x",))]


def test_an_opening_without_an_answer_is_told_when_the_answer_was_due() -> None:
    (alert,) = streamed(UNANSWERED, [on("a", 0, "x"), on("b", 5, "y"), on("b", 15, "z", "20100")], until_minute=12)
    assert told([alert]) == [(("a",), ("x",))]
    assert alert.at_ms == DAY_MS + 10 * MINUTE_MS + 1


def test_no_alert_is_raised_before_the_answer_is_due() -> None:
    evaluator = Evaluator([UNANSWERED])
    evaluator.see([on("a", 0, "x")])
    assert evaluator.advance(DAY_MS + 10 * MINUTE_MS) == []
    assert len(evaluator.advance(DAY_MS + 10 * MINUTE_MS + 1)) == 1
    assert evaluator.advance(DAY_MS + 59 * MINUTE_MS) == []


@pytest.mark.parametrize("order", [("x", "answer"), ("answer", "x")])
def test_an_answer_at_the_same_time_answers_whichever_comes_first(order: tuple[str, str]) -> None:
    documents = {"x": on("a", 0, "x"), "answer": on("a", 0, "answer", "20100")}
    assert streamed(UNANSWERED, [documents[name] for name in order], until_minute=50) == []


def test_an_answer_that_comes_out_of_order_answers_what_it_is_later_than() -> None:
    documents = [on("a", 0, "x"), on("a", 4, "z"), on("a", 2, "answer", "20100"), on("a", 1, "y")]
    assert told(streamed(UNANSWERED, documents, until_minute=50)) == [(("a",), ("z",))]


def test_an_answer_to_what_was_answered_does_no_harm() -> None:
    answers = [on("a", minute, f"answer{minute}", "20100") for minute in (1, 2)]
    assert streamed(UNANSWERED, [on("a", 0, "x"), *answers], until_minute=50) == []


def test_a_later_opening_is_told_with_those_before_it_that_are_open() -> None:
    documents = [on("a", 0, "x"), on("a", 30, "y"), on("a", 60, "z")]
    assert told(streamed(UNANSWERED, documents, until_minute=90)) == [
        (("a",), ("x",)),
        (("a",), ("x", "y")),
        (("a",), ("y", "z")),
    ]


def test_an_opening_at_the_very_end_of_the_time_looked_back_is_told_of() -> None:
    documents = [on("a", 0, "x"), on("a", 50 - MILLISECOND, "y")]
    (_, alert) = streamed(UNANSWERED, documents, until_minute=90)
    assert alert.finding.ids == ("x", "y")


def test_a_group_that_gives_no_sign_is_told_once_until_it_gives_one() -> None:
    documents = [on("a", 0, "x", device__id="1"), on("b", 5, "y"), on("a", 30, "z"), on("b", 30, "w")]
    alerts = streamed(SILENCE, documents, until_minute=35)
    assert told(alerts) == [(("a",), ("x",)), (("b",), ("y",))]
    assert [alert.at_ms - DAY_MS for alert in alerts] == [10 * MINUTE_MS + 1, 15 * MINUTE_MS + 1]
    assert len(streamed(SILENCE, documents, until_minute=50)) == 4


def test_a_silence_shows_its_group_and_nothing_of_the_last_sign() -> None:
    (alert,) = streamed(SILENCE, [on("a", 0, "x", device__id="1")], until_minute=30)
    assert alert.shown == {"host.name": "a"}


def test_a_jump_of_the_time_tells_in_the_order_of_what_was_due() -> None:
    evaluator = Evaluator([SILENCE, UNANSWERED])
    evaluator.see([on("b", 3, "y"), on("a", 0, "x"), on("c", 1, "z")])
    alerts = evaluator.advance(DAY_MS + 24 * HOUR_MS)
    assert [alert.at_ms for alert in alerts] == sorted(alert.at_ms for alert in alerts)
    assert len(alerts) == 6


def test_a_clock_that_is_put_back_tells_nothing_twice() -> None:
    evaluator = Evaluator([SILENCE])
    evaluator.see([on("a", 0, "x")])
    assert len(evaluator.advance(DAY_MS + 11 * MINUTE_MS)) == 1
    evaluator.see([on("a", 15, "y")])
    assert evaluator.advance(DAY_MS) == []
    assert len(evaluator.advance(DAY_MS + 26 * MINUTE_MS)) == 1


def test_a_document_far_ahead_of_the_time_is_looked_at_by_matches_alone() -> None:
    evaluator = Evaluator([rule(), SILENCE, rule(Count(at_least=1, within="1h"), id="count")])
    evaluator.advance(DAY_MS)
    assert [alert.rule.id for alert in evaluator.see([on("a", 24 * 60 + 1, "x")])] == ["some-rule"]
    assert evaluator.counts.ahead == 1
    assert len(evaluator.see([on("a", 24 * 60, "y")])) == 2


def test_a_hostile_clock_does_not_hide_what_comes_after_it() -> None:
    documents = [on("a", 10**9, "hostile"), *(on("a", minute, f"a{minute}") for minute in range(3))]
    evaluator = Evaluator([COUNT])
    evaluator.advance(DAY_MS)
    assert len(evaluator.see(documents)) == 1


def test_a_host_whose_clock_is_ahead_makes_no_other_late() -> None:
    together = rule(Count(at_least=3, within="10m"))
    evaluator = Evaluator([together])
    evaluator.advance(DAY_MS)
    assert evaluator.see([on("ahead", 120, "h"), *(on("a", minute, f"a{minute}") for minute in (0, 1))]) == []
    evaluator.advance(DAY_MS + 2 * MINUTE_MS)
    assert told(evaluator.see([on("a", 2, "a2")])) == [((), ("a0", "a1", "a2"))]
    assert evaluator.counts.late == 0


def test_counts_tell_what_was_done() -> None:
    evaluator = Evaluator([rule(Match(by=HOST), quiet_for="1h")], EvaluatorSettings())
    evaluator.see([on("a", 0, "x"), on("a", 1, "y"), seen(2, "z", "1")])
    assert (evaluator.counts.seen, evaluator.counts.alerts, evaluator.counts.quiet) == (3, 1, 1)


@pytest.mark.parametrize("one", [UNANSWERED, SILENCE])
def test_what_comes_when_it_was_due_already_is_told_when_what_is_behind_it_has_come(one: Rule) -> None:
    evaluator = Evaluator([one], EvaluatorSettings(lateness_ms=10 * MINUTE_MS))
    evaluator.advance(DAY_MS + 30 * MINUTE_MS)
    evaluator.see([on("a", 0, "x")])
    assert evaluator.advance(DAY_MS + 40 * MINUTE_MS - 1) == []
    (alert,) = evaluator.advance(DAY_MS + 40 * MINUTE_MS)
    assert alert.at_ms == DAY_MS + 10 * MINUTE_MS + 1


@pytest.mark.parametrize("one", [UNANSWERED, SILENCE])
def test_what_comes_when_it_was_due_already_is_told_at_the_latest_when_nothing_more_comes(one: Rule) -> None:
    evaluator = Evaluator([one])
    evaluator.advance(DAY_MS + 30 * MINUTE_MS)
    evaluator.see([on("a", 0, "x")])
    assert len(evaluator.finish(DAY_MS + 30 * MINUTE_MS)) == 1


def test_an_answer_right_behind_an_opening_of_a_host_that_is_read_late_is_no_outage() -> None:
    evaluator = Evaluator([UNANSWERED])
    alerts = []
    for one in (on("a", 20, "a1"), on("b", 0, "stop"), on("a", 20.1, "a2"), on("b", 0.1, "start", "20100")):
        alerts += evaluator.advance(max(DAY_MS + 20 * MINUTE_MS, one.time_ms))
        alerts += evaluator.see([one])
    assert alerts == []
    assert {alert.finding.group for alert in evaluator.advance(DAY_MS + 31 * MINUTE_MS)} == {("a",)}


def test_signs_of_a_host_that_is_read_late_are_no_silence_before_the_last_of_them_is_there() -> None:
    evaluator = Evaluator([SILENCE])
    alerts = evaluator.advance(DAY_MS + 60 * MINUTE_MS)
    for minute in range(0, 60, 5):
        alerts += evaluator.see([on("b", minute, f"b{minute}")])
        alerts += evaluator.advance(DAY_MS + (60 * MINUTE_MS) + minute * 1000)
    assert alerts == []


@pytest.mark.parametrize("one", [UNANSWERED, SILENCE])
def test_an_outage_that_follows_a_flap_is_told_when_the_quiet_time_ends(one: Rule) -> None:
    flaps = msgspec.structs.replace(one, quiet_for="40m")
    documents = [on("a", 0, "x"), on("a", 15, "back", "20100"), on("a", 20, "y")]
    alerts = streamed(flaps, documents, until_minute=24 * 60)
    assert [(alert.at_ms - DAY_MS, alert.finding.ids) for alert in alerts] == [
        (10 * MINUTE_MS + 1, ("x",)),
        (50 * MINUTE_MS + 1, ("y",)),
    ]


@pytest.mark.parametrize("one", [UNANSWERED, SILENCE])
def test_an_outage_that_follows_a_flap_outlives_a_restart(one: Rule) -> None:
    flaps = msgspec.structs.replace(one, quiet_for="40m")
    before, after = Evaluator([flaps]), Evaluator([flaps])
    for document in (on("a", 0, "x"), on("a", 15, "back", "20100"), on("a", 20, "y")):
        before.advance(document.time_ms)
        before.see([document])
    before.advance(DAY_MS + 45 * MINUTE_MS)
    after.restore(before.snapshot())
    assert after.advance(DAY_MS + 50 * MINUTE_MS) == []
    assert told(after.advance(DAY_MS + 50 * MINUTE_MS + 1)) == [(("a",), ("y",))]


@pytest.mark.parametrize(
    ("one", "last"), [(UNANSWERED, on("a", 49, "ok", "20100")), (SILENCE, on("a", 49, "ok"))], ids=["answer", "sign"]
)
def test_an_outage_that_is_over_when_the_quiet_time_ends_is_not_told(one: Rule, last: Seen) -> None:
    flaps = msgspec.structs.replace(one, quiet_for="40m")
    documents = [on("a", 0, "x"), on("a", 15, "back", "20100"), on("a", 20, "y"), last]
    assert len(streamed(flaps, documents, until_minute=55)) == 1


@pytest.mark.parametrize("one", [UNANSWERED, SILENCE])
def test_an_outage_that_is_looked_back_at_no_more_when_the_quiet_time_ends_is_not_told(one: Rule) -> None:
    flaps = msgspec.structs.replace(one, quiet_for="4h")
    documents = [on("a", 0, "x"), on("a", 15, "back", "20100"), on("a", 20, "y")]
    assert len(streamed(flaps, documents, until_minute=24 * 60)) == 1


def test_logs_of_several_hosts_may_come_one_after_another_where_groups_are_within_a_host() -> None:
    quiet_between = [on(host, minute, f"{host}{minute}") for host in "ab" for minute in (0, 30)]
    alerts = streamed(SILENCE, quiet_between, until_minute=35)
    assert told(alerts) == [(("a",), ("a0",)), (("b",), ("b0",))]
