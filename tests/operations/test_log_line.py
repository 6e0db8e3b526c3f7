import json
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from shipper.operations.log_line import LogLines

NOW = datetime(2026, 11, 24, 9, 30, 0, 123456, UTC)
ANY_TEXT = st.text(st.characters(), max_size=50)  # lone surrogates among it


def lines() -> LogLines:
    return LogLines(4711, lambda: NOW)


def test_a_line_is_an_ecs_document_that_begins_as_the_specification_says() -> None:
    document = json.loads(lines().line("warn", "waiting", "waiting: x", {"error.type": "y"}))
    assert list(document)[:4] == ["@timestamp", "log.level", "message", "ecs.version"]
    assert document == {
        "@timestamp": "2026-11-24T09:30:00.123Z",
        "log.level": "warn",
        "message": "waiting: x",
        "ecs.version": "8.17.0",
        "event.kind": "event",
        "event.module": "intune_connector",
        "event.dataset": "intune_connector.shipper",
        "service.name": "intune-connector-shipper",
        "service.version": document["service.version"],
        "process.pid": 4711,
        "event.action": "waiting",
        "error.type": "y",
    }


def test_the_time_is_utc_wherever_the_clock_stands() -> None:
    zone = timezone(timedelta(hours=2))
    document = json.loads(LogLines(1, lambda: NOW.astimezone(zone)).line("info", "x", "x"))
    assert document["@timestamp"] == "2026-11-24T09:30:00.123Z"


def test_what_is_not_known_is_left_out() -> None:
    assert "error.type" not in json.loads(lines().line("info", "x", "x", {"error.type": None}))


def test_an_endless_text_is_cut() -> None:
    assert len(json.loads(lines().line("info", "x", "y" * 100_000))["message"]) == 8191


@given(ANY_TEXT, ANY_TEXT)
def test_whatever_a_name_holds_the_line_is_one_line_of_json_and_harmless(message: str, value: str) -> None:
    line = lines().line("info", "x", message, {"log.file.path": value})
    assert line.isascii()
    assert line.isprintable()
    document = json.loads(line)
    assert document["message"].isprintable()
    assert document["log.file.path"].isprintable()
    json.dumps(document, ensure_ascii=False).encode()  # no lone surrogate is left
