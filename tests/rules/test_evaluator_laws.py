"""Laws of the evaluator, held to ``execute`` and to itself on documents made by chance."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shipper.rules.alert import Alert, alert_id
from shipper.rules.conditions import groups_of, meets
from shipper.rules.evaluator import Evaluator, EvaluatorSettings, in_event_time
from shipper.rules.execution import execute
from shipper.rules.model import Count, Finding, LooksFor, Match, New, Rule, Seen, Silence, Unanswered
from shipper.rules.spans import parse_span
from tests.rules.samples import ANSWERED, DAY_MS, HOUR_MS, MINUTE_MS, on, rule

HOST = ("host.name",)
END_MS = DAY_MS + 20 * HOUR_MS
KINDS: dict[str, LooksFor] = {
    "match": Match(by=HOST),
    "single": Match(),
    "count": Count(by=HOST, at_least=3, within="10m"),
    "together": Count(at_least=4, within="10m"),
    "distinct": Count(by=HOST, at_least=2, within="10m", distinct="device.id"),
    "new": New(values_of=("host.name", "device.id"), not_seen_for="20m", learn_for="0s"),
    "unanswered": Unanswered(by=HOST, answer=ANSWERED, within="10m", look_back="25m"),
    "silence": Silence(by=HOST, longer_than="10m", look_back="40m"),
}
QUIET = st.sampled_from(["0s", "7m", "25m"])
of_each_kind = pytest.mark.parametrize("name", KINDS)


class Spot(NamedTuple):
    """A document to be made: quarters of a minute after the one before, and what is in it."""

    after: int
    host: str
    device: str
    code: str


SPOTS = st.lists(
    st.builds(
        Spot,
        st.sampled_from([0, 0, 1, 3, 8, 20, 39, 40, 41, 60, 100]),
        st.sampled_from(["a", "b"]),
        st.sampled_from(["1", "2", "3"]),
        st.sampled_from(["20102", "20102", "20102", "20100", "1"]),
    ),
    max_size=25,
)


def documents(spots: Iterable[Spot]) -> list[Seen]:
    """Return documents in the order of their times and ids."""
    made, minute = [], 0.0
    for number, spot in enumerate(spots):
        minute += spot.after / 4
        made.append(on(spot.host, minute, f"d{number:03d}", spot.code, device__id=spot.device))
    return made


CORPORA = SPOTS.map(documents)


def of_kind(name: str, quiet_for: str) -> Rule:
    return rule(KINDS[name], id=name, quiet_for=quiet_for)


def run(one: Rule, given_documents: Iterable[Seen]) -> list[Alert]:
    return list(in_event_time(Evaluator([one]), given_documents, END_MS))


def told(alerts: Iterable[Alert]) -> list[tuple[int, str, Finding]]:
    return [(alert.at_ms, alert.id, alert.finding) for alert in alerts]


# What is to be raised, said by ``execute`` alone: an execution for each document, or at each time something is due.


def wanted(one: Rule, corpus: Sequence[Seen]) -> list[tuple[int, str, Finding]]:
    raised: list[tuple[int, str, Finding, tuple[str, ...]]] = []
    waiting = [*_found(one, corpus)]
    while waiting:
        at_ms, finding, identity, group = waiting.pop(0)
        near = [old[0] for old in raised if old[3] == group and at_ms - old[0] < parse_span(one.quiet_for)]
        if near and isinstance(one.looks_for, Unanswered | Silence):
            waiting += _still_there(one, corpus, near[-1] + parse_span(one.quiet_for), group)
            waiting.sort(key=lambda later: (later[0], later[3]))
        elif not near and identity not in {old[1] for old in raised}:
            raised.append((at_ms, identity, finding, group))
    return [(at_ms, identity, finding) for at_ms, identity, finding, _ in raised]


def _still_there(
    one: Rule, corpus: Sequence[Seen], at_ms: int, group: tuple[str, ...]
) -> Iterator[tuple[int, Finding, str, tuple[str, ...]]]:
    """Yield what of a group still stays away when its quiet time ends."""
    for finding in execute(one, corpus, 0, at_ms):
        if finding.group == group:
            yield at_ms, finding, alert_id(one.id, *group, finding.ids[-1]), group


def _found(one: Rule, corpus: Sequence[Seen]) -> Iterator[tuple[int, Finding, str, tuple[str, ...]]]:
    looks_for = one.looks_for
    if isinstance(looks_for, Unanswered | Silence):
        yield from _due(one, looks_for, corpus)
        return
    for number, document in enumerate(corpus):
        at_ms = document.time_ms
        begin_ms = at_ms + 1 - parse_span(looks_for.within) if isinstance(looks_for, Count) else at_ms
        mine = set(groups_of(one.by, document)) if meets(one.where, document) else set()
        for finding in execute(one, corpus[: number + 1], begin_ms, at_ms + 1):
            if isinstance(looks_for, Match) and finding.ids == (document.id,):
                group = next(iter(mine)) if looks_for.by else (document.id,)
                quiet_ms = parse_span(one.quiet_for) if looks_for.by else 0
                parts = (*group, str(at_ms // quiet_ms)) if quiet_ms else (document.id,)
                yield at_ms, finding, alert_id(one.id, *parts), group
            elif isinstance(looks_for, Count) and finding.group in mine:
                bucket = str(at_ms // max(parse_span(looks_for.within), parse_span(one.quiet_for)))
                yield at_ms, finding, alert_id(one.id, *finding.group, bucket), finding.group
            elif isinstance(looks_for, New) and finding.ids == (document.id,):
                yield at_ms, finding, alert_id(one.id, *finding.group, document.id), finding.group


def _due(
    one: Rule, looks_for: Unanswered | Silence, corpus: Sequence[Seen]
) -> Iterator[tuple[int, Finding, str, tuple[str, ...]]]:
    wait_ms = parse_span(looks_for.within if isinstance(looks_for, Unanswered) else looks_for.longer_than)
    dues = {
        (document.time_ms + wait_ms + 1, group)
        for document in corpus
        if meets(one.where, document)
        for group in groups_of(one.by, document)
    }
    for due_ms, group in sorted(dues):
        for finding in execute(one, corpus, 0, due_ms):
            if finding.group == group:
                yield due_ms, finding, alert_id(one.id, *group, finding.ids[-1]), group


@of_each_kind
@settings(max_examples=40, deadline=None)
@given(QUIET, CORPORA)
def test_documents_in_order_raise_what_executions_find(name: str, quiet_for: str, corpus: list[Seen]) -> None:
    one = of_kind(name, quiet_for)
    assert told(run(one, corpus)) == wanted(one, corpus)


@of_each_kind
@settings(max_examples=40, deadline=None)
@given(QUIET, CORPORA, st.data())
def test_a_run_that_is_cut_and_restored_raises_what_an_uncut_one_does(
    name: str, quiet_for: str, corpus: list[Seen], data: st.DataObject
) -> None:
    one = of_kind(name, quiet_for)
    cut = data.draw(st.integers(0, len(corpus)))
    first, second = Evaluator([one]), Evaluator([one])
    alerts: list[Alert] = []
    for document in corpus[:cut]:
        alerts += first.advance(document.time_ms)
        alerts += first.see([document])
    assert second.restore(first.snapshot()) == ()
    alerts += in_event_time(second, corpus[cut:], END_MS)
    assert alerts == run(one, corpus)


@of_each_kind
@settings(max_examples=40, deadline=None)
@given(QUIET, CORPORA, st.data())
def test_a_stretch_that_is_given_again_raises_no_new_alert(
    name: str, quiet_for: str, corpus: list[Seen], data: st.DataObject
) -> None:
    one = of_kind(name, quiet_for)
    stop = data.draw(st.integers(0, len(corpus)))
    again = data.draw(st.integers(0, stop))
    evaluator, restored = Evaluator([one]), Evaluator([one])
    for document in corpus[:stop]:
        evaluator.advance(document.time_ms)
        evaluator.see([document])
    restored.restore(evaluator.snapshot())
    repeated = restored.see(corpus[again:stop])
    assert repeated == []
    alerts = list(in_event_time(restored, corpus[stop:], END_MS))
    assert {alert.id for alert in alerts} <= {alert.id for alert in run(one, corpus)}


@of_each_kind
@settings(max_examples=40, deadline=None)
@given(QUIET, CORPORA)
def test_a_copy_of_each_document_changes_nothing(name: str, quiet_for: str, corpus: list[Seen]) -> None:
    one = of_kind(name, quiet_for)
    copied = [copy for document in corpus for copy in (document, document)]
    assert told(run(one, copied)) == told(run(one, corpus))


@of_each_kind
@settings(max_examples=40, deadline=None)
@given(QUIET, CORPORA)
def test_documents_of_a_batch_raise_what_they_raise_one_by_one(name: str, quiet_for: str, corpus: list[Seen]) -> None:
    one = of_kind(name, quiet_for)
    evaluator = Evaluator([one])
    evaluator.advance(DAY_MS)
    alone = Evaluator([one])
    alone.advance(DAY_MS)
    assert evaluator.see(corpus) == [alert for document in corpus for alert in alone.see([document])]


@settings(deadline=None)
@given(st.sampled_from(["count", "together", "distinct"]), CORPORA, st.data())
def test_disorder_within_the_lateness_hides_no_full_span(name: str, corpus: list[Seen], data: st.DataObject) -> None:
    one = rule(KINDS[name], id=name)
    delays = data.draw(st.lists(st.integers(0, 10), min_size=len(corpus), max_size=len(corpus)))
    arrivals = [document.time_ms + delay * MINUTE_MS for document, delay in zip(corpus, delays, strict=True)]
    shuffled = [document for _, document in sorted(zip(arrivals, corpus, strict=True), key=lambda pair: pair[0])]
    evaluator = Evaluator([one], EvaluatorSettings(lateness_ms=10 * MINUTE_MS))
    raised = {alert.id for alert in evaluator.see(shuffled)}
    assert {identity for _, identity, _ in wanted(one, corpus)} <= raised


@settings(deadline=None)
@given(CORPORA)
def test_rules_do_not_disturb_each_other(corpus: list[Seen]) -> None:
    rules = [rule(looks_for, id=name) for name, looks_for in KINDS.items()]
    together = list(in_event_time(Evaluator(rules), corpus, END_MS))
    for one in rules:
        assert [alert for alert in together if alert.rule.id == one.id] == run(one, corpus)
