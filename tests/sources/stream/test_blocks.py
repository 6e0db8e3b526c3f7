"""What may be handed over: files plain, packed and in UTF-16, and what is refused with a word about it."""

import codecs
import gzip
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import zstandard

from shipper.errors import SourceError

Line = Callable[..., bytes]
Element = Callable[..., bytes]
Reader = Callable[..., Any]


def test_gzip_is_read_whatever_its_name(read: Reader, line: Line) -> None:
    assert read(gzip.compress(line() + b"\n")).events[0].data == read(line()).events[0].data


def test_gzip_members_one_behind_the_other_are_all_read(read: Reader, line: Line) -> None:
    assert len(read(gzip.compress(line() + b"\n") + gzip.compress(line() + b"\n")).events) == 2


def test_zstd_frames_one_behind_the_other_are_all_read(read: Reader, line: Line) -> None:
    assert len(read(zstandard.compress(line() + b"\n") + zstandard.compress(line() + b"\n")).events) == 2


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
def test_packed_data_cut_off_yields_what_is_whole_and_a_problem(
    read: Reader, line: Line, pack: Callable[[bytes], bytes]
) -> None:
    content = b"".join(
        line(record_id=number, event_data={"param1": os.urandom(99).hex()}) + b"\n" for number in range(2000)
    )
    given = read(pack(content)[:-2000])
    assert 0 < len(given.events) < 2000
    assert any(reason.startswith("compressed data damaged") for reason in given.reasons)


def test_packed_data_of_which_nothing_can_be_unpacked_is_refused(read: Reader, line: Line) -> None:
    with pytest.raises(SourceError, match="compressed data damaged: cut off"):
        read(zstandard.compress(line())[:-10])


def test_a_packed_bomb_is_passed_over_line_by_line(read: Reader, line: Line) -> None:
    content = zstandard.compress(b'{"a":"' + bytes(50_000_000) + b'"}\n' + line())
    given = read(content, max_line_bytes=1 << 20)
    assert len(given.problems) == 1
    assert len(given.events) == 1


def test_progress_of_packed_data_counts_its_packed_bytes(read: Reader, line: Line) -> None:
    content = gzip.compress(line() * 1000)
    assert read(content).size_bytes == len(content)


def test_progress_counts_every_byte(read: Reader, line: Line) -> None:
    content = b"\n".join([line()] * 3000)
    assert read(content).size_bytes == len(content)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_with_a_mark_is_read(read: Reader, element: Element, line: Line, encoding: str) -> None:
    mark = codecs.BOM_UTF16_LE if encoding == "utf-16-le" else codecs.BOM_UTF16_BE
    text = f"{element().decode()}\r\n{line().decode()}\r\n"
    given = read(mark + text.encode(encoding))
    assert [event.record_id for event in given.events] == [4711, 4711]
    assert [event.position.offset for event in given.events] == [-1, -1]


def test_utf_16_without_a_mark_is_read(read: Reader, element: Element) -> None:
    assert len(read(element().decode().encode("utf-16-le")).events) == 1


def test_a_lone_surrogate_in_utf_16_is_one_replacement(read: Reader, element: Element) -> None:
    text = element(data="<Data>a#b</Data>").decode().encode("utf-16-le").replace(b"#\x00", b"\x00\xd8")
    (event,) = read(codecs.BOM_UTF16_LE + text).events
    assert (event.data, event.replaced) == (((None, "a\ufffdb"),), 1)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b" \r\n\n", "nothing but white space"),
        (b"ElfFile\x00" + bytes(4088), "is an .evtx log"),
        (b"PK\x03\x04" + bytes(100), "is a ZIP archive"),
        (b'{\n  "winlog": {}\n}\n', "JSON spread over lines"),
        (b'[{"winlog":{}}]', "a JSON array"),
        (b"<E2ETraceEvent xmlns='x'>", "is a .svclog trace"),
        (b"Level,Date and Time,Source\nError,1,2\n", "starts with 'Level,Date and Time"),
        (b"<html><body>\n" * 30, "starts with '<html>"),
        (bytes(range(256)) * 100, "holds no events"),
    ],
)
def test_a_file_that_is_no_stream_is_refused_by_what_it_is(read: Reader, content: bytes, words: str) -> None:
    with pytest.raises(SourceError) as refused:
        read(content)
    assert words in str(refused.value)
    assert refused.value.hint


def test_strange_lines_beside_events_are_problems(read: Reader, line: Line) -> None:
    given = read(b"strange\n" + line() + b"\n" + b"strange\n" * 30)
    assert len(given.events) == 1
    assert len(given.problems) == 31


def test_a_file_that_is_not_there_is_refused(read: Reader, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such file"):
        read(tmp_path / "absent.xml")


def test_a_link_that_leads_nowhere_is_told_from_a_wrong_path(read: Reader, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "absent")
    with pytest.raises(SourceError, match="leads nowhere"):
        read(tmp_path / "link")


def test_a_folder_is_refused(read: Reader, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="is a folder"):
        read(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are a thing of POSIX")
def test_a_named_pipe_is_refused_without_waiting_for_its_writer(read: Reader, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(SourceError, match="no regular file"):
        read(tmp_path / "fifo")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_refused(read: Reader, tmp_path: Path) -> None:
    (tmp_path / "closed").write_bytes(b"{}")
    (tmp_path / "closed").chmod(0)
    with pytest.raises(SourceError, match="no permission"):
        read(tmp_path / "closed")
