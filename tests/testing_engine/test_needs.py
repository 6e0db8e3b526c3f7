"""The script that says what ``make`` needs of the system."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAMS = ("bash", "dirname", "grep", "id")


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """Make a PATH with Python, but without a JDK and Maven."""
    for name in PROGRAMS:
        found = shutil.which(name)
        assert found
        (tmp_path / name).symlink_to(found)
    (tmp_path / "python3.11").write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    (tmp_path / "python3.11").chmod(0o755)
    return tmp_path


def needs(what: str, path: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": path}
    command: list[str | Path] = [ROOT / ".ci" / "needs", what]
    return subprocess.run(  # noqa: S603 (ours)
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )


def test_the_first_line_says_what_is_needed() -> None:
    said = needs("test", os.environ["PATH"])
    assert said.returncode == 0
    assert said.stdout.startswith("make test needs: Python 3.11 or later with venv, a JDK from 17 on, Maven")


def test_the_tests_stop_without_a_jdk_and_show_the_command_that_installs_it(bare: Path) -> None:
    said = needs("test", str(bare))
    assert said.returncode == 1
    assert "apt-get install --no-install-recommends chromium openjdk-17-jdk-headless maven" in said.stderr


def test_the_demo_goes_on_without_a_jdk(bare: Path) -> None:
    said = needs("demo", str(bare))
    assert said.returncode == 0
    assert "writes NDJSON instead" in said.stderr


def test_linting_needs_no_jdk(bare: Path) -> None:
    assert needs("check", str(bare)).returncode == 0


def test_nothing_goes_on_without_a_python(bare: Path) -> None:
    (bare / "python3.11").unlink()
    said = needs("demo", str(bare))
    assert said.returncode == 1
    assert "python3-venv" in said.stderr
