"""Faults: what every test of them starts, and the table of what they came to, printed when all have run."""

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shipper.testing.chaos import Breakable, Line, Log, Shipper, Trial, event_ids, table
from shipper.testing.connector.events import legacy_event
from shipper.testing.engine import Access, Node
from shipper.testing.evtx_writer import EventSpec, write_log

HOST = "pki01.corp.example"
BEGIN = datetime(2026, 11, 16, 6, tzinfo=UTC)
SEED = 20261124
LINES = pytest.StashKey[list[Line]]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.chaos)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    lines = config.stash.get(LINES, [])
    if lines:
        terminalreporter.section(f"faults, seed {SEED}")
        for line in table(lines):
            terminalreporter.line(line)


@pytest.fixture
def chance() -> random.Random:
    """Return chance that is the same in every run."""
    return random.Random(SEED)  # noqa: S311 (moments of faults, no secrets)


def issue_failed(number: int) -> EventSpec:
    """Make a synthetic failure to issue."""
    details = (("DeviceId", f"00000000-0000-4000-8000-{number:012}"), ("CAName", "CA01"))
    time = BEGIN + timedelta(seconds=number / 10)
    return legacy_event(HOST, 20102, time, details, code="0x00000400", texts=("gone",))


@pytest.fixture(scope="session")
def written_log(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Log]:
    """Return a function that gives a log of so many events, written once."""
    logs: dict[int, Log] = {}

    def write(count: int) -> Log:
        if count not in logs:
            path = tmp_path_factory.mktemp("logs") / f"connector-{count}.evtx"
            write_log(path, map(issue_failed, range(count)))
            logs[count] = Log(path, event_ids(map(issue_failed, range(count))))
        return logs[count]

    return write


@pytest.fixture
def new_trial(request: pytest.FixtureRequest, fresh_namespace: str, tmp_path: Path) -> Callable[[Access], Trial]:
    """Return a function that begins a trial on an Elasticsearch."""
    lines = request.config.stash.setdefault(LINES, [])
    return lambda access: Trial(access, fresh_namespace, tmp_path / "state", lines.append)


@pytest.fixture
def trial(ready_access: Access, new_trial: Callable[[Access], Trial]) -> Trial:
    """Return a trial on the Elasticsearch that all share: nothing may be done to that one itself."""
    return new_trial(ready_access)


@pytest.fixture(scope="session")
def ready_access(elasticsearch_url: str) -> Access:
    """Return how the shared Elasticsearch is reached, once it has the templates."""
    set_up(elasticsearch_url)
    return Access(elasticsearch_url)


@pytest.fixture(scope="module")
def breakable(elasticsearch_node: Callable[..., Node], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Breakable]:
    """Yield an Elasticsearch to break."""
    elasticsearch = Breakable(elasticsearch_node, tmp_path_factory.mktemp("data"))
    set_up(elasticsearch.access.url)
    yield elasticsearch
    elasticsearch.node.stop()


def set_up(url: str) -> None:
    """Install the templates."""
    with Shipper(["setup", "--to", url, "--yes"]) as setup:
        ended = setup.ended()
    assert ended.code == 0, ended.said
