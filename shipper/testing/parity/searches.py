"""What Kibana's detection engine asks Elasticsearch: hits, buckets and ES|QL rows, of one namespace's data streams."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from shipper.assets import Body

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

Group: TypeAlias = tuple[str, ...]
#: As many as Elasticsearch gives at once (index.max_result_window; the limit of ES|QL).
PAGE = 10_000


class Hit:
    """A document that a search found, with the values of the fields that were asked for."""

    def __init__(self, hit: Mapping[str, Any]) -> None:
        self.id: str = hit["_id"]
        self._fields: Mapping[str, Sequence[object]] = hit.get("fields", {})

    def groups(self, fields: Sequence[str]) -> list[Group]:
        """Return the groups that it belongs to by these fields: one for each combination of values."""
        groups: list[Group] = [()]
        for field in fields:
            groups = [(*group, as_text(value)) for group in groups for value in self._fields.get(field, ())]
        return groups


class Searches:
    """Asks.

    Args:
        es: where the documents are.
        namespace: of their data streams.
        only: a query that all documents of interest meet; by default all of the namespace are.
    """

    def __init__(self, es: "Elasticsearch", namespace: str, only: Body | None = None) -> None:
        self._es = es
        self._namespace = namespace
        self._only: list[Body] = [only] if only else []

    def hits(self, patterns: Sequence[str], query: Body, fields: Sequence[str] = ()) -> Iterator[Hit]:
        """Yield what a query finds, in the order of time."""
        after: list[Any] | None = None
        while True:
            answer = self._es.search(
                index=self.index(patterns),
                query=self._narrowed(query),
                size=PAGE,
                sort=[{"@timestamp": "asc"}],
                source=False,
                docvalue_fields=[{"field": field} for field in fields],
                search_after=after,
            )
            hits = answer["hits"]["hits"]
            yield from map(Hit, hits)
            if len(hits) < PAGE:
                return
            after = hits[-1]["sort"]

    def times(self, patterns: Sequence[str], query: Body) -> set[int]:
        """Return the times of what a query finds, milliseconds: in the corpus they tell one document from another.

        Much quicker than asking for ids, for which every document has to be read.
        """
        found: set[int] = set()
        after: list[Any] | None = None
        while True:
            answer = self._es.search(
                index=self.index(patterns),
                query=self._narrowed(query),
                size=PAGE,
                sort=[{"@timestamp": {"order": "asc", "format": "epoch_millis"}}],
                stored_fields="_none_",
                filter_path="hits.hits.sort",
                search_after=after,
            )
            hits = answer.get("hits", {}).get("hits", [])
            found.update(int(hit["sort"][0]) for hit in hits)
            if len(hits) < PAGE:
                return found
            after = hits[-1]["sort"]

    def buckets(self, patterns: Sequence[str], query: Body, fields: Sequence[str], inner: Body) -> dict[Group, Body]:
        """Return the buckets of a composite aggregation by ``fields``, all pages; without fields the one of all."""
        if not fields:
            return {(): self._one_bucket(patterns, query, inner)}
        composite: Body = {"size": PAGE, "sources": [{field: {"terms": {"field": field}}} for field in fields]}
        buckets: dict[Group, Body] = {}
        while True:
            aggregation = {"groups": {"composite": composite, "aggs": inner}}
            answer = self._es.search(index=self.index(patterns), query=self._narrowed(query), size=0, aggs=aggregation)
            page = answer["aggregations"]["groups"]
            buckets |= {tuple(as_text(bucket["key"][field]) for field in fields): bucket for bucket in page["buckets"]}
            if not page["buckets"] or "after_key" not in page:
                return buckets
            composite["after"] = page["after_key"]

    def rows(self, query: str, span: Body) -> list[Body]:
        """Return the rows of an ES|QL query, its documents narrowed by a filter; at most ``PAGE``."""
        answer = self._es.esql.query(query=f"{query} | limit {PAGE}", filter=self._narrowed(span))
        names = [column["name"] for column in answer["columns"]]
        return [dict(zip(names, row, strict=True)) for row in answer["values"]]

    def index(self, patterns: Sequence[str]) -> str:
        """Return what patterns such as ``logs-intune_connector.events-*`` stand for in the namespace."""
        return ",".join(pattern.removesuffix("*") + self._namespace for pattern in patterns)

    def _one_bucket(self, patterns: Sequence[str], query: Body, inner: Body) -> Body:
        answer = self._es.search(
            index=self.index(patterns), query=self._narrowed(query), size=0, track_total_hits=True, aggs=inner or None
        )
        return {"doc_count": answer["hits"]["total"]["value"], **answer.get("aggregations", {})}

    def _narrowed(self, query: Body) -> Body:
        return {"bool": {"filter": [query, *self._only]}}


def as_text(value: object) -> str:
    """Return a value as JSON writes it, a string as it is."""
    return str(value).lower() if isinstance(value, bool) else str(value)
