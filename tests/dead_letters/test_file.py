import json
import os
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipper.dead_letters import DeadLetter, DeadLetterFile, letter, read
from shipper.errors import StateError
from shipper.model import INGESTED_PLACEHOLDER, Document, Outcome, Position, Problem

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
BODY = b'{"event":{"ingested":"%b"},"message":"\xc3\xa8"}' % INGESTED_PLACEHOLDER.encode()
DOCUMENT = Document("abc", "logs-intune_connector.events-default", BODY, 22, Position("a.evtx", 120, 4096, 3))
REFUSED = Outcome("rejected", "document_parsing_exception", "failed to parse field [x]", 2)


def test_a_dead_letter_holds_all_that_is_known(tmp_path: Path) -> None:
    with DeadLetterFile(tmp_path, now=lambda: NOON) as file:
        file.keep([(DOCUMENT, REFUSED)])
    assert json.loads(file.path.read_bytes()) == {
        "time": "2026-11-24T12:00:00.000Z",
        "error_type": "document_parsing_exception",
        "reason": "failed to parse field [x]",
        "attempts": 2,
        "position": {"source": "a.evtx", "record": 120, "offset": 4096, "chunk": 3},
        "_id": "abc",
        "data_stream": "logs-intune_connector.events-default",
        "ingested_at": 22,
        "document": {"event": {"ingested": INGESTED_PLACEHOLDER}, "message": "è"},
    }


def test_what_is_read_back_can_be_sent_again_byte_for_byte(tmp_path: Path) -> None:
    with DeadLetterFile(tmp_path) as file:
        file.keep([(DOCUMENT, REFUSED)])
    (back,) = read(file.path)
    assert isinstance(back, DeadLetter)
    assert back.as_document() == DOCUMENT


def test_a_text_of_which_no_document_could_be_made_is_kept_too(tmp_path: Path) -> None:
    raw = DeadLetter("2026-11-24T12:00:00.000Z", "no_document", "because", 0, Position("-", 7), raw="<Event>")
    with DeadLetterFile(tmp_path) as file:
        file.append([raw])
    (back,) = read(file.path)
    assert back == raw
    assert raw.as_document() is None


def test_nothing_is_made_before_the_first_dead_letter(tmp_path: Path) -> None:
    with DeadLetterFile(tmp_path / "state") as file:
        file.keep([])
    assert not (tmp_path / "state").exists()


def test_only_the_owner_may_read_folder_and_file(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with DeadLetterFile(tmp_path / "state") as file:
            file.keep([(DOCUMENT, REFUSED)])
    finally:
        os.umask(before)
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.path.parent.stat().st_mode) == 0o700


def test_later_dead_letters_are_added_to_earlier_ones(tmp_path: Path) -> None:
    for _ in range(2):
        with DeadLetterFile(tmp_path) as file:
            file.keep([(DOCUMENT, REFUSED), (DOCUMENT, REFUSED)])
    assert len(list(read(tmp_path / "dead-letters.ndjson"))) == 4


def test_a_line_that_a_crash_cut_short_costs_itself_alone(tmp_path: Path) -> None:
    with DeadLetterFile(tmp_path) as file:
        file.keep([(DOCUMENT, REFUSED)])
    whole = file.path.read_bytes()
    file.path.write_bytes(whole + whole[:40])
    with DeadLetterFile(tmp_path) as file:
        file.keep([(DOCUMENT, REFUSED)])
    first, cut, last = read(file.path)
    assert isinstance(first, DeadLetter)
    assert isinstance(last, DeadLetter)
    assert isinstance(cut, Problem)
    assert cut.position == Position(str(file.path), 2, len(whole))


def test_what_append_returned_from_is_on_the_disk_before_closing(tmp_path: Path) -> None:
    file = DeadLetterFile(tmp_path)
    file.keep([(DOCUMENT, REFUSED)])
    assert len(list(read(file.path))) == 1
    file.close()


def test_a_link_in_the_place_of_the_file_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "dead-letters.ndjson").symlink_to(tmp_path / "elsewhere")
    with DeadLetterFile(tmp_path) as file, pytest.raises(StateError, match="cannot be written"):
        file.keep([(DOCUMENT, REFUSED)])
    assert not (tmp_path / "elsewhere").exists()


def test_a_folder_that_cannot_be_made_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")
    with DeadLetterFile(tmp_path / "state") as file, pytest.raises(StateError) as caught:
        file.keep([(DOCUMENT, REFUSED)])
    assert caught.value.where == str(tmp_path / "state" / "dead-letters.ndjson")


def test_a_file_that_is_not_there_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(StateError) as caught:
        list(read(tmp_path / "nothing"))
    assert caught.value.where == str(tmp_path / "nothing")


@given(st.text(), st.text(), st.text(), st.integers(1, 99))
def test_any_reason_and_position_come_back_as_they_were(kind: str, reason: str, source: str, attempts: int) -> None:
    document = Document("a", "b", b"{}", -1, Position(source, 1))
    kept = letter(document, Outcome("rejected", kind, reason, attempts), NOON)
    assert (kept.error_type, kept.reason, kept.position.source, kept.attempts) == (kind, reason, source, attempts)
    assert kept.as_document() == document
