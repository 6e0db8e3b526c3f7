"""Findings of the whole examination, as the command line asks for it."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from shipper import assets, check, setup
from shipper.check import Finding
from shipper.sinks.elasticsearch import Connection, Secret
from shipper.testing.engine import Node

Examine = Callable[..., list[Finding]]


@pytest.fixture
def examine(tmp_path: Path) -> Examine:
    """Return a function that examines what keys of the configuration say, with a state folder of the test's own."""

    def run(file: Path | None = None, environment: Mapping[str, str] | None = None, **flags: Any) -> list[Finding]:
        return list(check.examine(file, environment or {}, {"state": str(tmp_path / "state"), **flags}))

    return run


@pytest.fixture
def ready_url(elasticsearch_url: str) -> str:
    """Return the URL of the open node, with our templates in it."""
    setup.install(
        Connection(url=elasticsearch_url), assets.mappings(), namespace="default", agree=lambda _changes: True
    )
    return elasticsearch_url


@pytest.fixture
def secured(secured_elasticsearch: Node) -> dict[str, str]:
    """Return the keys of the configuration that reach the secured node, which has our templates."""
    node = secured_elasticsearch
    connection = Connection(
        url=node.url, username=node.username, password=Secret(node.password), ca_file=str(node.ca_file)
    )
    setup.install(connection, assets.mappings(), namespace="default", agree=lambda _changes: True)
    return {"to": node.url, "username": node.username, "password": node.password, "ca_file": str(node.ca_file)}
