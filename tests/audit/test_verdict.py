"""The verdict: a proof only where nothing is missing, doubled, unreadable or passed over without a word."""

from typing import Any

import pytest
from msgspec.structs import replace

from shipper.audit import Numbers, Report, Row, Side, SourceAccount, StreamAccount, judge

AT = "2026-11-24T10:00:00Z"
EVEN = Report(
    rows=(
        Row(
            computer="pki01",
            channel="Admin",
            whole=True,
            at_source=Side(1_000, Numbers(1, 1_000)),
            in_elasticsearch=Side(1_000, Numbers(1, 1_000)),
            numbers=Numbers(1, 1_000),
            missing=0,
            dead_letters=0,
            duplicates=0,
            gaps=0,
            reported=0,
            only_in_elasticsearch=0,
        ),
    ),
    at_source=1_000,
    in_elasticsearch=1_000,
    missing=0,
    dead_letters=0,
    duplicates=0,
    gaps=0,
    reported=0,
    only_in_elasticsearch=0,
    restarts=0,
    copies=0,
)
STREAM = StreamAccount(exists=True)


def judged(
    report: Report = EVEN,
    source: SourceAccount | None = None,
    stream: StreamAccount = STREAM,
    *,
    accept_gaps: bool = False,
) -> tuple[bool, str]:
    verdict = judge(report, source or SourceAccount(), stream, "stream at server", AT, accept_gaps=accept_gaps)
    return verdict.complete, verdict.sentence


def test_an_even_balance_is_a_proof() -> None:
    complete, sentence = judged()
    assert complete
    assert sentence == (
        f"Proven at {AT}: all 1,000 events of 1 computer in the inputs are in stream at server, each once, without a "
        "gap in the record ids."
    )


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ({"missing": 3}, "3 missing"),
        ({"duplicates": 1}, "1 too many (duplicates)"),
        ({"gaps": 1_234}, "1,234 record ids that nobody has (gaps)"),
        ({"missing": 3, "gaps": 1}, "3 missing, 1 record id that nobody has (gaps)"),
    ],
)
def test_a_fault_is_no_proof(fault: dict[str, int], said: str) -> None:
    assert judged(replace(EVEN, **fault)) == (False, f"Not proven at {AT}: {said} (stream at server).")


@pytest.mark.parametrize(
    ("source", "said"),
    [(SourceAccount(unreadable=2), "2 unreadable"), (SourceAccount(uncounted=1), "1 place damaged with unknown loss")],
)
def test_what_cannot_be_read_is_no_proof(source: SourceAccount, said: str) -> None:
    assert judged(source=source) == (False, f"Not proven at {AT}: {said} (stream at server).")


def test_gaps_that_are_accepted_are_told() -> None:
    complete, sentence = judged(replace(EVEN, gaps=1), accept_gaps=True)
    assert complete
    assert sentence.endswith("each once; 1 record id in gaps were accepted.")


def test_accepting_gaps_accepts_nothing_else() -> None:
    assert not judged(replace(EVEN, gaps=1, missing=1), accept_gaps=True)[0]


def test_nothing_to_compare_is_no_proof() -> None:
    complete, sentence = judged(replace(EVEN, at_source=0))
    assert not complete
    assert sentence.startswith("Nothing was proven at ")


@pytest.mark.parametrize(
    ("stream", "told"),
    [
        ({"missed": 3}, "3 records overwritten or removed unread (2 record ids that nobody has)"),
        ({"missed": 1}, "1 record overwritten or removed unread (2 record ids that nobody has)"),
        ({"missed_uncounted": 2}, "2 times an unknown number of them"),
        ({"cleared": 1}, "1 time a log cleared or replaced"),
    ],
)
def test_what_the_shipper_reported_is_told_and_no_fault(stream: dict[str, Any], told: str) -> None:
    complete, sentence = judged(replace(EVEN, reported=2), stream=replace(STREAM, **stream))
    assert complete
    assert sentence.endswith(f"a gap in the record ids but those reported. The shipper itself reported: {told}.")


def test_what_the_shipper_reported_stands_beside_a_fault() -> None:
    complete, sentence = judged(replace(EVEN, missing=1), stream=replace(STREAM, cleared=2))
    assert not complete
    assert sentence.endswith(
        "1 missing (stream at server). The shipper itself reported: 2 times a log cleared or replaced."
    )


def test_dead_letters_are_named_and_no_fault() -> None:
    complete, sentence = judged(replace(EVEN, dead_letters=4))
    assert complete
    assert " in the inputs but 4, which are kept as dead letters, are in stream at server" in sentence
