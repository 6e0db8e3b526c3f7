"""A data stream as it is at one moment, read page after page.

Source: https://www.elastic.co/guide/en/elasticsearch/reference/8.19/paginate-search-results.html
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import msgspec

from shipper.errors import ShipperError, SinkError
from shipper.sinks.elasticsearch.server import Answer, Server, Unanswered

#: The order in which documents are stored, the cheapest there is.
AS_STORED = "_shard_doc"

#: The most that Elasticsearch gives at once: ``index.max_result_window``.
PAGE_DOCS = 10_000

_KEEP_ALIVE = "5m"
_PARTS = ",".join(("pit_id", "timed_out", *(f"hits.hits.{part}" for part in ("_id", "_index", "_source", "sort"))))
_NO_SOURCE = msgspec.Raw(b"{}")


class Hit(msgspec.Struct, frozen=True, gc=False):
    """A document: its ``_id``, its backing index, and of its source what was asked for."""

    id: str = msgspec.field(name="_id")
    index: str = msgspec.field(name="_index")
    source: msgspec.Raw = msgspec.field(default=_NO_SOURCE, name="_source")
    sort: tuple[int, ...] = ()


class _Hits(msgspec.Struct, frozen=True):
    hits: list[Hit] = []


class _Page(msgspec.Struct, frozen=True):
    pit_id: str
    timed_out: bool = False
    hits: _Hits = _Hits()


class _Pit(msgspec.Struct, frozen=True):
    id: str


class PointInTime:
    """Searches that all see the same documents; a context manager that lets them go.

    Args:
        server: which Elasticsearch.
        id: as Elasticsearch names it; see ``open_point_in_time``.
        page_docs: documents a page, 1 to ``PAGE_DOCS``.
    """

    def __init__(self, server: Server, id: str, page_docs: int = PAGE_DOCS) -> None:  # noqa: A002 (Elasticsearch's name)
        self._server = server
        self._id = id
        self._page_docs = page_docs

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(Unanswered, ShipperError):  # it ends by itself, and an error on its way says more
            self._server.request("DELETE", "/_pit", msgspec.json.encode({"id": self._id}))

    def pages(self, query: dict[str, Any], fields: Sequence[str], *sort: str) -> Iterator[list[Hit]]:
        """Yield the documents that a query finds, page by page, in the order of ``sort`` and then as they are stored.

        Raises:
            SinkError: Elasticsearch cannot be reached, or does not answer in full.
        """
        asked = {"size": self._page_docs, "_source": fields, "track_total_hits": False, "query": query}
        asked["sort"] = [*sort, AS_STORED]
        while hits := self._page(asked):
            yield hits
            asked["search_after"] = hits[-1].sort

    def _page(self, asked: dict[str, Any]) -> list[Hit]:
        body = {**asked, "pit": {"id": self._id, "keep_alive": _KEEP_ALIVE}}
        path = f"/_search?allow_partial_search_results=false&filter_path={_PARTS}"
        page = _done(self._server, self._server.ask("POST", path, msgspec.json.encode(body))).decoded(_Page)
        if page.timed_out:
            raise SinkError("did not answer in full", where=self._server.target, hint="try again when it is less busy")
        self._id = page.pit_id
        return page.hits.hits


def open_point_in_time(server: Server, data_stream: str, page_docs: int = PAGE_DOCS) -> PointInTime | None:
    """Return a point in time of a data stream, ``None`` where there is no such data stream.

    Args:
        server: which Elasticsearch.
        data_stream: its name.
        page_docs: documents a page.

    Raises:
        SinkError: Elasticsearch cannot be reached, or refuses.
        AuthenticationError: the privilege ``read`` is missing.
    """
    answer = server.ask("POST", f"/{quote(data_stream)}/_pit?keep_alive={_KEEP_ALIVE}")
    if answer.status == HTTPStatus.NOT_FOUND:
        return None
    return PointInTime(server, _done(server, answer).decoded(_Pit).id, page_docs)


def _done(server: Server, answer: Answer) -> Answer:
    if not answer.ok:
        raise SinkError(
            f"refuses to be read: {answer.error().reason}", where=server.target, hint="try again; if it stays, its log"
        )
    return answer
