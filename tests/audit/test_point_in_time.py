"""A data stream as it was at one moment, on the real Elasticsearch."""

from collections.abc import Iterator
from typing import Any

import pytest

from shipper.audit.point_in_time import PointInTime, open_point_in_time
from shipper.errors import SinkError
from shipper.sinks.elasticsearch import Connection
from shipper.sinks.elasticsearch.server import Server
from shipper.testing.engine import Access

ALL: dict[str, Any] = {"match_all": {}}


@pytest.fixture
def server(elasticsearch_url: str) -> Iterator[Server]:
    server = Server(Connection(url=elasticsearch_url))
    yield server
    server.close()


@pytest.fixture
def index(elasticsearch_url: str, fresh_namespace: str) -> str:
    """Return an index of 25 documents whose times run backwards."""
    access = Access(elasticsearch_url)
    mapping = {"mappings": {"properties": {"@timestamp": {"type": "date"}, "n": {"type": "long"}}}}
    assert access.request("PUT", f"/{fresh_namespace}", mapping)[0] == 200
    for number in range(25):
        store(access, fresh_namespace, number)
    return fresh_namespace


def store(access: Access, index: str, number: int) -> None:
    body = {"@timestamp": f"2026-11-24T09:30:{59 - number:02}Z", "n": number, "text": "long"}
    assert access.request("PUT", f"/{index}/_create/{number}?refresh=true", body)[0] == 201


def opened(server: Server, index: str) -> PointInTime:
    point = open_point_in_time(server, index, page_docs=10)
    assert point is not None
    return point


def test_every_document_comes_once_in_pages(server: Server, index: str) -> None:
    with opened(server, index) as point:
        pages = list(point.pages(ALL, ["n"]))
    assert [len(page) for page in pages] == [10, 10, 5]
    assert sorted(int(hit.id) for page in pages for hit in page) == list(range(25))
    assert {hit.index for page in pages for hit in page} == {index}
    assert bytes(pages[0][0].source) == b'{"n":0}'


def test_an_order_that_is_asked_for_holds_over_the_pages(server: Server, index: str) -> None:
    with opened(server, index) as point:
        ids = [int(hit.id) for page in point.pages(ALL, ["n"], "@timestamp") for hit in page]
    assert ids == list(range(24, -1, -1))


def test_what_is_indexed_meanwhile_is_not_seen(server: Server, index: str, elasticsearch_url: str) -> None:
    with opened(server, index) as point:
        pages = point.pages(ALL, ["n"])
        next(pages)
        store(Access(elasticsearch_url), index, 30)
        assert sum(map(len, pages)) == 15


def test_what_is_not_there_has_no_point_in_time(server: Server, fresh_namespace: str) -> None:
    assert open_point_in_time(server, f"{fresh_namespace}-none") is None


def test_it_is_let_go(server: Server, index: str) -> None:
    with opened(server, index) as point:
        pass
    with pytest.raises(SinkError, match="refuses to be read"):
        next(point.pages(ALL, ["n"]))
