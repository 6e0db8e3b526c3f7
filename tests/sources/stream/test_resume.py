"""A file of lines is gone on with where an earlier run ended."""

import gzip
from collections.abc import Sequence
from pathlib import Path

import pytest

from shipper.channels import parse_channels
from shipper.model import Cursor, Event
from shipper.sources.stream import StreamSource

LINE = (
    '{"@timestamp":"2026-11-24T09:30:00.000Z","winlog":{"provider_name":"p","event_id":"1",'
    '"channel":"Microsoft Intune Connector","computer_name":"h","record_id":%d}}\n'
)


def lines(first: int, last: int) -> str:
    return "".join(LINE % number for number in range(first, last + 1))


def read(path: Path, cursors: Sequence[Cursor] = ()) -> tuple[list[int], Cursor | None]:
    """Return the record ids read beyond the cursors, and the last cursor."""
    source = StreamSource(str(path), parse_channels("connector", ()), batch_events=2)
    (unit,) = source.plan(cursors)
    batches = list(source.read(unit))
    ids = [event.record_id for batch in batches for event in batch.events if isinstance(event, Event)]
    return ids, next((batch.cursor for batch in reversed(batches) if batch.cursor is not None), None)


def test_what_was_appended_is_read_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "events.ndjson"
    path.write_text(lines(1, 30))
    first, cursor = read(path)
    assert cursor is not None
    path.write_text(lines(1, 35))

    second, after = read(path, [cursor])

    assert (first, second) == (list(range(1, 31)), list(range(31, 36)))
    assert after is not None
    assert after.record == 35


def test_a_cursor_in_the_middle_leaves_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "events.ndjson"
    path.write_text(lines(1, 9))
    source = StreamSource(str(path), parse_channels("connector", ()), batch_events=4)
    (unit,) = source.plan()
    first = next(iter(source.read(unit)))
    assert first.cursor is not None

    assert read(path, [first.cursor])[0] == [5, 6, 7, 8, 9]


def test_another_file_of_the_same_name_is_read_from_its_start(tmp_path: Path) -> None:
    path = tmp_path / "events.ndjson"
    path.write_text(lines(1, 5))
    _, cursor = read(path)
    assert cursor is not None
    path.write_text(lines(101, 103))

    assert read(path, [cursor])[0] == [101, 102, 103]


def test_a_file_that_became_shorter_is_read_from_its_start(tmp_path: Path) -> None:
    path = tmp_path / "events.ndjson"
    path.write_text(lines(1, 5))
    _, cursor = read(path)
    assert cursor is not None
    path.write_text(lines(1, 2))

    assert read(path, [cursor])[0] == [1, 2]


def test_a_line_that_was_cut_off_is_read_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "events.ndjson"
    path.write_text(lines(1, 3)[:-20])
    first, cursor = read(path)
    assert cursor is not None
    path.write_text(lines(1, 4))

    assert (first, read(path, [cursor])[0]) == ([1, 2], [3, 4])


def test_a_last_line_without_its_end_is_read_once(tmp_path: Path) -> None:
    path = tmp_path / "events.ndjson"
    path.write_text(lines(1, 3)[:-1])
    first, cursor = read(path)
    assert cursor is not None
    path.write_text(lines(1, 4))

    assert (first, read(path, [cursor])[0]) == ([1, 2, 3], [4])


@pytest.mark.parametrize("count", [3, 300])
def test_a_compressed_file_is_gone_on_with_too(tmp_path: Path, count: int) -> None:
    path = tmp_path / "events.ndjson.gz"
    path.write_bytes(gzip.compress(lines(1, count).encode(), mtime=0))
    _, cursor = read(path)
    assert cursor is not None
    path.write_bytes(path.read_bytes() + gzip.compress(lines(count + 1, count + 2).encode(), mtime=0))

    assert read(path, [cursor])[0] == [count + 1, count + 2]


def test_events_in_one_line_of_xml_are_told_apart(tmp_path: Path) -> None:
    event = (
        '<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System><Provider Name="p"/>'
        '<EventID>1</EventID><TimeCreated SystemTime="2026-11-20T09:30:00Z"/><EventRecordID>%d</EventRecordID>'
        "<Channel>Microsoft Intune Connector</Channel><Computer>h</Computer></System></Event>"
    )
    path = tmp_path / "events.xml"
    path.write_text("<Events>" + "".join(event % number for number in range(1, 6)) + "</Events>")
    source = StreamSource(str(path), parse_channels("connector", ()), batch_events=3)
    first = next(iter(source.read(next(source.plan()))))
    assert first.cursor is not None

    assert read(path, [first.cursor])[0] == [4, 5]


def test_standard_input_has_no_cursor() -> None:
    source = StreamSource("-", parse_channels("connector", ()))

    assert next(source.plan([Cursor("-", 5, 4, 4)])).after == -1
