"""The rules over documents that are there already."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import elasticsearch
import pytest

from shipper.audit.point_in_time import Hit, PointInTime
from shipper.pipeline.evaluation.files import in_order, read_lines
from shipper.pipeline.evaluation.streams import Clocks, Place, Streams
from shipper.rules.model import Seen
from shipper.sinks.elasticsearch import Connection
from shipper.sinks.elasticsearch.server import Server
from shipper.testing.chaos import Shipper, wait_until
from shipper.testing.engine import Node

if TYPE_CHECKING:
    from tests.alerts.conftest import Told, WriteLog

Tell = Callable[..., "Told"]
NOW = datetime.now(UTC).replace(microsecond=0)

UNANSWERED = """\
id = "unanswered"
nature = "failure"
severity = "high"
risk_score = 60
quiet_for = "1s"

[where.is]
"event.code" = "10020"

[looks_for]
kind = "unanswered"
by = ["host.name"]
within = "10m"
look_back = "1h"

[looks_for.answer.is]
"event.code" = "10010"

[text.en]
name = "Stopped and not started"
why = "A synthetic rule."
first_steps = ["Look at it."]

[text.it]
name = "Fermato e non riavviato"
why = "Una regola sintetica."
first_steps = ["Guardarla."]
"""


def document(number: int, *, code: str = "20102", host: str = "pki01", minutes_ago: float = 60, **event: Any) -> str:
    """Return a document as ``ship`` writes it, as far as the rules here look."""
    time = (NOW - timedelta(minutes=minutes_ago)).isoformat().replace("+00:00", ".000Z")
    return json.dumps(
        {
            "event": {
                "ingested": time,
                "id": f"id-{number}",
                "code": code,
                "dataset": "intune_connector.events",
                **event,
            },
            "@timestamp": time,
            "host": {"name": host},
        }
    )


def written(path: Path, *documents: str) -> Path:
    path.write_text("".join(f"{one}\n" for one in documents), encoding="utf-8")
    return path


def alerts_of(told: "Told") -> list[dict[str, Any]]:
    return [json.loads(line) for line in told.out.splitlines()]


def event_ids(alert: dict[str, Any]) -> list[str]:
    ids: list[str] = alert["intune_connector"]["alert"]["event_ids"]
    return ids


def test_alerts_of_a_file_are_documents_on_standard_output(tell: Tell, rules: Path, tmp_path: Path) -> None:
    events = written(tmp_path / "events", document(1), document(2, minutes_ago=50), document(3, code="20100"))
    told = tell("evaluate", events, "--rules", rules, "--json")
    assert [event_ids(alert) for alert in alerts_of(told)] == [["id-1"], ["id-2"]]
    assert (told.code, told.account["read"], told.account["alerts"]) == (0, 3, 2)


def test_for_people_they_are_rows_in_which_nothing_can_type(tell: Tell, rules: Path, tmp_path: Path) -> None:
    told = tell("evaluate", written(tmp_path / "events", document(1, host="pki\x1b]0;x\x07")), "--rules", rules)
    assert "every-failure" in told.out
    assert "pki\\x1b" in told.out
    assert all(line.isprintable() for line in told.out.splitlines())


def test_documents_of_hosts_one_after_the_other_are_judged_in_the_order_of_their_time(
    tell: Tell, rules: Path, tmp_path: Path
) -> None:
    (rules / "unanswered.toml").write_text(UNANSWERED, encoding="utf-8")
    (rules / "every-failure.toml").unlink()
    stop_a, start_a = (document(n, code=c, host="a", minutes_ago=m) for n, c, m in ((1, "10020", 40), (2, "10010", 35)))
    stop_b, late_a = document(3, code="10020", host="b", minutes_ago=39), document(4, host="a", minutes_ago=5)
    events = written(tmp_path / "events", late_a, start_a, stop_b, stop_a)
    (alert,) = alerts_of(tell("evaluate", events, "--rules", rules, "--json"))
    assert (event_ids(alert), alert["host"]["name"]) == (["id-3"], "b")


def test_a_line_that_is_no_document_is_counted_and_no_success(tell: Tell, rules: Path, tmp_path: Path) -> None:
    told = tell("evaluate", written(tmp_path / "events", "no json", document(1)), "--rules", rules, "--json")
    assert (told.code, told.account["unreadable"], told.account["alerts"]) == (1, 1, 1)


def test_what_ship_has_written_compressed_is_read(
    tell: Tell, rules: Path, write_failures: "WriteLog", tmp_path: Path
) -> None:
    path = tmp_path / "events.ndjson.zst"
    tell("ship", write_failures(3), "--to", f"ndjson:{path}")
    assert tell("evaluate", path, "--rules", rules, "--json").account["alerts"] == 3


def test_a_line_longer_than_any_document_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "events"
    path.write_bytes(b"a\n" + b"x" * (20 << 20) + b"\nb\n")
    assert list(read_lines(str(path))) == [b"a", None, b"b"]


def test_documents_come_in_the_order_of_their_time_each_once() -> None:
    seen = [Seen(f"id-{n % 50}", (n * 7919) % 50, {"a": ("b", 1, True)}) for n in (*range(50), *range(50))]
    found = [one for batch in in_order(iter(seen)) for one in batch]
    assert found == sorted({(one.time_ms, one.id): one for one in seen}.values(), key=lambda one: (one.time_ms, one.id))


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (("events", "--follow"), "only data streams"),
        (("https://a.example", "https://b.example"), "one Elasticsearch"),
        (("events", "--since", "lately"), "is no time"),
        (("events", "--alerts", "index"), "needs an Elasticsearch"),
    ],
)
def test_what_cannot_be_evaluated_is_refused(tell: Tell, words: tuple[str, ...], fault: str) -> None:
    told = tell("evaluate", *words)
    assert (told.code, fault in told.err) == (2, True)


class Stream:
    """The events' data stream of a namespace, written to as a shipper would."""

    def __init__(self, es: elasticsearch.Elasticsearch, namespace: str) -> None:
        self._es = es
        self.name = f"logs-intune_connector.events-{namespace}"

    def add(self, number: int, *, sent: datetime, **more: Any) -> None:
        body = json.loads(document(number, **more))
        body["event"]["ingested"] = sent.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        self._es.create(index=self.name, id=f"id-{number}", document=body, refresh=True)


@pytest.fixture
def stream(tell: Tell, es: elasticsearch.Elasticsearch, elasticsearch_url: str, fresh_namespace: str) -> Stream:
    assert tell("setup", "--to", elasticsearch_url, "--yes").code == 0
    return Stream(es, fresh_namespace)


def test_the_data_stream_is_evaluated_and_alerts_go_back_to_theirs(  # noqa: PLR0917 (fixtures)
    tell: Tell,
    rules: Path,
    stream: Stream,
    es: elasticsearch.Elasticsearch,
    elasticsearch_url: str,
    fresh_namespace: str,
) -> None:
    for number in range(3):
        stream.add(number, sent=NOW - timedelta(minutes=10 - number))
    words = ("evaluate", elasticsearch_url, "--namespace", fresh_namespace, "--rules", rules, "--json")
    told = tell(*words, "--alerts", "index")
    assert (told.code, told.account["read"], told.account["alerts"]) == (0, 3, 3)
    index = f"logs-intune_connector.alerts-{fresh_namespace}"
    es.indices.refresh(index=index)
    stored = {hit["_id"] for hit in es.search(index=index)["hits"]["hits"]}
    assert stored == {alert["event"]["id"] for alert in alerts_of(told)}


def test_an_evaluation_goes_on_where_the_one_before_has_ended_and_finds_what_became_visible_late(  # noqa: PLR0917 (fixtures)
    tell: Tell, rules: Path, stream: Stream, elasticsearch_url: str, fresh_namespace: str, tmp_path: Path
) -> None:
    place = ("--namespace", fresh_namespace, "--state", tmp_path / "kept")
    words = ("evaluate", elasticsearch_url, *place, "--rules", rules, "--json")
    stream.add(1, sent=NOW - timedelta(minutes=10))
    stream.add(2, sent=NOW - timedelta(minutes=5))
    assert [event_ids(alert) for alert in alerts_of(tell(*words))] == [["id-1"], ["id-2"]]
    stream.add(3, sent=NOW - timedelta(minutes=6))  # sent before the one that was read last
    stream.add(4, sent=NOW)
    assert [event_ids(alert) for alert in alerts_of(tell(*words))] == [["id-3"], ["id-4"]]
    assert alerts_of(tell(*words)) == []


def test_what_was_sent_before_the_time_that_was_named_is_passed_over(
    tell: Tell, rules: Path, stream: Stream, elasticsearch_url: str, fresh_namespace: str
) -> None:
    stream.add(1, sent=NOW - timedelta(days=2))
    words = ("evaluate", elasticsearch_url, "--namespace", fresh_namespace, "--rules", rules, "--json")
    assert [tell(*words, *more).account["alerts"] for more in ((), ("--since", "3d"))] == [0, 1]


def test_a_data_stream_that_is_not_there_yet_is_empty(
    tell: Tell, rules: Path, elasticsearch_url: str, fresh_namespace: str
) -> None:
    told = tell("evaluate", elasticsearch_url, "--namespace", fresh_namespace, "--rules", rules, "--json")
    assert (told.code, told.account["read"]) == (0, 0)


def test_what_becomes_visible_within_seconds_is_found_at_the_next_look_and_all_else_within_a_minute(
    stream: Stream, elasticsearch_url: str
) -> None:
    server, now_s = Server(Connection(url=elasticsearch_url)), [0.0]
    since = Place(int((NOW - timedelta(hours=1)).timestamp() * 1000))
    streams = Streams(server, [stream.name, "logs-nobody.has-this"], since, _nobody, Clocks(lambda: now_s[0]))

    def looked() -> list[str]:
        return [hit.id for batch in streams.news() for hit in batch]

    stream.add(1, sent=NOW)
    first = looked()
    stream.add(2, sent=NOW - timedelta(seconds=10))
    stream.add(3, sent=NOW - timedelta(seconds=200))
    second = looked()
    now_s[0] = 61.0
    third = looked()
    server.close()
    assert (first, second, third) == (["id-1"], ["id-2"], ["id-3"])


def _nobody(text: str) -> None:
    raise AssertionError(text)


def test_a_shipper_whose_clock_is_ahead_hides_nobody_and_is_itself_read_once(
    stream: Stream, elasticsearch_url: str
) -> None:
    server, minutes, said = Server(Connection(url=elasticsearch_url)), [0.0], list[str]()
    clocks = Clocks(lambda: 60 * minutes[0], lambda: NOW.timestamp() + 60 * minutes[0])
    since = Place(int((NOW - timedelta(hours=1)).timestamp() * 1000))
    streams = Streams(server, [stream.name], since, said.append, clocks)
    looks = []
    stream.add(1, sent=NOW + timedelta(minutes=20))
    for number in (2, 3, 4):
        stream.add(number, sent=NOW + timedelta(minutes=minutes[0]))
        looks.append([hit.id for batch in streams.news() for hit in batch])
        minutes[0] += 11
        streams = Streams(server, [stream.name], streams.place, said.append if minutes[0] < 12 else _nobody, clocks)
    server.close()
    assert looks == [["id-2", "id-1"], ["id-3"], ["id-4"]]
    assert ["1,200 s later" in text for text in said] == [True]


def test_an_evaluation_that_a_wrong_clock_has_led_ahead_comes_back(stream: Stream, elasticsearch_url: str) -> None:
    server = Server(Connection(url=elasticsearch_url))
    ahead = Place(int((NOW + timedelta(days=9)).timestamp() * 1000))
    streams = Streams(server, [stream.name], ahead, _nobody, Clocks(now=NOW.timestamp))
    stream.add(1, sent=NOW)
    assert [hit.id for batch in streams.news() for hit in batch] == ["id-1"]
    server.close()
    assert streams.place.sent_ms == NOW.timestamp() * 1000


def test_documents_far_ahead_wait_for_their_time_once_many_are_known(
    stream: Stream, elasticsearch_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shipper.pipeline.evaluation.streams._MOST_AHEAD", 2)
    monkeypatch.setattr("shipper.pipeline.evaluation.streams._PAGE_DOCS", 1)
    server, minutes = Server(Connection(url=elasticsearch_url)), [0.0]
    clocks = Clocks(lambda: 60 * minutes[0], lambda: NOW.timestamp() + 60 * minutes[0])
    streams = Streams(server, [stream.name], Place(int(NOW.timestamp() * 1000)), lambda _: None, clocks)
    for number in (1, 2, 3):
        stream.add(number, sent=NOW + timedelta(minutes=2 * number))
    looks = []
    for minutes[0] in (0, 1.5, 7):
        looks.append([hit.id for batch in streams.news() for hit in batch])
    server.close()
    assert looks == [["id-1", "id-2"], [], ["id-3"]]


def test_a_bulk_load_takes_a_time_that_grows_with_it_and_no_faster(monkeypatch: pytest.MonkeyPatch) -> None:
    count, server = 300_000, Server(Connection(url="http://127.0.0.1:9"))
    hits = (Hit(f"id-{n}", "x", sort=(n,)) for n in range(count))  # all within the overlap
    point = PointInTime(server, "none")
    monkeypatch.setattr(point, "pages", lambda *_: iter(lambda: list(islice(hits, 1000)), []))
    monkeypatch.setattr(PointInTime, "__exit__", lambda *_: None)
    monkeypatch.setattr("shipper.pipeline.evaluation.streams.open_point_in_time", lambda *_: point)
    began_s = time.process_time()
    assert sum(map(len, Streams(server, ["a"], Place(0), _nobody).news())) == count
    assert time.process_time() - began_s < 3  # 0.3; with the known ids looked at in each batch, 7 and more


def test_one_that_follows_tells_what_is_sent_and_after_a_kill_nothing_twice(
    rules: Path, stream: Stream, elasticsearch_url: str, fresh_namespace: str, tmp_path: Path
) -> None:
    alerts = tmp_path / "alerts"
    place = ("--namespace", fresh_namespace, "--state", tmp_path / "kept", "--alerts", f"ndjson:{alerts}")
    words = ("evaluate", elasticsearch_url, *place, "--rules", rules, "--follow")
    environment = {"SHIPPER_POLL_INTERVAL_S": "0.1", "SHIPPER_CHECKPOINT_INTERVAL_S": "0"}

    def told() -> list[str]:
        return [event_ids(json.loads(line))[0] for line in alerts.read_bytes().splitlines()] if alerts.exists() else []

    with Shipper(words, environment=environment) as first:
        stream.add(1, sent=datetime.now(UTC))
        wait_until(lambda: "id-1" in told(), first)
        wait_until(lambda: bool(list((tmp_path / "kept").glob("evaluate-*.json"))), first)
        first.wait_at_most(0.5)
        first.kill()
    stream.add(2, sent=datetime.now(UTC))
    with Shipper(words, environment=environment) as second:
        wait_until(lambda: "id-2" in told(), second)
        ended = second.stopped()
    assert ended.code == 0, ended.said
    assert told() == ["id-1", "id-2"]


def test_one_that_follows_ends_while_elasticsearch_hangs(
    rules: Path, elasticsearch_node: Callable[..., Node], tmp_path: Path
) -> None:
    node = elasticsearch_node()
    words = ("evaluate", node.url, "--rules", rules, "--follow", "--alerts", f"ndjson:{tmp_path / 'alerts'}")
    environment = {"SHIPPER_POLL_INTERVAL_S": "0.1", "SHIPPER_DRAIN_WITHIN_S": "1", "SHIPPER_REQUEST_TIMEOUT_S": "180"}
    with Shipper(words, environment=environment) as shipper:
        wait_until(lambda: "rules look" in shipper.said(), shipper)
        shipper.wait_at_most(1)
        node.suspend()
        try:
            shipper.wait_at_most(1)
            began_s = time.monotonic()
            ended = shipper.stopped()
        finally:
            node.resume()
    assert ended.code == 0, ended.said
    assert time.monotonic() - began_s < 60  # a third of what an answer is waited for
    assert "Traceback" not in ended.said
