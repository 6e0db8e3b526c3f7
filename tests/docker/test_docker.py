"""What can be held of ``docker/`` without a Docker Engine. It was not run; these checks are no proof that it runs."""

import os
import shutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import elasticsearch
import pytest
from ruamel.yaml import YAML

from shipper.cli.parser import Parser
from shipper.testing.engine import Node
from shipper.testing.engine.recipe import read_recipe

ROOT = Path(__file__).parents[2]
DOCKER = ROOT / "docker"
BIN = Path(sys.executable).parent
COMPOSE_FILES = [DOCKER / "compose.yml", DOCKER / "compose.tests.yml"]


def services(file: Path) -> dict[str, dict[str, Any]]:
    loaded: dict[str, dict[str, Any]] = YAML(typ="safe").load(file)["services"]
    return loaded


SERVICES = [
    pytest.param(service, id=f"{file.name}-{name}")
    for file in COMPOSE_FILES
    for name, service in services(file).items()
]


def complaints(program: str, *words: str | Path) -> str:
    ended = subprocess.run([BIN / program, *words], capture_output=True, text=True, check=False)  # noqa: S603 (dev tools)
    return "" if ended.returncode == 0 else ended.stdout + ended.stderr or "failed"


@pytest.mark.parametrize("file", COMPOSE_FILES, ids=lambda file: file.name)
def test_the_compose_file_fits_the_compose_specification(file: Path) -> None:
    assert complaints("check-jsonschema", "--builtin-schema", "vendor.compose-spec", file) == ""


def test_the_linter_has_nothing_to_say_of_the_dockerfile() -> None:
    assert complaints("hadolint", DOCKER / "Dockerfile") == ""


@pytest.mark.parametrize("script", [DOCKER / "users.sh", *sorted((ROOT / ".ci").iterdir())], ids=lambda path: path.name)
def test_the_linter_has_nothing_to_say_of_the_script(script: Path) -> None:
    assert complaints("shellcheck", script) == ""


def test_the_image_does_not_run_as_root() -> None:
    users = [line for line in (DOCKER / "Dockerfile").read_text().splitlines() if line.startswith("USER ")]
    assert users == ["USER 10001:10001"]


def test_what_the_build_copies_is_there_and_let_in() -> None:
    lines = (DOCKER / "Dockerfile").read_text().splitlines()
    copied = {name for line in lines if line.startswith("COPY ") for name in line.split()[1:-1]}
    let_in = {line[1:] for line in (DOCKER / "Dockerfile.dockerignore").read_text().splitlines() if line[:1] == "!"}
    assert copied == let_in
    assert all((ROOT / name).exists() for name in copied)


@pytest.mark.parametrize("service", SERVICES)
def test_a_port_is_published_on_loopback_alone(service: dict[str, Any]) -> None:
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))


@pytest.mark.parametrize("service", SERVICES)
def test_no_password_stands_in_the_file(service: dict[str, Any]) -> None:
    secret = [value for name, value in service.get("environment", {}).items() if "PASSWORD" in name or "KEY" in name]
    assert all(value.startswith("${") and ":?" in value for value in secret)


@pytest.mark.parametrize("service", SERVICES)
def test_elasticsearch_and_kibana_are_of_the_version_that_tests_embed(service: dict[str, Any]) -> None:
    image = service["image"]
    assert "elastic.co" not in image or image.endswith(f":{read_recipe().version}")


@pytest.mark.parametrize("name", ["shipper", "setup", "assets"])
def test_the_shipper_runs_without_privileges_on_a_read_only_file_system(name: str) -> None:
    service = services(DOCKER / "compose.yml")[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]


@pytest.mark.parametrize("name", ["shipper", "setup", "assets"])
def test_the_shipper_understands_its_command(name: str) -> None:
    command, *words = services(DOCKER / "compose.yml")[name]["command"]
    module = import_module(f"shipper.cli.{command}")
    parser = Parser(command, module.SUMMARY, module.EXAMPLES)
    module.add_arguments(parser)
    parser.parse_args(words)


def test_dashboards_and_rules_are_installed_when_kibana_answers_and_the_templates_are_there() -> None:
    assets = services(DOCKER / "compose.yml")["assets"]
    assert assets["command"][:2] == ["setup", "--kibana"]
    assert assets["depends_on"] == {
        "kibana": {"condition": "service_healthy"},
        "setup": {"condition": "service_completed_successfully"},
    }


def test_every_variable_of_the_compose_file_stands_in_the_example() -> None:
    asked = {part.split(":")[0] for part in (DOCKER / "compose.yml").read_text().split("${")[1:]}
    given = {
        line.split("=")[0] for line in (DOCKER / "example.env").read_text().splitlines() if line[:1] not in ("#", "")
    }
    assert asked == given


def run_users_script(node: Node) -> None:
    bash = shutil.which("bash")
    assert bash
    environment = {
        "PATH": os.environ["PATH"],
        "CURL_CA_BUNDLE": str(node.ca_file),
        "ELASTICSEARCH_URL": node.url,
        "ELASTICSEARCH_ADMIN": node.username,
        "ELASTIC_PASSWORD": node.password,
        "KIBANA_PASSWORD": "kibana-of-this-test",
        "SHIPPER_PASSWORD": "shipper-of-this-test",
    }
    subprocess.run([bash, DOCKER / "users.sh"], env=environment, check=True)  # noqa: S603 (ours)


@pytest.mark.skipif(shutil.which("curl") is None, reason="the script runs in Elasticsearch's image, which has curl")
def test_the_user_that_the_script_makes_may_ship_and_nothing_else(
    secured_elasticsearch: Node, fresh_namespace: str
) -> None:
    node = secured_elasticsearch
    run_users_script(node)
    stream = f"logs-intune_connector.events-{fresh_namespace}"
    login = ("shipper", "shipper-of-this-test")
    with elasticsearch.Elasticsearch(node.url, ca_certs=str(node.ca_file), basic_auth=login) as client:
        assert (
            client.create(index=stream, id="1", document={"@timestamp": "2026-11-20T00:00:00Z"})["result"] == "created"
        )
        asked = client.security.has_privileges(index=[{"names": [stream], "privileges": ["delete", "index", "manage"]}])
        assert set(asked["index"][stream].values()) == {False}
        with pytest.raises(elasticsearch.AuthorizationException):
            client.create(index=f"logs-other-{fresh_namespace}", id="1", document={})
