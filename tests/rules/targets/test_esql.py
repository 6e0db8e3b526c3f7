"""ES|QL as the rules compile to it, run in the real Elasticsearch and held to what ``execute`` says the rule means."""

import random
import time
from collections.abc import Callable
from typing import Any

import pytest

from shipper.rules.conditions import meets
from shipper.rules.execution import execute
from shipper.rules.loading import load_rules
from shipper.rules.model import Condition, Count, Hours, Match, Rule, Seen, Silence, Unanswered
from shipper.rules.targets import esql, esql_queries, kibana
from shipper.rules.targets.matrix import row
from shipper.rules.targets.said import Unsayable

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
#: Wednesday, 2026-11-25T12:00:00Z.
T1_MS = 1_795_608_000_000
MakeRule = Callable[..., Rule]
Store = Callable[..., None]
Ask = Callable[[str, str], list[dict[str, Any]]]


def pinned(query: str, now_ms: int = T1_MS) -> str:
    return query.replace("NOW()", f"TO_DATETIME({now_ms})")


def seen(document: dict[str, Any]) -> Seen:
    """Return a stored document as rules see it."""
    lists = {name: value if isinstance(value, list) else [value] for name, value in document.items()}
    fields = {name: tuple(values) for name, values in lists.items() if name not in {"id", "@timestamp"}}
    return Seen(document["id"], document["@timestamp"], {"event.dataset": ("intune_connector.events",), **fields})


def groups(rows: list[dict[str, Any]], rule: Rule) -> set[tuple[str, ...]]:
    return {tuple(str(row[field]) for field in rule.by) for row in rows}


def some_documents(count: int, hours: int) -> list[dict[str, Any]]:
    """Return events of some hosts and ids over some hours before ``T1_MS``, a few without host, a few of backfill."""
    chance = random.Random(11)  # noqa: S311 (documents of a test)
    documents = []
    for number in range(count):
        document: dict[str, Any] = {
            "id": f"d{number}",
            "@timestamp": T1_MS - chance.randrange(hours * HOUR_MS),
            "event.code": chance.choice(["10020", "10010", "20102", "20102"]),
            "device.id": chance.choice(["a", "b", "c", "d"]),
        }
        if chance.random() < 0.95:
            document["host.name"] = f"h{chance.randrange(40)}"
        if (tags := chance.choice([None, None, "lab", ["lab", "weak_id"], ["lab", "backfill"]])) is not None:
            document["tags"] = tags
        documents.append(document)
    return documents


BY_HOST = ("host.name",)
RULES: dict[str, dict[str, Any]] = {
    "count": {"looks_for": Count(by=BY_HOST, at_least=9, within="12h")},
    "count by two": {"looks_for": Count(by=("host.name", "device.id"), at_least=2, within="12h")},
    "count of values": {"looks_for": Count(by=BY_HOST, at_least=3, within="12h", distinct="device.id")},
    "count of all": {"looks_for": Count(at_least=3, within="12h")},
    "count of too many": {"looks_for": Count(at_least=3_000, within="12h")},
    "unanswered": {
        "where": {"equals": {"event.code": ("10020", "98")}},
        "looks_for": Unanswered(
            by=BY_HOST, answer=Condition(equals={"event.code": ("99", "10010")}), within="45m", look_back="9h"
        ),
    },
    "silence": {"looks_for": Silence(by=BY_HOST, longer_than="2h", look_back="9h")},
    "silence of all": {"looks_for": Silence(by=(), longer_than="1m", look_back="9h")},
}


@pytest.fixture(scope="module")
def corpus(store: Store) -> tuple[str, list[dict[str, Any]]]:
    documents = some_documents(1_200, hours=12)
    store("esql-corpus", documents)
    return "esql-corpus", documents


def compiled(rule: Rule) -> str:
    if isinstance(rule.looks_for, Count):
        return esql_queries.count(rule, rule.looks_for)
    body = kibana.body(rule)
    assert not isinstance(body, Unsayable)
    return str(body["query"])


@pytest.mark.parametrize("kind", RULES)
@pytest.mark.parametrize("hours", [(), (Hours(begin=6, end=10, days=(3,)),)], ids=["always", "at hours"])
def test_a_query_finds_the_groups_that_the_rule_means(
    kind: str, hours: tuple[Hours, ...], make_rule: MakeRule, corpus: tuple[str, list[dict[str, Any]]], ask: Ask
) -> None:
    namespace, documents = corpus
    where = {**RULES[kind].get("where", {"equals": {"event.code": ("20102", "10010")}}), "outside": hours}
    rule = make_rule(where, RULES[kind]["looks_for"])
    looked_at = [seen(document) for document in documents if "backfill" not in document.get("tags", ())]
    expected = {finding.group for finding in execute(rule, looked_at, T1_MS - 12 * HOUR_MS, T1_MS)}
    assert groups(ask(pinned(compiled(rule)), namespace), rule) == expected


def test_the_borders_of_time_are_those_of_the_rule(
    make_rule: MakeRule, store: Store, ask: Ask, fresh_namespace: str
) -> None:
    opened_ms = T1_MS - 3 * HOUR_MS
    answers = {"at once": opened_ms, "just before": opened_ms - 1, "not yet": T1_MS, "never": opened_ms - 9 * HOUR_MS}
    openings = [{"id": f"o-{host}", "@timestamp": opened_ms, "event.code": "1", "host.name": host} for host in answers]
    replies = [
        {"id": f"a-{host}", "@timestamp": time_ms, "event.code": "2", "host.name": host}
        for host, time_ms in answers.items()
    ]
    store(fresh_namespace, [*openings, *replies])
    wanted = Condition(equals={"event.code": "2"})
    for within, expected in (("2h", {("just before",), ("not yet",), ("never",)}), ("3h", set())):
        rule = make_rule(
            {"equals": {"event.code": "1"}}, Unanswered(by=BY_HOST, answer=wanted, within=within, look_back="9h")
        )
        assert groups(ask(pinned(compiled(rule)), fresh_namespace), rule) == expected
    quiet = make_rule({"equals": {"event.code": "2"}}, Silence(by=BY_HOST, longer_than="3h", look_back="4h"))
    assert groups(ask(pinned(compiled(quiet)), fresh_namespace), quiet) == {("just before",)}


def test_the_corpus_has_groups_that_are_found_and_groups_that_are_not(
    make_rule: MakeRule, corpus: tuple[str, list[dict[str, Any]]]
) -> None:
    hosts = {document["host.name"] for document in corpus[1] if "host.name" in document}
    for kind in ("count", "unanswered", "silence"):
        rule = make_rule(**RULES[kind])
        looked_at = [seen(document) for document in corpus[1] if "backfill" not in document.get("tags", ())]
        found = execute(rule, looked_at, T1_MS - 12 * HOUR_MS, T1_MS)
        assert 0 < len(found) < len(hosts), kind


def test_single_documents_at_hours_are_one_row_each(
    make_rule: MakeRule, corpus: tuple[str, list[dict[str, Any]]], ask: Ask
) -> None:
    namespace, documents = corpus
    rule = make_rule({"equals": {"event.code": "10020"}, "outside": (Hours(begin=0, end=9),)}, Match())
    looked_at = [seen(document) for document in documents if "backfill" not in document.get("tags", ())]
    expected = execute(rule, looked_at, T1_MS - 12 * HOUR_MS, T1_MS)
    rows = ask(compiled(rule), namespace)
    assert sum(row["matched"] for row in rows) == len(expected) > 5


@pytest.mark.parametrize("days", [(1,), (7,), (1, 2, 3, 4, 5), (6, 7)])
def test_hours_are_those_of_the_iso_week_in_utc(
    days: tuple[int, ...], make_rule: MakeRule, store: Store, ask: Ask, fresh_namespace: str
) -> None:
    documents = [
        {"id": f"t{number}", "@timestamp": T1_MS + number * 31 * MINUTE_MS, "event.code": "1", "host.name": f"{number}"}
        for number in range(7 * 24 * 2)
    ]
    store(fresh_namespace, documents)
    hours = Hours(begin=9, end=17, days=days)
    rule = make_rule({"equals": {"event.code": "1"}, "outside": (hours,)}, Count(by=BY_HOST, at_least=1, within="1h"))
    expected = execute(rule, map(seen, documents), 0, 2 * T1_MS)
    rows = [
        row
        for half in (
            f"@timestamp < TO_DATETIME({T1_MS + 80 * HOUR_MS})",
            f"@timestamp >= TO_DATETIME({T1_MS + 80 * HOUR_MS})",
        )
        for row in ask(compiled(rule).replace("| STATS", f"| WHERE {half}\n| STATS"), fresh_namespace)
    ]
    assert groups(rows, rule) == {finding.group for finding in expected}


TAGS: dict[str, list[str] | str | None] = {
    "none": None,
    "other": "lab",
    "it": "backfill",
    "first": ["backfill", "lab"],
    "last": ["lab", "zz", "backfill"],
    "middle": ["a", "backfill", "z"],
    "others": ["lab", "weak_id"],
    "longer": ["backfilled", "nobackfill"],
}


@pytest.mark.parametrize("form", ["is", "is_not"])
@pytest.mark.parametrize("values", ["backfill", ("backfill", "lab"), ("a*", "la?")], ids=["one", "two", "wildcards"])
def test_a_field_of_no_one_or_many_values_is_compared_with_each(
    form: str, values: str | tuple[str, ...], store: Store, ask: Ask, fresh_namespace: str
) -> None:
    documents = [
        {"id": name, "@timestamp": T1_MS, "host.name": name, **({} if tags is None else {"tags": tags})}
        for name, tags in TAGS.items()
    ]
    store(fresh_namespace, documents)
    wanted = {values} if isinstance(values, str) else set(values)
    has = {name for name, tags in TAGS.items() if wanted & set([tags] if isinstance(tags, str) else tags or [])}
    expression = esql.is_one_of("tags", values) if form == "is" else esql.is_none_of("tags", values)
    rows = ask(f"FROM logs-intune_connector.events-* | WHERE {expression} | KEEP host.name", fresh_namespace)
    assert {row["host.name"] for row in rows} == (has if form == "is" else TAGS.keys() - has)


CONDITIONS = {
    "nothing": Condition(),
    "one": Condition(equals={"event.code": "1"}),
    "several": Condition(equals={"event.code": ("1", "2")}),
    "not one": Condition(equals_none={"event.code": "1"}),
    "not several": Condition(equals_none={"event.code": ("1", "2")}),
    "there": Condition(exists=("user.id",)),
    "not there": Condition(missing=("user.id",)),
    "true": Condition(equals={"intune_connector.final": True}),
    "not true": Condition(equals_none={"intune_connector.final": True}),
    "number": Condition(equals={"event.severity": (21, 73)}),
    "at least": Condition(at_least={"event.severity": 47}),
    "label": Condition(equals={"labels.two words-and`more": "x"}),
    "all": Condition(
        equals={"event.code": ("1", "2"), "intune_connector.final": False},
        equals_none={"user.id": "u", "tags": "lab"},
        at_least={"event.severity": 40},
        outside=(Hours(days=(1,)), Hours(begin=6, end=20, days=(2, 3))),
    ),
}


@pytest.fixture(scope="module")
def varied(store: Store) -> list[dict[str, Any]]:
    chance = random.Random(3)  # noqa: S311 (documents of a test)
    choices: dict[str, list[Any]] = {
        "event.code": ["1", "2", "3", None],
        "user.id": ["u", "v", None],
        "intune_connector.final": [True, False, None],
        "event.severity": [21, 47, 73, None],
        "tags": ["lab", ["lab", "x"], ["x", "y"], None],
        "labels.two words-and`more": ["x", "y", None],
    }
    documents: list[dict[str, Any]] = []
    for number in range(300):
        drawn = {field: chance.choice(values) for field, values in choices.items()}
        time_ms = T1_MS - number * 31 * MINUTE_MS
        document = {"id": f"c{number}", "host.name": f"c{number}", "@timestamp": time_ms}
        documents.append(document | {field: value for field, value in drawn.items() if value is not None})
    store("esql-varied", documents)
    return documents


@pytest.mark.parametrize("name", CONDITIONS)
def test_an_expression_is_true_for_the_documents_that_meet_the_condition(
    name: str, varied: list[dict[str, Any]], ask: Ask
) -> None:
    query = f"FROM logs-intune_connector.events-* | WHERE {esql.condition(CONDITIONS[name])} | KEEP host.name"
    expected = {document["id"] for document in varied if meets(CONDITIONS[name], seen(document))}
    assert {row["host.name"] for row in ask(query, "esql-varied")} == expected
    assert expected


@pytest.mark.parametrize(
    ("span", "words"),
    [("1d", "1 day"), ("90m", "90 minutes"), ("24h", "1 day"), ("7d", "7 days"), ("1s", "1 second"), ("1h", "1 hour")],
)
def test_a_span_is_said_in_whole_words(span: str, words: str) -> None:
    assert esql_queries.timespan(span) == words


def test_now_is_the_real_time(make_rule: MakeRule, store: Store, ask: Ask, fresh_namespace: str) -> None:
    now_ms = time.time_ns() // 1_000_000
    times = {"talks": now_ms, "quiet": now_ms - 3 * HOUR_MS, "gone": now_ms - 30 * HOUR_MS}
    store(fresh_namespace, [{"id": n, "@timestamp": t, "event.code": "1", "host.name": n} for n, t in times.items()])
    rule = make_rule({"equals": {"event.code": "1"}}, Silence(by=BY_HOST, longer_than="1h", look_back="1d"))
    assert groups(ask(compiled(rule), fresh_namespace), rule) == {("quiet",)}


IN_ES_QL = [rule for rule in load_rules() if row(rule)["Kibana"].form == "esql"]


@pytest.mark.parametrize("rule", IN_ES_QL, ids=lambda rule: rule.id)
def test_the_es_ql_of_every_shipped_rule_runs(rule: Rule, ask: Ask) -> None:
    assert ask(compiled(rule), "no-such-namespace") == []
