"""Fixtures for every room: the shared material and the real Elasticsearch.

Which Elasticsearch: the open one at ``ES_URL`` when that is set; else one of ``docker/`` when a Docker Engine runs;
else the embedded one. There is no fourth way: without any of them the tests fail, they do not skip.
"""

import os
import shutil
import subprocess
import uuid
from collections.abc import Callable, Iterator
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest

from shipper.errors import EngineError
from shipper.testing.engine import Access, Elasticsearch, Node

if TYPE_CHECKING:
    import elasticsearch

ROOT = Path(__file__).parent.parent
#: Asking for any of these makes a test one of the marker ``elasticsearch``.
ELASTICSEARCH_FIXTURES = {"elasticsearch_url", "secured_elasticsearch", "elasticsearch_node", "es"}
DOCKER_ANSWERS_WITHIN_S = 10
DOCKER_STARTS_WITHIN_S = 180


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs an Elasticsearch, so that ``-m "not elasticsearch"`` is the quick half."""
    for item in items:
        if ELASTICSEARCH_FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.elasticsearch)


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of shared material: ``SHIPPER_SHARED``, else ``../shared``; skip where there is none."""
    folder = Path(os.environ.get("SHIPPER_SHARED") or ROOT.parent / "shared")
    if not folder.is_dir():
        pytest.skip(f"no shared material at {folder}; SHIPPER_SHARED names another folder")
    return folder


@pytest.fixture(scope="session")
def long_form() -> bool:
    """Say whether tests of the marker ``chaos`` are to run in their long form, as ``make chaos`` asks for."""
    return os.environ.get("CHAOS") == "long"


@pytest.fixture
def fresh_namespace() -> str:
    """Return a data stream namespace that no other test uses, on a node that all share."""
    return f"t{uuid.uuid4().hex[:16]}"


@pytest.fixture(scope="session")
def elasticsearch_url(request: pytest.FixtureRequest) -> str:
    """Return the URL of an open Elasticsearch that the whole session shares."""
    given = os.environ.get("ES_URL")
    if given:
        return given
    return str(request.getfixturevalue("_docker_url" if _docker_runs() else "_embedded_url"))


@pytest.fixture(scope="session")
def secured_elasticsearch() -> Iterator[Node]:
    """Yield a node with TLS and a superuser that the whole session shares: always an embedded one.

    It has ``url``, ``ca_file``, ``username``, ``password`` and ``create_api_key(name, role_descriptors)``.
    """
    with Elasticsearch() as engine:
        yield _started(engine, secured=True)


@pytest.fixture(scope="module")
def elasticsearch_node() -> Iterator[Callable[..., Node]]:
    """Yield ``Elasticsearch.start`` for nodes of special settings, which end with the module that asked for them."""
    with Elasticsearch() as engine:
        yield engine.start


@pytest.fixture(scope="session")
def es(elasticsearch_url: str) -> "Iterator[elasticsearch.Elasticsearch]":
    """Yield a client of the open node."""
    from elasticsearch import Elasticsearch as Client

    with Client(elasticsearch_url) as client:
        yield client


@pytest.fixture(scope="session")
def _embedded_url() -> Iterator[str]:
    with Elasticsearch() as engine:
        yield _started(engine).url


@pytest.fixture(scope="session")
def _docker_url(request: pytest.FixtureRequest) -> str:
    """Start the open Elasticsearch of the compose file for tests, through pytest-docker."""
    services = request.getfixturevalue("docker_services")
    url = f"http://127.0.0.1:{services.port_for('elasticsearch', 9200)}"
    services.wait_until_responsive(lambda: _answers(Access(url)), timeout=DOCKER_STARTS_WITHIN_S, pause=1)
    return url


@pytest.fixture(scope="session")
def docker_compose_file() -> list[str]:
    """Tell pytest-docker which file to use."""
    return [str(ROOT / "docker" / "compose.tests.yml")]


@pytest.fixture(scope="session")
def docker_setup() -> list[str]:
    """Tell pytest-docker how to start it; images are taken as published, nothing is built."""
    return ["up --detach --wait"]


def _started(engine: Elasticsearch, *, secured: bool = False) -> Node:
    try:
        return engine.start(secured=secured)
    except EngineError as error:
        _fail(error)


def _fail(error: EngineError) -> NoReturn:
    advice = "tests run against a real Elasticsearch: give an open one by ES_URL, start a Docker Engine, or"
    pytest.fail(f"{error}\n{advice} {error.hint}", pytrace=False)


def _docker_runs() -> bool:
    """Say whether an engine answers and the client knows ``compose``, which pytest-docker calls."""
    docker = shutil.which("docker")
    return docker is not None and all(_succeeds(docker, words) for words in (["info"], ["compose", "version"]))


def _succeeds(program: str, words: list[str]) -> bool:
    try:
        ended = subprocess.run(  # noqa: S603 (a found docker)
            [program, *words], capture_output=True, timeout=DOCKER_ANSWERS_WITHIN_S, check=False
        )
    except subprocess.TimeoutExpired:
        return False
    return ended.returncode == 0


def _answers(access: Access) -> bool:
    try:
        status, _ = access.request("GET", "/_cluster/health?wait_for_status=yellow&timeout=5s")
    except OSError:
        return False
    return status == HTTPStatus.OK
