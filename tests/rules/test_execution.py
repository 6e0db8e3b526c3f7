"""What one execution of each kind of rule finds, at the edges of its spans."""

from shipper.rules.execution import execute
from shipper.rules.model import Count, New, Seen, Silence, Unanswered
from tests.rules.samples import ANSWERED, DAY_MS, MINUTE_MS, found, on, rule, seen

T0, T1 = DAY_MS, DAY_MS + 60 * MINUTE_MS
MILLISECOND = 1 / MINUTE_MS
COUNT = rule(Count(by=("host.name",), at_least=3, within="1h"))
NEW = rule(New(values_of=("host.name",), not_seen_for="30m"))
UNANSWERED = rule(Unanswered(by=("host.name",), answer=ANSWERED, within="10m", look_back="60m"))
SILENCE = rule(Silence(by=("host.name",), longer_than="10m", look_back="60m"))


def test_a_match_is_each_document_from_the_beginning_to_before_the_end() -> None:
    documents = [seen(minute, f"m{minute}") for minute in (-MILLISECOND, 0, 60 - MILLISECOND, 60)]
    assert [ids for _, ids in found(execute(rule(), documents, T0, T1))] == [("m0",), (documents[2].id,)]


def test_the_group_of_a_match_is_the_id() -> None:
    assert found(execute(rule(), [seen(0, "x"), seen(1, "y", "20100")], T0, T1)) == [(("x",), ("x",))]


def test_a_count_finds_groups_that_are_large_enough_with_all_their_documents() -> None:
    documents = [on("a", minute, f"a{minute}") for minute in range(4)] + [
        on("b", minute, f"b{minute}") for minute in (1, 2)
    ]
    (finding,) = execute(COUNT, documents, T0, T1)
    assert (finding.group, finding.ids, finding.count) == (("a",), ("a0", "a1", "a2", "a3"), 4)
    assert (finding.first_ms, finding.last_ms) == (T0, T0 + 3 * MINUTE_MS)


def test_a_copy_counts_once() -> None:
    assert execute(COUNT, [on("a", 0, "x"), on("a", 1, "y"), on("a", 1, "y"), on("a", 0, "x")], T0, T1) == []


def test_a_count_of_distinct_values_counts_values_and_names_all_documents() -> None:
    devices = rule(Count(by=("host.name",), at_least=2, within="1h", distinct="device.id"))
    same = [on("a", 0, "x", device__id="1"), on("a", 1, "y", device__id="1"), on("a", 2, "z")]
    assert execute(devices, same, T0, T1) == []
    assert found(execute(devices, [*same, on("a", 3, "w", device__id="2")], T0, T1)) == [(("a",), ("x", "y", "z", "w"))]


def test_a_count_without_fields_counts_all_together() -> None:
    everything = rule(Count(at_least=2, within="1h"))
    assert found(execute(everything, [on("a", 0, "x"), seen(1, "y")], T0, T1)) == [((), ("x", "y"))]


def test_new_is_what_was_not_there_for_the_time_before() -> None:
    documents = [on("old", -30, "o1"), on("older", -30 - MILLISECOND, "p1"), *_at(5, "old", "older", "young")]
    assert found(execute(NEW, documents, T0, T1)) == [(("older",), ("older5",)), (("young",), ("young5",))]


def test_of_a_new_combination_the_earliest_document_is_named() -> None:
    documents = [on("a", 9, "later"), on("a", 5, "y"), on("a", 5, "x")]
    assert found(execute(NEW, documents, T0, T1)) == [(("a",), ("x",))]


def test_an_opening_is_overdue_after_the_time_within_which_an_answer_is_due() -> None:
    just, not_yet = on("a", 50 - MILLISECOND, "just"), on("b", 50, "not yet")
    assert found(execute(UNANSWERED, [just, not_yet], T0, T1)) == [(("a",), ("just",))]


def test_an_answer_at_the_same_time_or_later_answers_all_before_it() -> None:
    documents = [on("a", 1, "x"), on("a", 2, "y"), on("a", 2, "z", "20100"), on("b", 3, "w"), on("b", 2, "v", "20100")]
    assert found(execute(UNANSWERED, documents, T0, T1)) == [(("b",), ("w",))]


def test_unanswered_looks_no_further_back_than_it_says() -> None:
    assert execute(UNANSWERED, [on("a", -MILLISECOND, "x")], T0, T1) == []


def test_silence_names_the_last_sign_of_each_group_that_has_gone_quiet() -> None:
    documents = [on("a", 40, "x"), on("a", 50 - MILLISECOND, "y"), on("b", 40, "z"), on("b", 50, "w")]
    assert found(execute(SILENCE, documents, T0, T1)) == [(("a",), ("y",))]


def test_a_group_without_a_sign_in_the_time_looked_back_is_not_known() -> None:
    assert execute(SILENCE, [on("a", -MILLISECOND, "x")], T0, T1) == []


def _at(minute: int, *hosts: str) -> list[Seen]:
    return [on(host, minute, f"{host}{minute}") for host in hosts]
