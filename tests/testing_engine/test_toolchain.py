import shutil
from pathlib import Path

import pytest

from shipper.errors import EngineError
from shipper.testing.engine.toolchain import find_toolchain

PROGRAMS = ("javac", "jar", "mvn")


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a PATH of nothing but the programs that are needed."""
    for name in PROGRAMS:
        found = shutil.which(name)
        assert found, f"{name} is needed: apt-get install openjdk-17-jdk-headless maven"
        (tmp_path / name).symlink_to(found)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    return tmp_path


def test_what_is_needed_is_found(programs: Path) -> None:
    assert find_toolchain().mvn == programs / "mvn"


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_missing_program_is_named_with_the_command_that_installs_it(programs: Path, name: str) -> None:
    (programs / name).unlink()
    with pytest.raises(EngineError, match=f"needs `{name}`") as caught:
        find_toolchain()
    assert caught.value.hint.startswith("apt-get install openjdk-17")


def test_java_home_goes_before_the_path(programs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "jdk" / "bin"
    home.mkdir(parents=True)
    for name in ("javac", "jar"):
        (programs / name).rename(home / name)
    monkeypatch.setenv("JAVA_HOME", str(home.parent))
    assert find_toolchain().javac == home / "javac"


def test_an_older_jdk_is_refused(programs: Path) -> None:
    (programs / "javac").unlink()
    (programs / "javac").write_text("#!/bin/sh\necho javac 11.0.2\n")
    (programs / "javac").chmod(0o755)
    with pytest.raises(EngineError, match="is not of JDK 17 or later"):
        find_toolchain()
