import json
import logging
import pickle
import traceback
from pathlib import Path

import msgspec
import pytest

from shipper.config import Elasticsearch
from shipper.errors import ConfigError, ShipperError, UsageError
from shipper.sinks.elasticsearch import Connection, ElasticsearchSink, Secret

CANARY = "canary-7d1f"
FINGERPRINT = "AB:" * 31 + "AB"


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://es.example:9200", "https://es.example:9200"),
        ("https://es.example", "https://es.example:443"),
        ("http://localhost:9200/", "http://localhost:9200"),
        ("https://proxy.example/search/", "https://proxy.example:443/search"),
        ("http://[::1]:9200", "http://[::1]:9200"),
    ],
)
def test_the_target_names_scheme_host_and_port(url: str, target: str) -> None:
    assert Connection(url=url).target == target


@pytest.mark.parametrize(
    "url", ["", "es.example", "es.example:9200", "ftp://es", "http://", "http://es:nine", "https://es:0"]
)
def test_what_is_no_url_of_a_server_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="is no URL"):
        Connection(url=url)


def test_credentials_in_the_url_are_refused_and_not_repeated() -> None:
    with pytest.raises(UsageError, match="process list") as caught:
        Connection(url=f"https://elastic:{CANARY}@es.example:9200")
    assert CANARY not in f"{caught.value} {caught.value.hint} {caught.value.where}"
    assert "SHIPPER_PASSWORD" in caught.value.hint


def test_credentials_are_not_sent_in_clear_text_over_a_network() -> None:
    with pytest.raises(UsageError, match="clear text"):
        Connection(url="http://es.example:9200", api_key=Secret(CANARY))


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.8.8", "[::1]"])
def test_credentials_are_sent_in_clear_text_to_this_machine(host: str) -> None:
    assert Connection(url=f"http://{host}:9200", api_key=Secret(CANARY)).sends_credentials


def test_a_user_name_without_a_password_is_refused() -> None:
    with pytest.raises(ConfigError) as caught:
        Connection(url="https://es:9200", username="me")
    assert caught.value.where == "elasticsearch.username"


@pytest.mark.parametrize("fingerprint", ["AB:CD", "zz" * 32, "ab" * 20])
def test_what_is_no_sha256_fingerprint_is_refused(fingerprint: str) -> None:
    with pytest.raises(ConfigError, match="SHA-256"):
        Connection(url="https://es:9200", ca_fingerprint=fingerprint)


def test_a_fingerprint_may_be_written_with_colons() -> None:
    assert Connection(url="https://es:9200", ca_fingerprint=FINGERPRINT).fingerprint == "ab" * 32


def test_a_ca_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        Connection(url="https://es:9200", ca_file=str(tmp_path / "ca.crt"))
    assert caught.value.where == f"elasticsearch.ca_file: {tmp_path / 'ca.crt'}"


def test_a_ca_file_without_a_certificate_is_named(tmp_path: Path) -> None:
    (tmp_path / "ca.crt").write_text("no certificate")
    sink = ElasticsearchSink(Connection(url="https://localhost:1", ca_file=str(tmp_path / "ca.crt")))
    with pytest.raises(ConfigError, match="holds no PEM certificate"):
        sink.check()


def test_a_secret_is_read_from_its_file_without_the_line_feed(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(f"{CANARY}\n")
    connection = Connection.to("https://es:9200", Elasticsearch(api_key_file=str(tmp_path / "key")))
    assert connection.api_key is not None
    assert connection.api_key.reveal() == CANARY


def test_a_secret_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        Connection.to("https://es:9200", Elasticsearch(password_file=str(tmp_path / "nothing")))
    assert "elasticsearch.password_file" in str(caught.value.where)


def test_a_secret_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="is not text"):
        Connection.to("https://es:9200", Elasticsearch(api_key_file=str(tmp_path / "key")))


def test_a_secret_shows_itself_nowhere() -> None:
    secret = Secret(CANARY)
    connection = Connection(url="https://es:9200", api_key=secret, username="me", password=secret)
    shown = [
        repr(secret),
        str(secret),
        f"{secret}",
        repr(connection),
        str(connection),
        repr(ElasticsearchSink(connection)),
    ]
    assert not [text for text in shown if CANARY in text]


def test_a_secret_is_neither_encoded_nor_pickled() -> None:
    connection = Connection(url="https://es:9200", api_key=Secret(CANARY))
    with pytest.raises(TypeError):
        msgspec.json.encode(connection)
    with pytest.raises(TypeError):
        json.dumps(connection.api_key)
    with pytest.raises(TypeError):
        pickle.dumps(connection)


def test_a_secret_is_in_no_error_and_no_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    secret = Secret(CANARY)
    for connection in (
        Connection(url="http://localhost:1", api_key=secret),
        Connection(url="https://localhost:1", username="me", password=secret),
        Connection(url="https://localhost:1", api_key=secret, ca_fingerprint=FINGERPRINT),
    ):
        with pytest.raises(ShipperError) as caught:
            ElasticsearchSink(connection).check("logs-a-b")
        shown = "".join(traceback.format_exception(caught.value)) + f"{caught.value} {caught.value.hint}"
        assert "cannot be reached: connection refused" in shown.lower()
        assert CANARY not in shown
    assert CANARY not in caplog.text


@pytest.mark.parametrize("url", ["https://elastic:pa#ss@h:9", "https://elastic:pa/ss@h:9", "htps://elastic:pa?ss@h"])
def test_a_password_in_a_url_is_not_repeated_whatever_stands_in_it(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        Connection(url=url)
    assert "pa" not in str(caught.value)
    assert "ss@" not in str(caught.value)


@pytest.mark.parametrize("url", ["http://[::1", "http://exa mple:9", "http://h\n:9", "https://", "h:9200"])
def test_what_is_no_url_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="no URL"):
        Connection(url=url)


@pytest.mark.parametrize("key", ["canary\x00", "canary\u20ac", "canary canary"])
def test_an_api_key_that_no_header_takes_is_refused_unseen(key: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Connection.to("https://h:9", Elasticsearch(api_key=key))
    assert "canary" not in str(caught.value) + caught.value.hint


def test_the_line_end_behind_an_api_key_is_not_part_of_it() -> None:
    connection = Connection.to("https://h:9", Elasticsearch(api_key="key\n"))
    assert connection.api_key is not None
    assert connection.api_key.reveal() == "key"


def test_an_empty_key_file_is_no_key(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.touch()
    with pytest.raises(ConfigError, match="empty"):
        Connection.to("https://h:9", Elasticsearch(api_key_file=str(path)))


def test_a_file_that_is_too_long_for_a_secret_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text("a" * 100_000)
    with pytest.raises(ConfigError, match="too long for a secret"):
        Connection.to("https://h:9", Elasticsearch(api_key_file=str(path)))
