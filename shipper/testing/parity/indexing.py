"""The corpus put into the real Elasticsearch, under our own mappings."""

from collections.abc import Iterable
from itertools import islice
from typing import TYPE_CHECKING, Any

from shipper.rules.model import INDEX_PATTERNS
from shipper.testing.parity.documents import Kept

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

_BULK = 4_000


def index(es: "Elasticsearch", documents: Iterable[Kept], namespace: str) -> int:
    """Create documents in the data streams of a namespace, make them searchable, and return how many they are.

    Raises:
        ValueError: one was refused; the message is Elasticsearch's.
    """
    streams = {reads: pattern.removesuffix("*") + namespace for reads, pattern in INDEX_PATTERNS.items()}
    left, count = iter(documents), 0
    while batch := list(islice(left, _BULK)):
        operations: list[Any] = []
        for one in batch:
            operations += [{"create": {"_index": streams[one.reads], "_id": one.id}}, one.body]
        answer = es.bulk(operations=operations, filter_path=["errors", "items.create.error"])
        if answer["errors"]:
            raise ValueError(answer["items"][0])
        count += len(batch)
    es.indices.refresh(index=",".join(streams.values()))
    return count
