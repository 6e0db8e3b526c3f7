import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from shipper.errors import EngineError
from shipper.testing.engine import Elasticsearch, Node

START_AND_WAIT = """
import time
from shipper.testing.engine import Elasticsearch
with Elasticsearch() as engine:
    print(engine.start(heap_mb=512).pid, flush=True)
    time.sleep(600)
"""
LISTEN = "0A"
LOOPBACK = {"0100007F", "0000000000000000FFFF00000100007F"}


@pytest.fixture(scope="module")
def node(elasticsearch_node: Callable[..., Node]) -> Node:
    return elasticsearch_node(heap_mb=512)


@pytest.fixture
def engine() -> Iterator[Elasticsearch]:
    with Elasticsearch() as engine:
        yield engine


def listening_addresses(port: int) -> set[str]:
    rows = [line.split() for name in ("tcp", "tcp6") for line in Path("/proc/net", name).read_text().splitlines()[1:]]
    local = [row[1].split(":") for row in rows if row[3] == LISTEN]
    return {address for address, found in local if int(found, 16) == port}


def test_a_node_listens_on_loopback_alone(node: Node) -> None:
    addresses = listening_addresses(urlsplit(node.url).port or 0)
    assert addresses
    assert addresses <= LOOPBACK


@pytest.mark.parametrize("setting", ["network.host", "http.bind_host", "transport.publish_host"])
def test_a_setting_that_opens_a_node_to_others_is_refused(engine: Elasticsearch, setting: str) -> None:
    with pytest.raises(EngineError, match=setting):
        engine.start(settings={setting: "0.0.0.0"})  # noqa: S104 (what is refused)


def test_a_suspended_node_answers_once_it_is_resumed(node: Node) -> None:
    node.suspend()
    try:
        with pytest.raises(TimeoutError):
            node.access.request("GET", "/_cluster/health", timeout_s=0.5)
    finally:
        node.resume()
    assert node.access.request("GET", "/_cluster/health")[0] == 200


@pytest.mark.parametrize("end", [Node.stop, Node.kill], ids=["stopped", "killed"])
def test_a_node_finds_its_documents_again_after_it_was(
    engine: Elasticsearch, tmp_path: Path, end: Callable[[Node], None]
) -> None:
    first = engine.start(data_folder=tmp_path, heap_mb=512)
    first.access.request("PUT", "/kept/_doc/1", {"a": 1})
    end(first)
    again = engine.start(data_folder=tmp_path, heap_mb=512)
    assert again.access.request("GET", "/kept/_doc/1")[1]["_source"] == {"a": 1}


def test_a_suspended_node_can_be_stopped_and_stopped_again(engine: Elasticsearch) -> None:
    node = engine.start(heap_mb=512)
    node.suspend()
    node.stop()
    node.stop()
    assert not node.is_running


def test_a_node_that_cannot_start_shows_the_end_of_its_log_and_keeps_it(
    engine: Elasticsearch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(EngineError, match=r"unknown setting \[no\.such\.setting\]") as caught:
        engine.start(settings={"no.such.setting": "1"}, heap_mb=512)
    log = Path(str(caught.value.where))
    assert "no.such.setting" in log.read_text()


def test_nothing_of_a_node_is_left_on_disk_or_running() -> None:
    with Elasticsearch() as engine:
        node = engine.start(heap_mb=512)
    assert not node.is_running
    assert not node.log_file.parent.exists()


def test_a_node_ends_when_the_process_that_started_it_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", START_AND_WAIT]
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as parent:  # noqa: S603 (ours)
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.kill()
    assert ends_within(pid, seconds=10)


def ends_within(pid: int, *, seconds: float) -> bool:
    ends_at_s = time.monotonic() + seconds
    while time.monotonic() < ends_at_s:
        if not runs(pid):
            return True
        time.sleep(0.05)
    os.kill(pid, signal.SIGKILL)
    return False


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes() != b""  # empty of a process that only waits to be reaped
    except FileNotFoundError:
        return False


def test_the_password_is_not_shown(secured_elasticsearch: Node) -> None:
    assert secured_elasticsearch.password
    assert secured_elasticsearch.password not in repr(secured_elasticsearch)
