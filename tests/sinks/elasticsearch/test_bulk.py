import json
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from shipper.model import INGESTED_PLACEHOLDER, Document, Position
from shipper.sinks.elasticsearch.bulk import request, stamp

NOON = datetime(2026, 11, 24, 12, 0, 0, 7_999, tzinfo=UTC)


def document(identity: str, message: str = "", data_stream: str = "logs-a-b") -> Document:
    body = json.dumps({"event": {"ingested": INGESTED_PLACEHOLDER}, "message": message}, ensure_ascii=False).encode()
    return Document(identity, data_stream, body, body.index(b"0000-"), Position("x", 1))


def test_the_stamp_is_24_bytes_to_the_millisecond() -> None:
    assert stamp(NOON) == b"2026-11-24T12:00:00.007Z"


def test_documents_of_one_data_stream_name_it_in_the_path_alone() -> None:
    path, body = request([document("a"), document("b")], stamp(NOON))
    assert path.startswith("/logs-a-b/_bulk?")
    assert [json.loads(line) for line in body.splitlines()[::2]] == [{"create": {"_id": "a"}}, {"create": {"_id": "b"}}]


def test_documents_of_two_data_streams_name_them_each() -> None:
    path, body = request([document("a"), document("b", data_stream="logs-c-d")], stamp(NOON))
    assert path.startswith("/_bulk?")
    assert [json.loads(line)["create"]["_index"] for line in body.splitlines()[::2]] == ["logs-a-b", "logs-c-d"]


def test_a_document_without_the_placeholder_is_sent_as_it_is() -> None:
    _, body = request([Document("a", "logs-a-b", b'{"x":1}', -1, Position("x", 1))], stamp(NOON))
    assert body.splitlines()[1] == b'{"x":1}'


@given(st.lists(st.text(), min_size=1, max_size=5))
def test_nothing_but_the_stamp_is_changed(messages: list[str]) -> None:
    documents = [document(f"id{number}", message) for number, message in enumerate(messages)]
    _, body = request(documents, stamp(NOON))
    lines = body.split(b"\n")
    assert lines.pop() == b""
    for sent, message in zip(lines[1::2], messages, strict=True):
        assert json.loads(sent) == {"event": {"ingested": "2026-11-24T12:00:00.007Z"}, "message": message}
