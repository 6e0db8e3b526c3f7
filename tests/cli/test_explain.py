"""``shipper explain`` as a user meets it."""

import io
import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipper.catalog import LANGUAGES, load
from shipper.catalog.answer import lines
from shipper.catalog.explanation import explain
from shipper.cli import main

CATALOG = load()
ENTRIES = [
    *map(str, CATALOG.events("legacy")),
    *map(str, CATALOG.events("unified")),
    *(code.code for code in CATALOG.codes.values()),
    *(error.name for error in CATALOG.errors),
]


def test_several_words_are_explained_in_their_order(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "20102", "0x411", "0x800706BA", "ScepVerifyFailure"]) == 0
    out = capsys.readouterr().out
    places = [
        out.index(name) for name in ("PkcsCertIssue_Failure\n", "CRPSCEPChallenge_Expired\n", "RPC_S_S", "4005  ScepV")
    ]
    assert places == sorted(places)
    assert "Likely causes, in the order to check them\n  1. " in out
    assert "What to do\n  1. " in out
    assert "Source (documented):" in out


def test_the_answer_is_in_italian_where_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "20500", "--lang", "it"]) == 0
    out = capsys.readouterr().out
    assert "ha verificato correttamente" in " ".join(out.split())
    assert "Cosa fare" in out


def test_json_is_one_array_with_an_object_for_each_entry(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["explain", "1001", "0x411", "Success", "--json"]) == 0
    first, code, *named = json.loads(capsysbinary.readouterr().out)
    assert first["kind"] == "event"
    assert (first["id"], first["outcome"], first["final"], first["counts_as"]) == ("1001", "failure", True, "request")
    assert [twin["id"] for twin in first["twins"]] == ["1051", "1052", "1101"]
    assert (code["kind"], code["id"], code["word"]) == ("diagnostic_code", "0x00000411", "0x411")
    assert [item["kind"] for item in named] == ["diagnostic_code", "scep_reason"]


def test_an_unknown_word_fails_with_the_nearest_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "20012"]) == 2
    err = capsys.readouterr().err
    assert "unknown: 20012" in err
    assert "did you mean 20102" in err


def test_what_is_known_is_told_even_beside_an_unknown_word(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "0x406", "20102", "nonsense"]) == 2
    told = capsys.readouterr()
    assert "PkcsCertIssue_Failure" in told.out
    assert "unknown: 0x406, nonsense" in told.err
    assert "0x406: no such code is defined" in told.err


def test_json_stays_an_array_where_nothing_is_known(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["explain", "nonsense", "--json"]) == 2
    assert json.loads(capsysbinary.readouterr().out) == []


def test_a_negative_hresult_is_a_word_and_no_option(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "-2147023174"]) == 0
    assert "-2147023174  =  0x800706BA  RPC_S_SERVER_UNAVAILABLE" in capsys.readouterr().out


def test_the_code_behind_an_event_id_is_mentioned(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "1032"]) == 0
    assert "0x00000408 CRPSCEPCert_NotFound" in " ".join(capsys.readouterr().out.split())


def test_an_escape_sequence_does_not_reach_the_terminal(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    hostile = "\x1b]0;owned\x07 \u202e Denied by Policy Module \udc80"
    assert main(["explain", hostile]) == 0
    assert main(["explain", hostile, "--json"]) == 0
    assert main(["explain", "\x1b[2J"]) == 2
    told = capsysbinary.readouterr()
    for forbidden in (b"\x1b", b"\x07", "\u202e".encode()):
        assert forbidden not in told.out + told.err


def test_plain_output_is_wrapped(capsys: pytest.CaptureFixture[str]) -> None:
    main(["explain", "20102"])
    assert all(len(line) <= 80 or "https://" in line for line in capsys.readouterr().out.splitlines())


def test_an_output_without_accents_gets_escapes(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding="ascii", write_through=True))
    assert main(["explain", "20502", "--lang", "it"]) == 0
    assert b"\\xe8" in written.getvalue()


class Terminal(io.TextIOWrapper):
    """An output that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_colours_and_whole_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.BytesIO()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr(sys, "stdout", Terminal(written, encoding="utf-8", write_through=True))
    assert main(["explain", "20102", "20100"]) == 0
    told = written.getvalue().decode()
    assert "\x1b[1;31m20102" in told
    assert "\x1b[1;32m20100" in told
    assert CATALOG.events("legacy")[20102].reference in told


def test_rich_is_not_imported_where_nobody_looks() -> None:
    program = "import sys; from shipper.cli import main; main(['explain', '20102']); print('rich' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)  # noqa: S603 (our own words)
    assert told.stdout.endswith("False\n")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("word", ENTRIES)
def test_every_entry_is_explained_in_both_languages(word: str, language: str) -> None:
    found = explain(CATALOG, word, "it" if language == "it" else "en")
    assert found
    for explanation in found:
        assert explanation.resolution
        assert [line for line in lines(explanation) if explanation.description in line.text]


@given(st.lists(st.text(min_size=1) | st.sampled_from(ENTRIES), min_size=1, max_size=3), st.booleans())
def test_any_word_is_explained_or_refused(words: list[str], as_json: bool) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="utf-8"))
        patch.setattr(sys, "stderr", io.StringIO())
        assert main(["explain", *(["--json"] if as_json else []), "--", *words]) in (0, 2)
