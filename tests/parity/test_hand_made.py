"""Rules and documents by chance: execution, evaluator and oracle agree on rules that nobody ships, too."""

from typing import Any, TypeAlias

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shipper.rules.evaluator import Evaluator, in_event_time
from shipper.rules.execution import execute
from shipper.rules.instants import to_text
from shipper.rules.model import Condition, Count, Hours, LooksFor, Match, New, Rule, RuleText, Seen, Silence, Unanswered
from shipper.rules.seeing import Viewer, fields_of
from shipper.testing.parity import Kept, Oracle
from shipper.testing.parity.documents import DAY_MS, MINUTE_MS
from shipper.testing.parity.moments import moments
from shipper.testing.parity.moments import told as told_of
from shipper.testing.parity.oracle import span_ms

BEGIN_MS = 1_795_478_400_000  # 2026-11-24T00:00:00Z
END_MS = BEGIN_MS + 8 * DAY_MS
#: Time, group, ids.
Told: TypeAlias = tuple[int, tuple[str, ...], tuple[str, ...]]
SHORT = st.sampled_from(["1s", "1m", "7m", "1h", "1d"])
LONG = st.sampled_from(["2d", "5d"])
BY = st.sampled_from([(), ("host.name",), ("host.name", "tags")])
ANSWER = Condition(equals={"event.code": "2"})
LOOKS_FOR = st.one_of(
    st.builds(Match, by=BY),
    st.builds(
        Count, by=BY, at_least=st.integers(1, 4), within=SHORT, distinct=st.sampled_from(["", "device.id", "tags"])
    ),
    st.builds(
        New,
        values_of=st.sampled_from([("host.name",), ("host.name", "tags")]),
        not_seen_for=SHORT | LONG,
        learn_for=st.sampled_from(["0s", "1h"]),
    ),
    st.builds(Unanswered, by=BY, answer=st.just(ANSWER), within=SHORT, look_back=LONG),
    st.builds(Silence, by=BY, longer_than=SHORT, look_back=LONG),
)
CONDITIONS = st.builds(
    Condition,
    equals=st.sampled_from([{}, {"event.code": "1"}, {"event.code": ("1", "3")}]),
    equals_none=st.sampled_from([{}, {"tags": "x"}, {"device.id": ("d1", "d2")}]),
    exists=st.sampled_from([(), ("device.id",)]),
    missing=st.sampled_from([(), ("tags",)]),
    at_least=st.sampled_from([{}, {"event.severity": 47}]),
    outside=st.sampled_from(
        [(), (Hours(begin=6, end=20, days=(1, 2, 3)),), (Hours(days=(6, 7)), Hours(begin=0, end=1))]
    ),
)
TEXT = RuleText(name="A rule", why="It matters.", first_steps=("Look.",))
PLAIN = Rule(
    id="plain",
    nature="failure",
    severity="low",
    risk_score=1,
    where=Condition(),
    looks_for=Match(),
    text={"en": TEXT, "it": TEXT},
)
RULES = st.builds(
    Rule,
    id=st.just("by-chance"),
    nature=st.just("failure"),
    severity=st.just("low"),
    risk_score=st.just(1),
    where=CONDITIONS,
    looks_for=LOOKS_FOR,
    quiet_for=st.sampled_from(["0s", "1m", "1h", "3d"]),
    text=st.just({"en": TEXT, "it": TEXT}),
)
TAGS = st.sampled_from([None, "x", ["x", "y"], ["backfill"]])
FIELDS = st.tuples(
    st.sampled_from("123"),
    st.sampled_from(["h1", "h2", None]),
    st.sampled_from(["d1", "d2", "d3", None]),
    TAGS,
    st.sampled_from([21, 47]),
)
#: Sums of the spans that the rules have, give or take a millisecond: so documents lie at the very edges.
STEPS = st.lists(st.sampled_from(["1s", "1m", "7m", "1h", "6h", "1d", "2d"]).map(span_ms), max_size=3).map(sum)
OFFSETS = st.builds(lambda steps_ms, beside_ms: abs(steps_ms + beside_ms), STEPS, st.sampled_from([0, 0, 1, -1]))
CORPORA = st.dictionaries(OFFSETS, FIELDS, max_size=25)


def kept(offset_ms: int, fields: tuple[Any, ...]) -> Kept:
    code, host, device, tags, severity = fields
    time_ms = BEGIN_MS + offset_ms
    body = {
        "event": {"dataset": "intune_connector.events", "id": f"d{offset_ms}", "code": code, "severity": severity},
        "@timestamp": to_text(time_ms),
        **({"host": {"name": host}} if host else {}),
        **({"device": {"id": device}} if device else {}),
        **({"tags": tags} if tags else {}),
    }
    return Kept(f"d{offset_ms}", time_ms, "events", msgspec.json.encode(body))


def looked_at(rule: Rule, documents: dict[int, tuple[Any, ...]]) -> tuple[Oracle, list[Seen]]:
    """Return the documents as the oracle and as the shipper's rules see them."""
    corpus = [kept(offset_ms, documents[offset_ms]) for offset_ms in sorted(documents)]
    viewer = Viewer([rule])
    return Oracle(corpus, fields_of(rule)), [seen for one in corpus if (seen := viewer.view(one.body)) is not None]


def test_a_quiet_time_is_kept_however_long_it_is() -> None:
    where, looks_for = Condition(equals={"event.code": "1"}), Count(by=("host.name",), at_least=1, within="1h")
    rule = msgspec.structs.replace(PLAIN, where=where, looks_for=looks_for, quiet_for="3d")
    documents = {hour * 60 * MINUTE_MS: ("1", "h1", None, None, 21) for hour in range(0, 96, 8)}
    _, seen = looked_at(rule, documents)
    alerts = in_event_time(Evaluator([rule]), seen, BEGIN_MS + 5 * DAY_MS)

    assert [one.at_ms - BEGIN_MS for one in alerts] == [0, 3 * DAY_MS]


AT_THE_EDGE = (
    Match(),
    Count(at_least=2, within="1h"),
    Count(at_least=2, within="1h", distinct="device.id"),
    New(values_of=("host.name",), not_seen_for="1h", learn_for="0s"),
    Unanswered(by=("host.name",), answer=ANSWER, within="1h", look_back="2h"),
    Silence(by=("host.name",), longer_than="1h", look_back="2h"),
)
HOUR_MS = 60 * MINUTE_MS
BESIDE_MS = (-2, -1, 0, 1, 2)


@pytest.mark.parametrize("beside_ms", BESIDE_MS)
@pytest.mark.parametrize("second", ["1", "2"])
@pytest.mark.parametrize("looks_for", AT_THE_EDGE, ids=lambda wanted: type(wanted).__name__)
def test_all_agree_at_the_edge_of_a_span(looks_for: LooksFor, second: str, beside_ms: int) -> None:
    where = Condition(
        equals={"event.code": ("1", second)} if isinstance(looks_for, Count | New) else {"event.code": "1"}
    )
    rule = msgspec.structs.replace(PLAIN, where=where, looks_for=looks_for, quiet_for="0s")
    oracle, seen = looked_at(
        rule, {0: ("1", "h1", "d1", None, 21), HOUR_MS + beside_ms: (second, "h1", "d2", None, 21)}
    )
    edges = [BEGIN_MS + hours * HOUR_MS + by_ms for hours in range(4) for by_ms in BESIDE_MS]

    assert streamed(rule, seen) == meant_in_stream(rule, oracle, seen)
    for span in ((t0_ms, t1_ms) for t0_ms in edges for t1_ms in edges if t0_ms < t1_ms):
        assert {one.group: one.ids for one in execute(rule, seen, *span)} == oracle.find(rule, *span)


@settings(max_examples=300)
@given(RULES, CORPORA, OFFSETS, OFFSETS.filter(bool))
def test_an_execution_finds_what_the_rule_means(
    rule: Rule, documents: dict[int, tuple[Any, ...]], begin_ms: int, length_ms: int
) -> None:
    oracle, seen = looked_at(rule, documents)
    span = (BEGIN_MS + begin_ms, BEGIN_MS + begin_ms + length_ms)

    assert {one.group: one.ids for one in execute(rule, seen, *span)} == oracle.find(rule, *span)


@settings(max_examples=300)
@given(RULES, CORPORA)
def test_the_stream_raises_the_alerts_that_the_rule_means(rule: Rule, documents: dict[int, tuple[Any, ...]]) -> None:
    oracle, seen = looked_at(rule, documents)

    assert streamed(rule, seen) == meant_in_stream(rule, oracle, seen)


def streamed(rule: Rule, seen: list[Seen]) -> list[Told]:
    alerts = in_event_time(Evaluator([rule]), seen, END_MS)
    return sorted((one.at_ms, one.finding.group, one.finding.ids) for one in alerts)


def meant_in_stream(rule: Rule, oracle: Oracle, seen: list[Seen]) -> list[Told]:
    begin_ms = seen[0].time_ms if seen else BEGIN_MS  # nothing is learnt from what no rule looks at
    found = moments(oracle, rule, begin_ms, END_MS)
    return sorted((one.at_ms, one.group, one.ids) for one in told_of(oracle, rule, found, END_MS))
