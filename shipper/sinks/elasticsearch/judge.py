"""What an item's answer means: judged by ``error.type`` and not by the status alone, each item on its own.

Sources: https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-bulk, the exception types that
Elasticsearch registers (``ElasticsearchException`` and its subclasses; a type is the class name in snake case), and a
real 8.19 asked for each of them.
"""

from collections.abc import Sequence
from typing import Literal

import msgspec

from shipper.model import DUPLICATE, INDEXED, Outcome

#: What to do with a document next: nothing; send it again; send it again and say why; stop the run.
Call = Literal["final", "wait", "pause", "stop"]

_CREATED = 201
_CONFLICT = 409
_CLIENT_ERRORS = range(400, 500)
_BUSY = frozenset({408, 425, 429, 502, 503, 504})
#: Of whoever stands between us and Elasticsearch, of a node that went away, of a copy of the shard that did not follow:
#: what was asked for may have been carried out all the same.
UNSURE = frozenset({408, 500, 502, 503, 504})
_REFUSED = frozenset({401, 403})

#: The document itself cannot be taken; any other document could.
OF_THE_DOCUMENT = frozenset(
    {
        "document_parsing_exception",  # since 8.8; mapper_parsing_exception before and for some cases
        "mapper_parsing_exception",
        "strict_dynamic_mapping_exception",
        "parsing_exception",
        "parse_exception",
        "x_content_parse_exception",
        "json_parse_exception",
        "script_exception",
        "ingest_processor_exception",
        "array_index_out_of_bounds_exception",
        "content_too_large",  # ours: one document alone is answered with 413
    }
)
#: Nothing is wrong with the document: the index, its template or the cluster is.
OF_THE_INDEX = frozenset(
    {
        "cluster_block_exception",  # read-only index, flood-stage watermark, cluster without a master
        "index_not_found_exception",
        "index_closed_exception",
        "resource_not_found_exception",
        "invalid_index_name_exception",
        "invalid_alias_name_exception",
        "validation_exception",  # the limit of shards
        "unavailable_shards_exception",
        "no_shard_available_action_exception",
        "no_longer_primary_shard_exception",
        "action_not_found_transport_exception",
        "index_template_missing_exception",
    }
)
#: Beginnings and parts of reasons of ``illegal_argument_exception`` that are about the index and not the document.
_INDEX_REASONS = ("pipeline with id [", "maximum normal shards", "no write index", "data stream", "index template")
#: An unknown refusal that this many documents and more share, all of a batch, is not of the documents.
_SHARED_FROM = 3
_REASON_LIMIT = 2000


class Cause(msgspec.Struct, frozen=True):
    """``caused_by`` of an error: usually says what the reason leaves out."""

    type: str = ""
    reason: str | None = None


class ItemError(msgspec.Struct, frozen=True):
    """``error`` of one item."""

    type: str = "unknown"
    reason: str | None = None
    caused_by: Cause | None = None

    @property
    def sentence(self) -> str:
        """The reason with its cause, one line, cut to a bearable length."""
        cause = self.caused_by.reason if self.caused_by else None
        text = " ".join(f"{self.reason or self.type}{f': {cause}' if cause else ''}".split())
        return text if len(text) <= _REASON_LIMIT else f"{text[:_REASON_LIMIT]}..."


class Item(msgspec.Struct, frozen=True):
    """What one document of a bulk request got."""

    status: int
    error: ItemError | None = None
    failure_store: str = ""


class Created(msgspec.Struct, frozen=True):
    """An item under the name of its action."""

    create: Item


class BulkAnswer(msgspec.Struct, frozen=True):
    """The part of a bulk answer that is asked for with ``filter_path``."""

    items: list[Created]
    errors: bool = False


class Judgement(msgspec.Struct, frozen=True):
    """What to do with a document.

    Attributes:
        call: what.
        outcome: what became of it; ``retry`` unless the call is final.
        unsure: it may be there all the same.
    """

    call: Call
    outcome: Outcome
    unsure: bool = False


_INDEXED = Judgement("final", INDEXED)
_DUPLICATE = Judgement("final", DUPLICATE)


def judge_all(items: Sequence[Created]) -> list[Judgement]:
    """Judge the items of one request; one judgement per item, same order."""
    judgements = [judge(item.create) for item in items]
    return _shared(judgements) if len(judgements) >= _SHARED_FROM else judgements


def judge(item: Item) -> Judgement:
    """Judge one item on its own."""
    if item.error is None:
        return _accepted(item)
    kind, status, sentence = item.error.type, item.status, item.error.sentence
    if status == _CONFLICT and kind == "version_conflict_engine_exception":
        return _DUPLICATE
    call = call_for(kind, status, sentence)
    outcome = Outcome("rejected" if call == "final" else "retry", kind, sentence)
    return Judgement(call, outcome, call != "final" and status in UNSURE)


def _accepted(item: Item) -> Judgement:
    if item.failure_store == "used":
        return Judgement("final", Outcome("redirected"))
    if item.status < _CLIENT_ERRORS.start:
        return _INDEXED
    return Judgement("wait", Outcome("retry", f"http_{item.status}", "an item without an error"))


def call_for(kind: str, status: int, sentence: str) -> Call:
    """Say what an error of this type, HTTP status and reason asks for, of an item or of a whole request."""
    if kind in OF_THE_DOCUMENT:
        return "final"
    if kind in OF_THE_INDEX:
        return "pause"
    if kind == "security_exception" or status in _REFUSED:
        return "stop"
    if status in _BUSY or status not in _CLIENT_ERRORS:
        return "wait"
    if kind == "illegal_argument_exception" and any(part in sentence for part in _INDEX_REASONS):
        return "pause"
    return "pause" if status in (404, _CONFLICT) else "final"


def _shared(judgements: list[Judgement]) -> list[Judgement]:
    """Turn a refusal that nobody knows and that the whole batch shares word by word into a pause."""
    first = judgements[0].outcome
    known = first.status != "rejected" or first.error_type in OF_THE_DOCUMENT
    if known or any(one.outcome != first for one in judgements):
        return judgements
    return [Judgement("pause", Outcome("retry", first.error_type, first.reason))] * len(judgements)
