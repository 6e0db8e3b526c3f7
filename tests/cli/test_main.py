from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipper import __version__
from shipper.cli import COMMANDS, main, terminal
from shipper.cli.reference import page

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "command-line.md"


@pytest.mark.parametrize("words", [["--version"], ["version"]])
def test_the_version_is_printed(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 0
    assert capsys.readouterr().out == f"shipper {__version__}\n"


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    out = capsys.readouterr().out
    assert all(f"  {name} " in out for name in COMMANDS)


def test_no_command_at_all_is_bad_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "usage" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "near"), [(["shp"], "ship"), (["setpu"], "setup"), (["ship", "--wrokers", "2", "x"], "--workers")]
)
def test_a_misspelled_word_is_bad_usage_with_the_nearest_one(
    words: list[str], near: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    err = capsys.readouterr().err
    assert words[-1 if len(words) == 1 else 1] in err
    assert f"did you mean {near}" in err


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_examples(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main([command, "--help"])
    out = capsys.readouterr().out
    assert caught.value.code == 0
    assert "examples:" in out
    assert f"shipper {command}" in out


def test_the_reference_is_what_the_parsers_say() -> None:
    """``make assets`` writes the page anew."""
    assert REFERENCE.read_text(encoding="utf-8") == page()


def test_a_fault_of_our_own_is_said_without_a_traceback(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from shipper.cli import ship

    monkeypatch.setattr(ship, "run", lambda _: 1 / 0)

    assert main(["ship", "x"]) == 3
    err = capsys.readouterr().err
    assert "test_main.py" in err
    assert "ZeroDivisionError" in err
    assert "Traceback" not in err
    assert "SHIPPER_TRACEBACK" in err


@given(st.text())
def test_no_control_character_passes_to_the_terminal(text: str) -> None:
    assert terminal.neutralise(text).isprintable()


@pytest.mark.parametrize(
    ("text", "shown"),
    [("\x1b[31mred", "\\x1b[31mred"), ("a\nb", "a\\x0ab"), ("\u202egnp", "\\u202egnp"), ("caf\u00e9", "caf\u00e9")],
)
def test_what_could_fool_a_reader_is_shown_as_its_number(text: str, shown: str) -> None:
    assert terminal.neutralise(text) == shown
