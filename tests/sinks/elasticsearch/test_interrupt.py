"""An interruption ends what nobody would wait for: a request without an answer."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Timer
from time import monotonic
from typing import TYPE_CHECKING

import pytest

from shipper import assets, setup
from shipper.errors import SinkError
from shipper.sinks.elasticsearch import Connection, ElasticsearchSink, Limits, Secret
from shipper.testing.engine import Node

if TYPE_CHECKING:
    from tests.sinks.elasticsearch.conftest import MakeDocument

FOR_EVER = Limits(give_up_after_s=None)
#: Far less than an answer is waited for, and enough for a busy machine.
SOON_S = 60
ANSWERS_WITHIN_S = 600


@contextmanager
def interrupted(sink: ElasticsearchSink) -> Iterator[None]:
    """Interrupt a sink from another thread; hold the block to ending soon after."""
    began = monotonic()
    timer = Timer(0.5, sink.interrupt)
    timer.start()
    try:
        yield
        assert monotonic() - began < SOON_S
    finally:
        timer.join()
        sink.close(complete=False)


def test_a_request_without_an_answer_ends(make_document: "MakeDocument") -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        sink = ElasticsearchSink(Connection(url=url, request_timeout_s=ANSWERS_WITHIN_S), FOR_EVER)
        with interrupted(sink), pytest.raises(SinkError):
            sink.write([make_document("a")])


def test_a_request_that_is_sent_after_it_ends_too(make_document: "MakeDocument") -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        sink = ElasticsearchSink(Connection(url=url, request_timeout_s=ANSWERS_WITHIN_S), FOR_EVER)
        sink.interrupt()
        with interrupted(sink), pytest.raises(SinkError):
            sink.write([make_document("a")])


def test_a_request_over_tls_without_an_answer_ends(
    secured_elasticsearch: Node, fresh_namespace: str, make_document: "MakeDocument"
) -> None:
    node = secured_elasticsearch
    connection = Connection(
        url=node.url,
        username=node.username,
        password=Secret(node.password),
        ca_file=str(node.ca_file),
        request_timeout_s=ANSWERS_WITHIN_S,
    )
    setup.install(connection, assets.mappings(), namespace="default", agree=lambda _changes: True)
    sink = ElasticsearchSink(connection, FOR_EVER)
    data_stream = f"logs-intune_connector.events-{fresh_namespace}"
    sink.write([make_document("a", data_stream)])
    node.suspend()
    try:
        with interrupted(sink), pytest.raises(SinkError):
            sink.write([make_document("b", data_stream)])
    finally:
        node.resume()
