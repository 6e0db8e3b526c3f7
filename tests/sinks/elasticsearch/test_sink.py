"""What a real Elasticsearch can show."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import pytest

from shipper import assets, setup
from shipper.errors import MappingError, SinkError
from shipper.sinks.elasticsearch import Connection, ElasticsearchSink, Limits
from shipper.sinks.elasticsearch.backoff import Pacing
from shipper.testing.engine import Access, Node

if TYPE_CHECKING:
    from tests.sinks.elasticsearch.conftest import MakeDocument

SOON = Pacing(base_s=0.05, cap_s=0.2)


def call(url: str, method: str, path: str, body: Any = None) -> Any:
    status, answer = Access(url).request(method, path, body)
    assert status < 300, answer
    return answer


@pytest.fixture
def data_stream(fresh_namespace: str) -> str:
    return f"logs-intune_connector.events-{fresh_namespace}"


def count(url: str, data_stream: str) -> int:
    call(url, "POST", f"/{data_stream}/_refresh")
    return int(call(url, "GET", f"/{data_stream}/_count")["count"])


def test_documents_are_indexed_once_and_are_duplicates_afterwards(
    installed: str, data_stream: str, make_document: "MakeDocument"
) -> None:
    sink = ElasticsearchSink(Connection(url=installed))
    documents = [make_document(f"id-{number}", data_stream) for number in range(50)]
    assert {outcome.status for outcome in sink.write(documents)} == {"indexed"}
    assert {outcome.status for outcome in sink.write(documents)} == {"duplicate"}
    assert count(installed, data_stream) == 50
    sink.close(complete=True)


def test_a_document_that_does_not_fit_the_mapping_is_rejected_alone(
    installed: str, data_stream: str, make_document: "MakeDocument"
) -> None:
    good, bad = make_document("good", data_stream), make_document("bad", data_stream, host={"name": {"a": 1}})
    outcomes = ElasticsearchSink(Connection(url=installed)).write([good, bad])
    assert [outcome.status for outcome in outcomes] == ["indexed", "rejected"]
    assert outcomes[1].error_type == "document_parsing_exception"
    assert "host.name" in outcomes[1].reason


def test_event_ingested_is_the_time_of_sending(installed: str, data_stream: str, make_document: "MakeDocument") -> None:
    ElasticsearchSink(Connection(url=installed)).write([make_document("a", data_stream)])
    call(installed, "POST", f"/{data_stream}/_refresh")
    hit = call(installed, "GET", f"/{data_stream}/_search")["hits"]["hits"][0]
    assert hit["_id"] == "a"
    assert hit["_source"]["event"]["ingested"].startswith("20")


def test_documents_for_two_data_streams_go_where_they_belong(
    installed: str, fresh_namespace: str, make_document: "MakeDocument"
) -> None:
    names = [f"logs-intune_connector.{kind}-{fresh_namespace}" for kind in ("events", "svclog")]
    ElasticsearchSink(Connection(url=installed)).write([make_document("a", name) for name in names])
    assert [count(installed, name) for name in names] == [1, 1]


def test_several_threads_write_at_once(installed: str, data_stream: str, make_document: "MakeDocument") -> None:
    sink = ElasticsearchSink(Connection(url=installed), Limits(in_flight=4))
    batches = [[make_document(f"{batch}-{number}", data_stream) for number in range(100)] for batch in range(12)]
    with ThreadPoolExecutor(4) as pool:
        outcomes = [outcome for part in pool.map(sink.write, batches) for outcome in part]
    assert {outcome.status for outcome in outcomes} == {"indexed"}
    assert count(installed, data_stream) == 1200


def test_a_read_only_index_is_waited_for_and_said(
    installed: str, data_stream: str, make_document: "MakeDocument"
) -> None:
    paused, said = Event(), list[str]()

    def note(reason: str) -> None:
        said.append(reason)
        paused.set()

    sink = ElasticsearchSink(Connection(url=installed), pacing=SOON, on_pause=note)
    sink.write([make_document("first", data_stream)])
    call(installed, "PUT", f"/{data_stream}/_settings", {"index.blocks.write": True})

    def unblock() -> None:
        paused.wait(30)
        call(installed, "PUT", f"/{data_stream}/_settings", {"index.blocks.write": None})

    helper = Thread(target=unblock)
    helper.start()
    outcomes = sink.write([make_document("second", data_stream)])
    helper.join()
    assert outcomes[0].status == "indexed"
    assert outcomes[0].attempts > 1
    assert "cluster_block_exception" in said[0]


def test_a_reached_limit_of_shards_is_no_fault_of_the_documents(
    installed: str, data_stream: str, make_document: "MakeDocument"
) -> None:
    call(installed, "PUT", "/_cluster/settings", {"persistent": {"cluster.max_shards_per_node": 1}})
    sink = ElasticsearchSink(Connection(url=installed), Limits(give_up_after_s=0.3), pacing=SOON)
    try:
        with pytest.raises(SinkError, match="maximum normal shards"):
            sink.write([make_document("a", data_stream), make_document("b", data_stream)])
    finally:
        call(installed, "PUT", "/_cluster/settings", {"persistent": {"cluster.max_shards_per_node": None}})
    assert {outcome.status for outcome in sink.write([make_document("a", data_stream)])} == {"indexed"}


def test_a_data_stream_that_no_template_would_make_is_refused(
    installed: str, fresh_namespace: str, make_document: "MakeDocument"
) -> None:
    with pytest.raises(MappingError, match="no index template would make it") as caught:
        ElasticsearchSink(Connection(url=installed)).write([make_document("a", f"other-{fresh_namespace}")])
    assert caught.value.hint == f"shipper setup --to {installed}"


def test_an_index_in_the_place_of_the_data_stream_is_refused(
    installed: str, fresh_namespace: str, make_document: "MakeDocument"
) -> None:
    call(installed, "PUT", f"/plain-{fresh_namespace}")
    with pytest.raises(MappingError, match="is an index, not a data stream"):
        ElasticsearchSink(Connection(url=installed)).write([make_document("a", f"plain-{fresh_namespace}")])


@pytest.fixture
def foreign_data_stream(installed: str, fresh_namespace: str) -> str:
    name = f"foreign-{fresh_namespace}"
    body = {"index_patterns": [f"{name}*"], "data_stream": {}, "priority": 300}
    call(installed, "PUT", f"/_index_template/{name}", body)
    return name


def test_a_template_of_somebody_else_is_refused_before_the_first_document(
    installed: str, foreign_data_stream: str, make_document: "MakeDocument"
) -> None:
    with pytest.raises(MappingError, match="which is not ours"):
        ElasticsearchSink(Connection(url=installed)).write([make_document("a", foreign_data_stream)])


def test_a_mapping_of_somebody_else_is_written_to_only_when_told(
    installed: str, foreign_data_stream: str, make_document: "MakeDocument"
) -> None:
    told = ElasticsearchSink(Connection(url=installed), allow_foreign_mapping=True)
    assert told.write([make_document("a", foreign_data_stream)])[0].status == "indexed"
    with pytest.raises(MappingError, match="has a mapping that is not ours"):
        ElasticsearchSink(Connection(url=installed)).write([make_document("b", foreign_data_stream)])


StartNode = Callable[..., Node]


@pytest.fixture(scope="module")
def small_node(elasticsearch_node: StartNode) -> Node:
    """Return a node that takes requests of at most 1 MB and may be frozen."""
    node = elasticsearch_node(settings={"http.max_content_length": "1mb"}, heap_mb=512)
    setup.install(Connection(url=node.url), assets.mappings(), namespace="default", agree=lambda _changes: True)
    return node


def test_a_real_413_is_split_and_a_document_larger_than_that_is_rejected(
    small_node: Node, data_stream: str, make_document: "MakeDocument"
) -> None:
    documents = [make_document(f"id-{number}", data_stream, blob="x" * 300_000) for number in range(8)]
    documents[5] = make_document("huge", data_stream, blob="x" * 1_100_000)
    outcomes = ElasticsearchSink(Connection(url=small_node.url), pacing=SOON).write(documents)
    assert [outcome.status for outcome in outcomes] == ["indexed"] * 5 + ["rejected"] + ["indexed"] * 2
    assert outcomes[5].error_type == "content_too_large"
    assert count(small_node.url, data_stream) == 7


def test_an_answer_that_never_comes_costs_nothing_and_doubles_nothing(
    small_node: Node, data_stream: str, make_document: "MakeDocument"
) -> None:
    silent = Event()
    connection = Connection(url=small_node.url, request_timeout_s=1)
    sink = ElasticsearchSink(connection, pacing=SOON, on_pause=lambda _reason: silent.set())
    sink.write([make_document("before", data_stream)])
    small_node.suspend()

    def wake() -> None:
        silent.wait(30)
        small_node.resume()

    helper = Thread(target=wake)
    helper.start()
    outcomes = sink.write([make_document(f"id-{number}", data_stream) for number in range(20)])
    helper.join()
    assert {outcome.status for outcome in outcomes} <= {"indexed", "duplicate"}
    assert count(small_node.url, data_stream) == 21


def test_a_server_that_is_not_there_is_an_error_with_a_hint(make_document: "MakeDocument") -> None:
    with pytest.raises(SinkError, match="cannot be reached: connection refused") as caught:
        ElasticsearchSink(Connection(url="http://127.0.0.1:1")).write([make_document("a")])
    assert caught.value.where == "http://127.0.0.1:1"
    assert caught.value.exit_code == 3
