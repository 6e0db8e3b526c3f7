from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipper.sinks.elasticsearch.judge import (
    OF_THE_DOCUMENT,
    OF_THE_INDEX,
    Cause,
    Created,
    Item,
    ItemError,
    judge,
    judge_all,
)

#: (status, type, reason) as a real 8.19 answered them, or as its source names them, and what they ask for.
ANSWERS = [
    (400, "document_parsing_exception", "[1:15] failed to parse field [x]", "final"),
    (400, "mapper_parsing_exception", "failed to parse", "final"),
    (400, "strict_dynamic_mapping_exception", "not allowed within [_doc]", "final"),
    (400, "illegal_argument_exception", "Document contains at least one immense term", "final"),
    (500, "document_parsing_exception", "whatever the status says", "final"),
    (429, "es_rejected_execution_exception", "rejected execution of coordinating operation", "wait"),
    (429, "circuit_breaking_exception", "[parent] Data too large", "wait"),
    (503, "process_cluster_event_timeout_exception", "failed to process cluster event", "wait"),
    (500, "null_pointer_exception", "a bug", "wait"),
    (502, "http_502", "a proxy", "wait"),
    (504, "http_504", "a proxy", "wait"),
    (403, "cluster_block_exception", "blocked by: [FORBIDDEN/8/index write (api)];", "pause"),
    (429, "cluster_block_exception", "blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded]", "pause"),
    (503, "cluster_block_exception", "blocked by: [SERVICE_UNAVAILABLE/2/no master];", "pause"),
    (503, "unavailable_shards_exception", "primary shard is not active", "pause"),
    (404, "index_not_found_exception", "no such index [x]", "pause"),
    (400, "index_closed_exception", "closed", "pause"),
    (400, "validation_exception", "this action would add [2] shards", "pause"),
    (400, "illegal_argument_exception", "pipeline with id [nope] does not exist", "pause"),
    (404, "never_heard_of_exception", "?", "pause"),
    (409, "never_heard_of_exception", "?", "pause"),
    (403, "security_exception", "action [indices:data/write/bulk[s]] is unauthorized", "stop"),
    (401, "security_exception", "missing authentication credentials", "stop"),
    (403, "never_heard_of_exception", "?", "stop"),
]


@pytest.mark.parametrize(("status", "kind", "reason", "call"), ANSWERS)
def test_an_error_is_judged_by_type_before_status(status: int, kind: str, reason: str, call: str) -> None:
    judgement = judge(Item(status, ItemError(kind, reason)))
    assert judgement.call == call
    assert judgement.outcome.status == ("rejected" if call == "final" else "retry")
    assert (judgement.outcome.error_type, judgement.outcome.reason) == (kind, reason)


def test_a_created_document_is_indexed() -> None:
    assert judge(Item(201)).outcome.status == "indexed"


def test_a_taken_id_is_a_duplicate() -> None:
    assert judge(Item(409, ItemError("version_conflict_engine_exception"))).outcome.status == "duplicate"


def test_a_document_in_the_failure_store_is_redirected_and_not_indexed() -> None:
    assert judge(Item(201, None, "used")).outcome.status == "redirected"


@pytest.mark.parametrize("failure_store", ["not_enabled", "failed", "not_applicable_or_unknown"])
def test_a_failure_store_that_did_not_take_it_changes_nothing(failure_store: str) -> None:
    error = ItemError("document_parsing_exception", "no")
    assert judge(Item(400, error, failure_store)).outcome.status == "rejected"


def test_the_reason_tells_the_cause_in_one_line() -> None:
    error = ItemError("document_parsing_exception", "failed\nto parse", Cause("illegal", "bad date"))
    assert judge(Item(400, error)).outcome.reason == "failed to parse: bad date"


def test_a_refusal_nobody_knows_that_a_whole_batch_shares_is_a_pause() -> None:
    same = Created(Item(400, ItemError("never_heard_of_exception", "the index is in a bad mood")))
    assert [one.call for one in judge_all([same] * 3)] == ["pause"] * 3


def test_a_refusal_nobody_knows_of_one_document_among_others_is_its_own() -> None:
    odd = Created(Item(400, ItemError("never_heard_of_exception", "odd")))
    assert [one.call for one in judge_all([Created(Item(201)), odd, Created(Item(201))])] == ["final"] * 3


def test_a_parse_error_that_a_whole_batch_shares_stays_of_the_documents() -> None:
    same = Created(Item(400, ItemError("document_parsing_exception", "failed to parse field [x]")))
    assert {one.outcome.status for one in judge_all([same] * 5)} == {"rejected"}


def test_a_document_error_outweighs_every_batch_error_type_list() -> None:
    assert not OF_THE_DOCUMENT & OF_THE_INDEX


TYPES = st.sampled_from(sorted(OF_THE_DOCUMENT | OF_THE_INDEX)) | st.sampled_from(
    ["security_exception", "version_conflict_engine_exception", "illegal_argument_exception"]
)
ERRORS = st.builds(
    ItemError,
    type=TYPES | st.text(),
    reason=st.none() | st.text(),
    caused_by=st.none() | st.builds(Cause, type=st.text(), reason=st.none() | st.text()),
)
ITEMS = st.builds(
    Created,
    create=st.builds(
        Item,
        status=st.integers(100, 599),
        error=st.none() | ERRORS,
        failure_store=st.sampled_from(["", "used", "failed", "not_enabled"]),
    ),
)


@given(st.lists(ITEMS, max_size=8))
def test_every_item_gets_one_judgement_that_is_final_or_to_be_tried_again(answer: list[Created]) -> None:
    judgements = judge_all(answer)
    assert len(judgements) == len(answer)
    for judgement in judgements:
        assert (judgement.call == "final") == (judgement.outcome.status != "retry")
        assert "\n" not in judgement.outcome.reason


@given(st.lists(ITEMS, max_size=8))
def test_nothing_is_called_delivered_that_carries_another_error_than_a_taken_id(answer: list[Created]) -> None:
    for item, judgement in zip(answer, judge_all(answer), strict=True):
        if item.create.error is not None and item.create.error.type != "version_conflict_engine_exception":
            assert judgement.outcome.status in ("rejected", "retry")


@given(st.lists(ITEMS, max_size=8))
def test_an_error_of_the_index_never_costs_a_document(answer: list[Created]) -> None:
    for item, judgement in zip(answer, judge_all(answer), strict=True):
        if item.create.error is not None and item.create.error.type in OF_THE_INDEX:
            assert judgement.call == "pause"


@given(st.fixed_dictionaries({"status": st.integers(200, 599)}, optional={"error": st.just({}), "_id": st.text()}))
def test_an_answer_with_parts_missing_or_added_is_still_judged(create: dict[str, Any]) -> None:
    item = msgspec.convert({"create": create}, Created)
    assert judge(item.create).call in ("final", "wait", "pause", "stop")
