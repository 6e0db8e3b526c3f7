"""Keys, passwords and authorities that are replaced in their files while a server is spoken to."""

import base64
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from shipper.config import Elasticsearch
from shipper.errors import AuthenticationError, SinkError
from shipper.sinks.elasticsearch import Connection
from shipper.sinks.elasticsearch.rotation import Lines
from shipper.sinks.elasticsearch.server import Server
from shipper.testing.engine import Node
from shipper.testing.engine.certificates import write_certificates

ROLE = {"looking": {"cluster": ["monitor"]}}
ASK = "/_cluster/health"


class Held:
    """A key in a file, the server that is asked with it, and what was told."""

    def __init__(self, node: Node, folder: Path, *, within_s: float = 0.5) -> None:
        self.node = node
        self.file = folder / "key"
        self.key = self.write_new()
        settings = Elasticsearch(api_key_file=str(self.file), ca_file=str(node.ca_file))
        self.told: list[str] = []
        self.server = Server(Connection.to(node.url, settings), self.told.append, replaced_within_s=within_s)

    def write_new(self) -> str:
        key = self.node.create_api_key("rotated", ROLE)
        self.write(key)
        return key

    def write(self, text: str) -> None:
        """Put it into the place of the file in one move."""
        beside = self.file.with_suffix(".new")
        beside.write_text(text)
        beside.rename(self.file)

    def revoke(self, key: str) -> None:
        identity = base64.b64decode(key).decode().partition(":")[0]
        assert self.node.access.request("DELETE", "/_security/api_key", {"ids": [identity]})[0] == 200

    def answers(self) -> bool:
        return self.server.request("GET", ASK).ok


@pytest.fixture
def held(secured_elasticsearch: Node, tmp_path: Path) -> Held:
    return Held(secured_elasticsearch, tmp_path)


def test_a_key_that_is_replaced_before_the_old_one_is_revoked_is_taken_up(held: Held) -> None:
    assert held.answers()
    held.write_new()
    time.sleep(1.1)
    assert held.answers()
    held.revoke(held.key)
    assert held.answers()
    assert held.told == [f"elasticsearch.api_key_file: {held.file}: replaced, and used from now on"]


def test_a_key_that_is_replaced_and_revoked_at_once_is_taken_up_at_the_first_refusal(held: Held) -> None:
    assert held.answers()
    held.write_new()
    held.revoke(held.key)
    assert held.answers()


def test_a_new_key_that_comes_a_moment_after_the_revocation_is_waited_for(
    secured_elasticsearch: Node, tmp_path: Path
) -> None:
    held = Held(secured_elasticsearch, tmp_path, within_s=30)
    assert held.answers()
    held.revoke(held.key)
    later = threading.Timer(0.5, held.write_new)
    later.start()
    assert held.answers()
    later.join()
    assert "waiting up to 30 s for a new" in held.told[0]


@pytest.mark.parametrize("broken", ["", "two words", "\udcff"])
def test_a_broken_new_file_leaves_the_old_key_in_use_and_is_told_once(held: Held, broken: str) -> None:
    assert held.answers()
    held.file.write_bytes(broken.encode("utf-8", "surrogateescape"))
    for _ in range(2):
        time.sleep(1.1)
        assert held.answers()
    assert len(held.told) == 1
    assert held.told[0].endswith("; what was read before is used on")
    assert str(held.file) in held.told[0]


def test_a_new_file_that_is_gone_leaves_the_old_key_in_use(held: Held) -> None:
    assert held.answers()
    held.file.unlink()
    time.sleep(1.1)
    assert held.answers()


def test_a_half_written_key_leaves_the_old_one_in_use_until_it_is_whole(held: Held) -> None:
    assert held.answers()
    whole = held.node.create_api_key("rotated", ROLE)
    held.write(whole[: len(whole) // 2])
    time.sleep(1.1)
    assert held.answers()
    held.write(whole)
    time.sleep(1.1)
    held.revoke(held.key)
    assert held.answers()
    assert [text for text in held.told if "those before them are used on" in text]


def test_a_revoked_key_without_a_new_one_ends_it_and_names_the_file(held: Held) -> None:
    assert held.answers()
    held.revoke(held.key)
    with pytest.raises(AuthenticationError, match="401") as caught:
        held.answers()
    assert str(held.file) in caught.value.hint


def test_an_interrupt_ends_the_wait_for_a_new_key(secured_elasticsearch: Node, tmp_path: Path) -> None:
    held = Held(secured_elasticsearch, tmp_path, within_s=600)
    assert held.answers()
    held.revoke(held.key)
    held.server.interrupt()
    with pytest.raises(AuthenticationError):
        held.answers()


def test_a_wrong_key_at_the_start_is_not_waited_for(secured_elasticsearch: Node, tmp_path: Path) -> None:
    held = Held(secured_elasticsearch, tmp_path, within_s=600)
    held.revoke(held.key)
    with pytest.raises(AuthenticationError):
        held.answers()
    assert held.told == []


def test_a_revoked_key_of_the_environment_is_tried_for_a_while_and_ends_it(secured_elasticsearch: Node) -> None:
    node = secured_elasticsearch
    key = node.create_api_key("environment", ROLE)
    settings = Elasticsearch(api_key=key, ca_file=str(node.ca_file))
    server = Server(Connection.to(node.url, settings), replaced_within_s=2)
    assert server.request("GET", ASK).ok
    identity = base64.b64decode(key).decode().partition(":")[0]
    node.access.request("DELETE", "/_security/api_key", {"ids": [identity]})
    with pytest.raises(AuthenticationError) as caught:
        server.request("GET", ASK)
    assert "SHIPPER_API_KEY" in caught.value.hint


def test_credentials_that_are_refused_for_a_moment_are_tried_again(secured_elasticsearch: Node) -> None:
    """As an Elasticsearch does that was just started again, and cannot read its own index yet."""
    node, word = secured_elasticsearch, "first-password"
    user = {"password": word, "roles": ["superuser"]}
    assert node.access.request("PUT", "/_security/user/away", user)[0] == 200
    settings = Elasticsearch(username="away", password=word, ca_file=str(node.ca_file))
    server = Server(Connection.to(node.url, settings), replaced_within_s=60)
    assert server.request("GET", ASK).ok
    assert node.access.request("PUT", "/_security/user/away/_disable")[0] == 200
    back = threading.Timer(1.5, node.access.request, ("PUT", "/_security/user/away/_enable"))
    back.start()
    assert server.request("GET", ASK).ok
    back.join()


def test_a_password_that_is_replaced_in_its_file_is_taken_up(secured_elasticsearch: Node, tmp_path: Path) -> None:
    node, file = secured_elasticsearch, tmp_path / "password"
    user = {"password": "first-password", "roles": ["superuser"]}
    assert node.access.request("PUT", "/_security/user/rotating", user)[0] == 200
    file.write_text("first-password\n")
    settings = Elasticsearch(username="rotating", password_file=str(file), ca_file=str(node.ca_file))
    server = Server(Connection.to(node.url, settings))
    assert server.request("GET", ASK).ok
    node.access.request("PUT", "/_security/user/rotating/_password", {"password": "second-password"})
    file.write_text("second-password\n")
    assert server.request("GET", ASK).ok


class Clock:
    """Monotonic seconds that are moved by hand."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


MakeLines = Callable[[str], "tuple[Lines, Clock, list[str]]"]


@pytest.fixture
def make_lines() -> MakeLines:
    """Return a maker of lines that trust a file of authorities; nothing is sent over them."""

    def make(ca_file: str) -> tuple[Lines, Clock, list[str]]:
        clock, told = Clock(), list[str]()
        return Lines(Connection(url="https://localhost:1", ca_file=ca_file), told.append, clock=clock), clock, told

    return make


def test_a_replaced_authority_opens_a_new_line(make_lines: MakeLines, tmp_path: Path) -> None:
    ca_file = write_certificates(tmp_path).authority
    lines, clock, told = make_lines(str(ca_file))
    first = lines.current()
    write_certificates(tmp_path)
    assert lines.current() is first
    clock.seconds += 1
    assert lines.current() is not first
    assert told == [f"elasticsearch.ca_file: {ca_file}: replaced, and used from now on"]


def test_an_untouched_authority_keeps_the_line(make_lines: MakeLines, tmp_path: Path) -> None:
    lines, clock, told = make_lines(str(write_certificates(tmp_path).authority))
    first = lines.current()
    clock.seconds += 100
    assert lines.current() is first
    assert told == []


@pytest.mark.parametrize("broken", ["", "-----BEGIN CERTIFICATE-----\nMIIB", "no certificate"])
def test_a_broken_authority_keeps_the_line_and_is_told_once(make_lines: MakeLines, tmp_path: Path, broken: str) -> None:
    ca_file = write_certificates(tmp_path).authority
    lines, clock, told = make_lines(str(ca_file))
    first = lines.current()
    ca_file.write_text(broken)
    for _ in range(3):
        clock.seconds += 1
        assert lines.current() is first
    assert len(told) == 1
    assert "used on" in told[0]


def test_there_is_no_way_back_to_an_authority_that_was_replaced(make_lines: MakeLines, tmp_path: Path) -> None:
    lines, clock, _ = make_lines(str(write_certificates(tmp_path).authority))
    lines.worked(lines.current())
    write_certificates(tmp_path)
    clock.seconds += 1
    new = lines.current()
    lines.interrupt()
    assert lines.instead([new], "certificate", clock.seconds) is None
    assert lines.current() is new


def test_a_server_of_an_authority_that_is_not_in_the_new_file_is_refused(
    secured_elasticsearch: Node, tmp_path: Path
) -> None:
    node, ca_file = secured_elasticsearch, tmp_path / "ca.pem"
    ca_file.write_bytes(Path(str(node.ca_file)).read_bytes())
    settings = Elasticsearch(username=node.username, password=node.password, ca_file=str(ca_file))
    server = Server(Connection.to(node.url, settings), replaced_within_s=0.5)
    assert server.request("GET", ASK).ok
    (tmp_path / "other").mkdir()
    write_certificates(tmp_path / "other").authority.replace(ca_file)
    time.sleep(1.1)
    with pytest.raises(SinkError, match="certificate is not trusted"):
        server.request("GET", ASK)
