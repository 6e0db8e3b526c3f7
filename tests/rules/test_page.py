"""The example of docs/how-to/write-a-rule.md works as it stands there."""

import re
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from shipper.rules.loading import load_rules

PAGE = Path(__file__).parents[2] / "docs/how-to/write-a-rule.md"
_EXAMPLE = re.compile(r"<!-- test: (\S+) -->\n\n((?: {4}.*\n|\n)+)")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    examples = _EXAMPLE.findall(PAGE.read_text(encoding="utf-8"))
    assert [name for name, _ in examples] == [
        "rules/user-failure-burst.toml",
        "cases/user-failure-burst.toml",
        "test_my_rules.py",
    ]
    for name, text in examples:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")
    return tmp_path


def test_the_test_of_the_page_passes(folder: Path) -> None:
    ran = _pytest(folder)
    assert ran.returncode == 0, ran.stdout
    assert "2 passed" in ran.stdout


def test_it_fails_when_the_rule_is_another(folder: Path) -> None:
    rule = folder / "rules/user-failure-burst.toml"
    rule.write_text(rule.read_text(encoding="utf-8").replace("at_least = 10", "at_least = 9"), encoding="utf-8")
    assert "1 failed, 1 passed" in _pytest(folder).stdout


def test_the_shipped_rules_that_the_page_names_are_of_the_kinds_it_says() -> None:
    text = PAGE.read_text(encoding="utf-8")
    kinds = re.findall(r"^\| `([a-z]+)` \| [^|]+ \| [^|]+ \|$", text.partition("`looks_for`")[2], re.MULTILINE)
    named = re.findall(r"`([a-z-]+)`", text.partition("among the shipped rules:")[2].partition(".")[0])
    rules = {rule.id: rule for rule in load_rules()}
    assert [type(rules[name].looks_for).__struct_config__.tag for name in named] == kinds


def _pytest(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_my_rules.py"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)  # noqa: S603 (our own words)
