import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from shipper.testing.engine import assemble, default_cache_folder

ASSEMBLE = "import sys, pathlib, shipper.testing.engine as e; print(e.assemble(pathlib.Path(sys.argv[1])))"


class Race(msgspec.Struct, frozen=True):
    """What two processes said that assembled into one cache folder at the same time."""

    cache: Path
    said: tuple[str, ...]


@pytest.fixture(scope="module")
def race(tmp_path_factory: pytest.TempPathFactory) -> Race:
    cache = tmp_path_factory.mktemp("cache")
    (cache / "building-of-a-process-that-died").mkdir()
    command = [sys.executable, "-c", ASSEMBLE, str(cache)]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]  # noqa: S603 (ours)
    return Race(cache, tuple(process.communicate()[0].strip() for process in processes))


def test_two_processes_at_once_get_the_same_engine(race: Race) -> None:
    first, second = race.said
    assert first == second
    assert Path(first, "server", "node-launcher.jar").is_file()


def test_nothing_half_built_is_left(race: Race) -> None:
    assert [path.name for path in race.cache.glob("building-*")] == []


def test_an_engine_that_is_there_is_taken_as_it_is(race: Race, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert assemble(race.cache) == Path(race.said[0])


def test_the_cache_stands_where_the_desktop_standard_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/elsewhere")
    assert default_cache_folder() == Path("/elsewhere/intune-connector-shipper")
