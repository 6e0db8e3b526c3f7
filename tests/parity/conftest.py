"""The corpus, once a session: built, indexed under our own mappings in a namespace of its own, evaluated."""

import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

from shipper import assets, setup
from shipper.rules.targets.kibana import PREFIX
from shipper.sinks.elasticsearch import Connection
from shipper.testing.parity import build_corpus
from shipper.testing.parity.indexing import index
from shipper.testing.parity.searches import Searches
from tests.parity.stage import RULES, Stage, Told, alerts_of, make_stage
from tests.parity.table import Book, written
from tests.parity.unshipped import UNSHIPPED

if TYPE_CHECKING:
    import elasticsearch


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--parity-table``: where the table of what each target found is to be written."""
    parser.addoption("--parity-table", metavar="FILE", help="write the table of parity between the marks of this page")


@pytest.fixture(scope="session")
def book(request: pytest.FixtureRequest) -> Iterator[Book]:
    """Yield what the tests note their counts in; the page is written when all have run."""
    noted = Book()
    yield noted
    page = request.config.getoption("--parity-table", default=None) or os.environ.get("PARITY_TABLE")
    if page:
        path = Path(page)
        path.write_text(written(path.read_text(encoding="utf-8"), noted, RULES), encoding="utf-8")


@pytest.fixture(scope="session")
def stage(es: "elasticsearch.Elasticsearch", elasticsearch_url: str) -> Stage:
    """Return the corpus, built and indexed."""
    namespace = f"parity{uuid.uuid4().hex[:8]}"
    setup.install(Connection(url=elasticsearch_url), assets.mappings(), namespace=namespace, agree=lambda _: True)
    corpus = build_corpus(RULES, namespace)
    index(es, corpus.documents, namespace)
    lines = (assets.folder("dashboards") / "rules" / "kibana.ndjson").read_bytes().splitlines()
    compiled = {one["rule_id"].removeprefix(PREFIX): one for one in map(msgspec.json.decode, lines)}
    return make_stage(corpus, (*RULES, *UNSHIPPED), Searches(es, namespace), compiled)


@pytest.fixture(scope="session")
def told(stage: Stage) -> Told:
    """Return what the evaluator told of the corpus, by rule: (time, group, ids)."""
    return alerts_of(RULES, stage)
