"""A week of logs with a fixed end, what the report finds in it, documents by hand, and a real Chromium."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from playwright.sync_api import Browser, sync_playwright

from shipper import config
from shipper.pipeline.reporting import rules_of_events
from shipper.report import Findings
from shipper.rules.model import Rule
from shipper.testing.reports import look, ship
from shipper.testing.week import Week, write_week

#: A Friday evening: the incidents fall on Tuesday, Wednesday and Thursday.
UNTIL = datetime(2026, 11, 27, 18, tzinfo=UTC)

Write = Callable[[Sequence[dict[str, Any]]], Path]


@pytest.fixture(scope="session")
def rules() -> tuple[Rule, ...]:
    return rules_of_events(config.Alerts())


@pytest.fixture(scope="session")
def week(tmp_path_factory: pytest.TempPathFactory) -> Week:
    return write_week(tmp_path_factory.mktemp("week"), until=UNTIL)


@pytest.fixture(scope="session")
def found(week: Week, rules: tuple[Rule, ...]) -> Findings:
    return look(*(str(file.path) for file in week.files), rules=rules)


@pytest.fixture(scope="session")
def documents(week: Week) -> Path:
    """Return the week as documents, a line each."""
    path = week.folder / "shipped.ndjson"
    ship([str(file.path) for file in week.files], f"ndjson:{path}", week.folder / "state")
    return path


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return what writes documents to a file, a line each."""

    def written(documents: Sequence[dict[str, Any]]) -> Path:
        path = tmp_path / "documents.ndjson"
        path.write_bytes(b"".join(msgspec.json.encode(one) + b"\n" for one in documents))
        return path

    return written


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Yield Debian's Chromium; playwright's own browsers are not downloaded."""
    program = shutil.which("chromium")
    if program is None:
        pytest.fail("no Chromium here: apt-get install --no-install-recommends chromium", pytrace=False)
    with sync_playwright() as driver:
        quiet = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")
        browser = driver.chromium.launch(executable_path=program, args=[*quiet, "--disable-sync", "--no-first-run"])
        yield browser
        browser.close()
