"""The guard against doubles across a rollover, on a real Elasticsearch: what is asked for, and what is found."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from shipper import assets, setup
from shipper.errors import AuthenticationError
from shipper.model import DUPLICATE, INDEXED, Document, Outcome, Position
from shipper.sinks.elasticsearch import Connection, ElasticsearchSink, Limits, Secret
from shipper.sinks.elasticsearch.backing import Backing, backing_of
from shipper.sinks.elasticsearch.backoff import Pacing
from shipper.sinks.elasticsearch.guard import Guard
from shipper.sinks.elasticsearch.presence import Presence
from shipper.sinks.elasticsearch.server import Server, Unanswered
from shipper.sinks.elasticsearch.under_way import under_way
from shipper.testing.engine import Access, Node

if TYPE_CHECKING:
    from tests.sinks.elasticsearch.conftest import MakeDocument, StandIn

NOW = datetime.now(UTC)
LATER = NOW + timedelta(hours=1)
#: A run that began long before any event: nothing is the first of its log.
LONG_AGO = NOW - timedelta(days=3650)
#: What the role of the shipper has on its data streams.
PRIVILEGES = ("create_doc", "auto_configure", "view_index_metadata", "read")


class Stream:
    """A data stream of its own on a real node."""

    def __init__(self, access: Access, name: str, make_document: "MakeDocument") -> None:
        self.access = access
        self.name = name
        self._make_document = make_document

    def call(self, method: str, path: str = "", body: Any = None) -> Any:
        status, answer = self.access.request(method, f"/{self.name}{path}", body)
        assert status < 300, answer
        return answer

    def roll_over(self) -> None:
        self.call("POST", "/_rollover")

    def documents(
        self, *names: str, happened: datetime = NOW - timedelta(days=1), log: str = "a.evtx"
    ) -> list[Document]:
        time = happened.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        made = [self._make_document(name, self.name, **{"@timestamp": time}) for name in names]
        return [msgspec.structs.replace(each, position=Position(log, 1)) for each in made]

    def sink(self, *, began: datetime = NOW, sent_before: bool = False) -> ElasticsearchSink:
        pacing = Pacing(base_s=0.05, cap_s=0.2, now=lambda: began)
        connection = Connection(url=self.access.url)
        return ElasticsearchSink(connection, Limits(give_up_after_s=30), pacing=pacing, sent_before=sent_before)

    def guard(self, *, began: datetime = NOW, opening_docs: int = 3) -> Guard:
        return Guard(Server(Connection(url=self.access.url)), opening_docs, asks_for_all=False, now=began)

    def count(self) -> int:
        self.call("POST", "/_refresh")
        return int(self.call("GET", "/_count")["count"])


@pytest.fixture
def stream(installed: str, fresh_namespace: str, make_document: "MakeDocument") -> Stream:
    return Stream(Access(installed), f"logs-intune_connector.events-{fresh_namespace}", make_document)


def statuses(outcomes: list[Outcome]) -> list[str]:
    return [outcome.status for outcome in outcomes]


def test_an_event_older_than_the_index_that_is_written_is_found_in_an_older_one(stream: Stream) -> None:
    stream.sink().write(stream.documents("a", "b"))
    stream.roll_over()

    outcomes = stream.sink(began=LONG_AGO).write(stream.documents("a", "new", "b"))

    assert statuses(outcomes) == ["duplicate", "indexed", "duplicate"]
    assert stream.count() == 3


def test_what_a_killed_run_sent_is_found_after_two_rollovers(stream: Stream) -> None:
    stream.sink().write(stream.documents("a", happened=NOW))
    stream.roll_over()
    stream.roll_over()

    assert statuses(stream.sink().write(stream.documents("a", "b", happened=NOW))) == ["duplicate", "indexed"]


def test_what_no_search_finds_yet_is_found(stream: Stream) -> None:
    stream.sink().write(stream.documents("first"))
    stream.call("PUT", "/_settings", {"index": {"refresh_interval": "-1"}})
    stream.sink().write(stream.documents("a"))
    stream.roll_over()
    query = {"query": {"ids": {"values": ["a"]}}}
    assert stream.call("POST", "/_search", query)["hits"]["hits"] == []

    assert statuses(stream.sink().write(stream.documents("a"))) == ["duplicate"]


def test_a_sink_of_a_replay_asks_for_every_document(stream: Stream) -> None:
    stream.sink().write(stream.documents("a", happened=LATER))
    stream.roll_over()

    assert statuses(stream.sink(sent_before=True).write(stream.documents("a", happened=LATER))) == ["duplicate"]


def test_events_that_happened_since_a_run_began_are_not_asked_for(stream: Stream) -> None:
    stream.sink().write(stream.documents("a"))
    stream.roll_over()

    assert stream.guard().doubtful(stream.documents("b", "c", happened=LATER)) == []


def test_events_of_the_last_minutes_before_a_rollover_are_asked_for_because_clocks_differ(stream: Stream) -> None:
    stream.sink().write(stream.documents("a"))
    stream.roll_over()
    guard, rolled_over = stream.guard(began=LONG_AGO), datetime.now(UTC)

    assert guard.doubtful(stream.documents("b", happened=rolled_over + timedelta(minutes=8))) == [0]
    assert guard.doubtful(stream.documents("b", happened=rolled_over + timedelta(minutes=12))) == []


def test_where_there_is_one_backing_index_old_events_are_not_asked_for(stream: Stream) -> None:
    stream.sink().write(stream.documents("a"))

    assert stream.guard(began=LONG_AGO).doubtful(stream.documents("b")) == []


def test_where_there_is_no_data_stream_nothing_is_asked_for(stream: Stream) -> None:
    assert stream.guard().doubtful(stream.documents("a")) == []


def test_the_first_events_of_each_log_are_asked_for_until_enough_of_them_are_new(stream: Stream) -> None:
    stream.sink().write(stream.documents("a"))
    guard, documents = stream.guard(opening_docs=3), stream.documents("b", "c", "d")
    assert guard.doubtful(documents) == [0, 1, 2]
    guard.settled(documents[:2], [INDEXED, INDEXED])
    assert guard.doubtful(documents) == [0, 1, 2]
    guard.settled(documents[2:], [INDEXED])
    assert guard.doubtful(documents) == []
    assert guard.doubtful(stream.documents("e", log="other.evtx")) == [0]


def test_a_document_that_was_there_already_has_the_next_ones_of_its_log_asked_for_again(stream: Stream) -> None:
    stream.sink().write(stream.documents("a"))
    guard, documents = stream.guard(opening_docs=2), stream.documents("b", "c", "d")
    guard.settled(documents, [INDEXED, INDEXED, DUPLICATE])
    assert guard.doubtful(documents) == [0, 1, 2]


def test_refused_documents_do_not_end_the_asking(stream: Stream) -> None:
    stream.sink().write(stream.documents("a"))
    guard, documents = stream.guard(opening_docs=2), stream.documents("b", "c")
    guard.settled(documents, [Outcome("rejected"), Outcome("rejected")])
    assert guard.doubtful(documents) == [0, 1]


def test_a_document_whose_time_is_not_found_counts_as_old(stream: Stream) -> None:
    stream.sink().write(stream.documents("a"))
    stream.roll_over()
    strange = Document(
        "x", stream.name, b'{"message":"\\"@timestamp\\":\\"2999-01-01T00:00:00Z\\""}', -1, Position("-", 1)
    )
    assert stream.guard(began=LONG_AGO).doubtful([strange]) == [0]


def test_an_index_that_was_left_long_ago_is_searched(stream: Stream) -> None:
    stream.sink().write(stream.documents("old"))
    stream.roll_over()
    stream.sink().write(stream.documents("young"))
    stream.call("POST", "/_refresh")
    server = Server(Connection(url=stream.access.url))
    names = backing_of(server, stream.name).names
    aged = Backing((names[0], "gone-1", names[1]), (NOW - timedelta(days=9), NOW - timedelta(days=5), NOW))
    # Its own clock says that the first was left five days ago.
    assert aged.recent == ("gone-1", names[1])
    assert Presence(server, stream.name, aged).of(["old", "young", "none"]) == {"old", "young"}


def test_more_ids_than_are_asked_for_at_once_are_all_found(stream: Stream) -> None:
    names = [f"id-{number}" for number in range(2500)]
    stream.sink().write(stream.documents(*names))
    stream.roll_over()

    outcomes = stream.sink(began=LONG_AGO).write(stream.documents(*names, "new"))

    assert statuses(outcomes) == [*["duplicate"] * 2500, "indexed"]


def test_an_index_that_was_closed_is_passed_over(stream: Stream) -> None:
    stream.sink().write(stream.documents("a"))
    stream.roll_over()
    stream.roll_over()
    first = backing_of(Server(Connection(url=stream.access.url)), stream.name).names[0]
    status, _ = stream.access.request("POST", f"/{first}/_close")
    assert status == 200

    assert statuses(stream.sink(began=LONG_AGO).write(stream.documents("b"))) == ["indexed"]


def test_a_sending_without_an_answer_is_asked_for_once_elasticsearch_has_done_with_it(
    stand_in: "StandIn", make_document: "MakeDocument"
) -> None:
    stand_in.will_reply(None)
    stand_in.busy_with_last = 3
    sink = ElasticsearchSink(
        Connection(url=stand_in.url), Limits(), allow_foreign_mapping=True, pacing=Pacing(base_s=0.01, cap_s=0.02)
    )

    sink.write([make_document("a")])

    assert stand_in.busy_with_last == 0
    first, second = (headers["x-opaque-id"] for headers in stand_in.headers)
    assert first == second
    assert first.startswith("intune-connector-shipper/")


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_an_answer_that_leaves_open_whether_it_was_carried_out_has_it_asked_for(
    stand_in: "StandIn", make_document: "MakeDocument", status: int
) -> None:
    stand_in.will_reply(status)
    ElasticsearchSink(
        Connection(url=stand_in.url), Limits(), allow_foreign_mapping=True, pacing=Pacing(base_s=0.01, cap_s=0.02)
    ).write([make_document("a")])
    assert "/_tasks" in stand_in.got


def test_a_document_that_was_turned_away_for_load_is_not_asked_for(
    stand_in: "StandIn", make_document: "MakeDocument"
) -> None:
    stand_in.will(stand_in.refused(429, "es_rejected_execution_exception"))
    ElasticsearchSink(
        Connection(url=stand_in.url), Limits(), allow_foreign_mapping=True, pacing=Pacing(base_s=0.01, cap_s=0.02)
    ).write([make_document("a")])
    assert "/_tasks" not in stand_in.got


def test_what_another_run_left_behind_is_waited_for_before_the_first_question(
    make_document: "MakeDocument", stand_in: "StandIn"
) -> None:
    stand_in.under_way = [["intune-connector-shipper/other/7", "somebody-else"]] * 2
    guard = Guard(Server(Connection(url=stand_in.url)), 3, asks_for_all=True, now=NOW)
    for _ in range(2):
        with pytest.raises(Unanswered, match="an earlier request is still being carried out"):
            guard.found([make_document("a")])
    stand_in.under_way = [["intune-connector-shipper/other/8"]]
    assert guard.found([make_document("a")]) == set()


@pytest.fixture
def secured(secured_elasticsearch: Node) -> Node:
    node = secured_elasticsearch
    superuser = Connection(
        url=node.url, username=node.username, password=Secret(node.password), ca_file=str(node.ca_file)
    )
    setup.install(superuser, assets.mappings(), namespace="default", agree=lambda _changes: True)
    return node


def with_privileges(node: Node, *privileges: str) -> Connection:
    """Return a connection with the role of the shipper, or with less."""
    indices = [{"names": ["logs-intune_connector.*"], "privileges": list(privileges)}]
    key = node.create_api_key("guard", {"guard": {"cluster": ["monitor"], "indices": indices}})
    return Connection(url=node.url, api_key=Secret(key), ca_file=str(node.ca_file))


def test_the_role_of_the_shipper_is_enough_for_it(
    secured: Node, fresh_namespace: str, make_document: "MakeDocument"
) -> None:
    connection = with_privileges(secured, *PRIVILEGES)
    stream = Stream(secured.access, f"logs-intune_connector.events-{fresh_namespace}", make_document)
    ElasticsearchSink(connection).write(stream.documents("a"))
    stream.roll_over()

    assert statuses(ElasticsearchSink(connection).write(stream.documents("a", "b"))) == ["duplicate", "indexed"]
    assert under_way(Server(connection)) == frozenset()


def test_without_read_it_stops_and_says_so(secured: Node, fresh_namespace: str, make_document: "MakeDocument") -> None:
    stream = Stream(secured.access, f"logs-intune_connector.events-{fresh_namespace}", make_document)
    ElasticsearchSink(with_privileges(secured, *PRIVILEGES)).write(stream.documents("a"))

    with pytest.raises(AuthenticationError, match="indices:data/read"):
        ElasticsearchSink(with_privileges(secured, *PRIVILEGES[:-1])).write(stream.documents("b"))
    assert stream.count() == 1
