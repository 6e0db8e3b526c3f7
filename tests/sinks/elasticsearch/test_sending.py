"""Faults of the line and of a busy cluster, from a stand-in: what is sent again, what is not, and when it ends."""

from collections.abc import Callable
from datetime import UTC, datetime
from threading import Timer
from time import monotonic
from typing import TYPE_CHECKING

import pytest

from shipper.errors import AuthenticationError, SinkError
from shipper.sinks.elasticsearch import Connection, ElasticsearchSink, Limits
from shipper.sinks.elasticsearch.backoff import Pacing

if TYPE_CHECKING:
    from tests.sinks.elasticsearch.conftest import MakeDocument, StandIn

PATIENT = Limits(give_up_after_s=30)
HURRIED = Limits(give_up_after_s=0.3)
AT_ONCE = Pacing(chance=lambda: 0.0)
SOON = Pacing(base_s=0.01, cap_s=0.02)


def sink(
    stand_in: "StandIn",
    limits: Limits = PATIENT,
    pacing: Pacing = AT_ONCE,
    *,
    now: Callable[[], datetime] = lambda: datetime(2026, 11, 24, tzinfo=UTC),
    timeout_s: float = 5,
    said: list[str] | None = None,
) -> ElasticsearchSink:
    return ElasticsearchSink(
        Connection(url=stand_in.url, request_timeout_s=timeout_s),
        limits,
        allow_foreign_mapping=True,
        pacing=pacing,
        now=now,
        on_pause=(said if said is not None else []).append,
    )


def test_only_the_documents_that_were_turned_away_are_sent_again(
    stand_in: "StandIn", make_document: "MakeDocument"
) -> None:
    busy = stand_in.refused(429, "es_rejected_execution_exception")
    stand_in.will(stand_in.created(), busy, stand_in.refused(400, "document_parsing_exception"), busy)
    stand_in.will(stand_in.created(), busy)
    outcomes = sink(stand_in).write([make_document(name) for name in "abcd"])
    assert stand_in.sent_ids() == [["a", "b", "c", "d"], ["b", "d"], ["d"]]
    assert [outcome.status for outcome in outcomes] == ["indexed", "indexed", "rejected", "indexed"]
    assert [outcome.attempts for outcome in outcomes] == [1, 2, 1, 3]


def test_every_sending_carries_its_own_time(stand_in: "StandIn", make_document: "MakeDocument") -> None:
    times = iter([datetime(2026, 11, 24, 8, tzinfo=UTC), datetime(2026, 11, 24, 9, tzinfo=UTC)])
    stand_in.will(stand_in.refused(429, "es_rejected_execution_exception"))
    sink(stand_in, now=lambda: next(times)).write([make_document("a")])
    stamps = [bulk[1]["event"]["ingested"] for bulk in stand_in.bulks]
    assert stamps == ["2026-11-24T08:00:00.000Z", "2026-11-24T09:00:00.000Z"]


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_request_that_is_turned_away_as_a_whole_is_sent_again(
    stand_in: "StandIn", make_document: "MakeDocument", status: int
) -> None:
    stand_in.will_reply(status, b"<html>busy</html>", content_type="text/html")
    outcomes = sink(stand_in).write([make_document("a"), make_document("b")])
    assert stand_in.sent_ids() == [["a", "b"], ["a", "b"]]
    assert [(outcome.status, outcome.attempts) for outcome in outcomes] == [("indexed", 2)] * 2


def test_it_waits_as_long_as_retry_after_asks(stand_in: "StandIn", make_document: "MakeDocument") -> None:
    stand_in.will_reply(429, b"{}", retry_after="1")
    began = monotonic()
    sink(stand_in).write([make_document("a")])
    assert monotonic() - began >= 1


def test_a_line_that_breaks_is_tried_again_and_a_taken_id_is_a_duplicate(
    stand_in: "StandIn", make_document: "MakeDocument"
) -> None:
    said: list[str] = []
    stand_in.will_reply(None)
    stand_in.will(stand_in.refused(409, "version_conflict_engine_exception"), stand_in.created())
    outcomes = sink(stand_in, said=said).write([make_document("a"), make_document("b")])
    assert [outcome.status for outcome in outcomes] == ["duplicate", "indexed"]
    assert len(said) == 1
    assert said[0].startswith("no_answer: ")


def test_a_large_request_under_which_the_line_keeps_breaking_is_sent_in_halves(
    stand_in: "StandIn", make_document: "MakeDocument"
) -> None:
    for _ in range(2):
        stand_in.will_reply(None)
    outcomes = sink(stand_in).write([make_document(name, blob="x" * 400_000) for name in "abcd"])
    assert stand_in.sent_ids() == [["a", "b", "c", "d"], ["a", "b", "c", "d"], ["a", "b"], ["c", "d"]]
    assert [outcome.status for outcome in outcomes] == ["indexed"] * 4


def test_too_large_a_request_is_halved_until_it_fits_and_keeps_its_order(
    stand_in: "StandIn", make_document: "MakeDocument"
) -> None:
    stand_in.will_reply(413)
    stand_in.will_reply(413)
    stand_in.will_reply(413)
    stand_in.will(stand_in.created())
    stand_in.will(stand_in.refused(409, "version_conflict_engine_exception"), stand_in.created())
    outcomes = sink(stand_in).write([make_document(name) for name in "abcd"])
    assert stand_in.sent_ids() == [["a", "b", "c", "d"], ["a", "b"], ["a"], ["b"], ["c", "d"]]
    assert [outcome.status for outcome in outcomes] == ["rejected", "indexed", "duplicate", "indexed"]
    assert outcomes[0].error_type == "content_too_large"


def test_a_document_in_the_failure_store_is_counted_apart(stand_in: "StandIn", make_document: "MakeDocument") -> None:
    stand_in.will(stand_in.created(failure_store="used"), stand_in.created())
    outcomes = sink(stand_in).write([make_document("a"), make_document("b")])
    assert [outcome.status for outcome in outcomes] == ["redirected", "indexed"]


def test_what_the_index_lacks_is_said_once_and_costs_no_document(
    stand_in: "StandIn", make_document: "MakeDocument"
) -> None:
    said: list[str] = []
    for _ in range(3):
        stand_in.will(*[stand_in.refused(400, "validation_exception", "this action would add [2] shards")] * 2)
    outcomes = sink(stand_in, said=said).write([make_document("a"), make_document("b")])
    assert said == ["validation_exception: this action would add [2] shards"]
    assert [(outcome.status, outcome.attempts) for outcome in outcomes] == [("indexed", 4)] * 2


def test_it_gives_up_with_the_reason_when_nothing_gets_through(
    stand_in: "StandIn", make_document: "MakeDocument"
) -> None:
    for _ in range(200):
        stand_in.will(stand_in.refused(404, "index_not_found_exception", "no such index [x]"))
    with pytest.raises(SinkError, match=r"takes no documents \(index_not_found_exception: no such index \[x\]\)"):
        sink(stand_in, HURRIED, SOON).write([make_document("a")])


def test_an_interruption_ends_the_wait(stand_in: "StandIn", make_document: "MakeDocument") -> None:
    stand_in.will_reply(503, b"{}", retry_after="600")
    under_test = sink(stand_in, Limits(give_up_after_s=None))
    timer = Timer(0.2, under_test.interrupt)
    timer.start()
    began = monotonic()
    with pytest.raises(SinkError, match="stopped while waiting"):
        under_test.write([make_document("a")])
    assert monotonic() - began < 30
    timer.join()


def test_a_lacking_privilege_stops_it(stand_in: "StandIn", make_document: "MakeDocument") -> None:
    stand_in.will(stand_in.created(), stand_in.refused(403, "security_exception", "may not create_doc"))
    with pytest.raises(AuthenticationError, match="may not create_doc"):
        sink(stand_in).write([make_document("a"), make_document("b")])


def test_a_request_that_is_wrong_as_a_whole_is_not_repeated(stand_in: "StandIn", make_document: "MakeDocument") -> None:
    stand_in.will_reply(400, {"error": {"type": "illegal_argument_exception", "reason": "no"}, "status": 400})
    with pytest.raises(SinkError, match="refuses the request"):
        sink(stand_in).write([make_document("a")])
    assert len(stand_in.bulks) == 1


def test_an_answer_for_another_number_of_documents_is_not_believed(
    stand_in: "StandIn", make_document: "MakeDocument"
) -> None:
    stand_in.will(stand_in.created())
    with pytest.raises(SinkError, match="answered for 1 documents and was sent 2"):
        sink(stand_in).write([make_document("a"), make_document("b")])


@pytest.mark.parametrize("body", [b"<html>welcome</html>", b"[]", b'{"items": 3}', b"", b"\xff"])
def test_an_answer_that_is_no_bulk_answer_is_an_error_and_not_a_success(
    stand_in: "StandIn", make_document: "MakeDocument", body: bytes
) -> None:
    stand_in.will_reply(200, body)
    with pytest.raises(SinkError):
        sink(stand_in).write([make_document("a")])


def test_an_answer_that_was_cut_off_within_its_header_is_none(
    stand_in: "StandIn", make_document: "MakeDocument"
) -> None:
    stand_in.will_reply(200, b"", connection="close")

    outcomes = sink(stand_in).write([make_document("a")])

    assert [(outcome.status, outcome.attempts) for outcome in outcomes] == [("indexed", 2)]


def test_something_else_than_elasticsearch_is_recognised(stand_in: "StandIn", make_document: "MakeDocument") -> None:
    stand_in.product = ""
    with pytest.raises(SinkError, match="is not Elasticsearch"):
        sink(stand_in).write([make_document("a")])


@pytest.mark.parametrize("version", ["7.17.29", "8.11.4", "10.0.0"])
def test_a_version_that_is_not_supported_is_refused_before_anything_is_sent(
    stand_in: "StandIn", make_document: "MakeDocument", version: str
) -> None:
    stand_in.version = version
    with pytest.raises(SinkError, match=f"is Elasticsearch {version}; 8.12 to 9.x are supported"):
        sink(stand_in).write([make_document("a")])
    assert stand_in.bulks == []


@pytest.mark.parametrize("version", ["8.12.0", "8.19.3", "9.2.0-SNAPSHOT"])
def test_a_version_that_is_supported_is_taken(stand_in: "StandIn", make_document: "MakeDocument", version: str) -> None:
    stand_in.version = version
    assert sink(stand_in).write([make_document("a")])[0].status == "indexed"


def test_an_empty_batch_sends_nothing(stand_in: "StandIn") -> None:
    assert sink(stand_in).write([]) == []
    assert stand_in.bulks == []
