"""``shipper report`` as it is typed."""

import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from shipper.cli import main
from shipper.testing.reports import document
from shipper.testing.week import Week

Write = Callable[[Sequence[dict[str, Any]]], Path]
Captured = pytest.CaptureFixture[str]


@pytest.fixture
def documents(write: Write) -> str:
    return str(write([document(number) for number in range(4)]))


def test_it_writes_the_page_and_says_what_is_in_it(documents: str, tmp_path: Path, capsys: Captured) -> None:
    page = tmp_path / "out.html"
    assert main(["report", documents, "-o", str(page)]) == 0
    assert page.read_text().startswith("<!doctype html>")
    assert "4 events, 4 failed requests" in capsys.readouterr().err


def test_the_page_is_its_owners_alone(documents: str, tmp_path: Path) -> None:
    page = tmp_path / "out.html"
    main(["report", documents, "-o", str(page)])
    assert page.stat().st_mode & 0o077 == 0
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".part")] == []


def test_an_older_page_is_replaced(documents: str, tmp_path: Path) -> None:
    page = tmp_path / "out.html"
    page.write_text("old")
    assert main(["report", documents, "-o", str(page)]) == 0
    assert "old" not in page.read_text()[:10]


def test_standard_output_has_the_page_alone(documents: str, capsys: Captured) -> None:
    assert main(["report", documents, "-o", "-", "--lang", "it"]) == 0
    told = capsys.readouterr()
    assert told.out.startswith('<!doctype html>\n<html lang="it">')
    assert told.out.rstrip().endswith("</html>")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ([], 2, "nothing to read"),
        (["/nowhere/at/all.evtx"], 3, "/nowhere/at/all.evtx"),
        (["{documents}", "-o", "/nowhere/at/all.html"], 3, "cannot be written"),
        (["{documents}", "--since", "yesterday"], 2, "no time with a zone"),
        (["{documents}", "--since", "2026-11-24T00:00:00Z", "--until", "2026-11-23T00:00:00Z"], 2, "not after"),
        (["{documents}", "--rules", "/nowhere"], 2, "/nowhere"),
        (["{documents}", "--rules-off", "no-such-rule"], 2, "no-such-rule"),
        (["http://127.0.0.1:9"], 3, "cannot be reached"),
    ],
)
def test_what_cannot_be_done_is_said(
    documents: str, capsys: Captured, tmp_path: Path, *, words: list[str], code: int, said: str
) -> None:
    typed = [word.format(documents=documents) for word in words]
    output = [] if "-o" in words else ["-o", str(tmp_path / "out.html")]
    assert main(["report", *typed, *output]) == code
    told = capsys.readouterr().err
    assert said in told
    assert "try:" in told


def test_a_missing_package_is_named_before_anything_is_read(
    capsys: Captured, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "altair", None)
    assert main(["report", "/nowhere/at/all.evtx", "-o", str(tmp_path / "out.html")]) == 2
    assert "pip install 'intune-connector-shipper[report]'" in capsys.readouterr().err


def test_nothing_in_the_period_is_a_page_that_says_so(documents: str, tmp_path: Path) -> None:
    page = tmp_path / "out.html"
    assert main(["report", documents, "-o", str(page), "--until", "2020-01-01T00:00:00Z"]) == 0
    assert "Nothing to report" in page.read_text()


def test_records_that_cannot_be_read_give_exit_code_1(documents: str, tmp_path: Path) -> None:
    import gzip

    cut = tmp_path / "cut.ndjson.gz"
    cut.write_bytes(gzip.compress(Path(documents).read_bytes() * 50)[:-9])
    assert main(["report", str(cut), "-o", str(tmp_path / "out.html")]) == 1


@pytest.mark.parametrize("named", ["documents.ndjson", "link.ndjson", "*.ndjson", "other.ndjson"])
def test_an_input_is_never_replaced_by_the_page(
    documents: str, tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    monkeypatch.chdir(tmp_path)
    before = Path(documents).read_bytes()
    Path("link.ndjson").symlink_to("documents.ndjson")
    Path("other.ndjson").hardlink_to("documents.ndjson")
    assert main(["report", named, "-o", f"{tmp_path}/./documents.ndjson"]) == 2
    told = capsys.readouterr().err
    assert "is an input" in told
    assert "name another file" in told
    assert Path(documents).read_bytes() == before


def test_a_log_of_a_folder_that_is_read_is_never_replaced_by_the_page(tmp_path: Path, week: Week) -> None:
    log = tmp_path / "a.evtx"
    log.write_bytes(week.files[0].path.read_bytes())
    before = log.read_bytes()
    assert main(["report", str(tmp_path), "-o", str(log)]) == 2
    assert log.read_bytes() == before
    assert main(["report", str(tmp_path), "-o", str(tmp_path / "report.html")]) == 0


def test_what_standard_input_is_read_from_is_never_replaced_by_the_page(documents: str) -> None:
    before = Path(documents).read_bytes()
    command = [sys.executable, "-m", "shipper", "report", "-", "-o", documents]
    with Path(documents).open("rb") as file:
        done = subprocess.run(command, stdin=file, capture_output=True, check=False)  # noqa: S603 (our own program)
    assert done.returncode == 2
    assert Path(documents).read_bytes() == before
