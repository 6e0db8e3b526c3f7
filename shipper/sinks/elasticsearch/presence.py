"""Whether documents are in a data stream, in any of its backing indices, searchable already or not."""

from collections.abc import Iterator, Sequence
from urllib.parse import quote

import msgspec

from shipper.sinks.elasticsearch.asking import answered
from shipper.sinks.elasticsearch.backing import Backing
from shipper.sinks.elasticsearch.server import Server, Unanswered, forbidden

#: So many at a time, and room for each of them to be there ten times: ``index.max_result_window`` is 10,000.
_IDS_AT_ONCE = 1000
_HITS_MAX = 10_000
#: An index that has gone or is closed cannot be asked, and takes no document either.
_GONE = frozenset({"index_not_found_exception", "index_closed_exception"})
_GET = "_source=false&filter_path=docs._id,docs.found,docs.error.type,docs.error.reason"
_SEARCH = "allow_partial_search_results=false&ignore_unavailable=true&filter_path=hits.hits._id"


class _Error(msgspec.Struct):
    type: str = "unknown"
    reason: str = ""


class _Got(msgspec.Struct):
    id: str = msgspec.field(name="_id")
    found: bool = False
    error: _Error | None = None


class _GotAll(msgspec.Struct):
    docs: list[_Got] = []


class _Hit(msgspec.Struct):
    id: str = msgspec.field(name="_id")


class _Hits(msgspec.Struct):
    hits: list[_Hit] = []


class _Found(msgspec.Struct):
    hits: _Hits = msgspec.field(default_factory=_Hits)


class Presence:
    """Asks a data stream; this needs the privilege ``read``.

    The backing indices that were written until lately are asked one by one for each document, which finds what no
    search finds before the next refresh. All older ones are searched, at once.
    Source: https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-get ("Realtime")

    Args:
        server: the Elasticsearch.
        data_stream: its name.
        backing: its indices, as of now.
    """

    def __init__(self, server: Server, data_stream: str, backing: Backing) -> None:
        self._server = server
        self._data_stream = data_stream
        self._backing = backing

    def of(self, ids: Sequence[str]) -> set[str]:
        """Return those of ``ids`` that are there.

        Raises:
            Unanswered: there is no telling now.
            AuthenticationError: the privilege is missing.
            SinkError: the question is refused.
        """
        found: set[str] = set()
        for some in _in_parts(ids):
            found |= self._of_some(some)
        return found

    def _of_some(self, ids: Sequence[str]) -> set[str]:
        found: set[str] = set()
        for index in self._backing.recent:
            if left := [one for one in ids if one not in found]:
                found |= self._got(index, left)
        left = [one for one in ids if one not in found]
        if left and len(self._backing.recent) < len(self._backing.names):
            found |= self._searched(left)
        return found

    def _got(self, index: str, ids: Sequence[str]) -> set[str]:
        answer = answered(self._server, "POST", f"/{quote(index)}/_mget?{_GET}", msgspec.json.encode({"ids": ids}))
        documents = answer.decoded(_GotAll).docs if answer.ok else []
        for error in (document.error for document in documents if document.error is not None):
            if error.type == "security_exception":  # one who may read another index is refused item by item
                raise forbidden(self._server.target, error.reason)
            if error.type not in _GONE:
                raise Unanswered(f"{error.type}: {error.reason}", delivered=True)
        return {document.id for document in documents if document.found}

    def _searched(self, ids: Sequence[str]) -> set[str]:
        query = {"query": {"ids": {"values": ids}}, "size": _HITS_MAX, "sort": ["_doc"], "_source": False}
        path = f"/{quote(self._data_stream)}/_search?{_SEARCH}"
        answer = answered(self._server, "POST", path, msgspec.json.encode({**query, "track_total_hits": False}))
        return {hit.id for hit in answer.decoded(_Found).hits.hits} if answer.ok else set()


def _in_parts(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (ids[start : start + _IDS_AT_ONCE] for start in range(0, len(ids), _IDS_AT_ONCE))
