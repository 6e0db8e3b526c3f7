"""Bad flags, bad keys, bad variables: each is told with its name, a near one, and exit code 2; secrets are not."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Tell = Callable[..., Any]

CANARY = "canary-7f3a"


@pytest.mark.parametrize(
    ("words", "said", "advice"),
    [
        (["shp"], "no such command: shp", "did you mean ship?"),
        (["--jsn"], "no such command: --jsn", "known: ship"),
        (["ship\x1b[31m"], "no such command: ship\\x1b[31m", "did you mean ship?"),
        (["ship"], "nothing to read", "name a file"),
        (["ship", "x", "--wrokers=2"], "unknown option: --wrokers", "did you mean --workers"),
        (["ship", "x", "--\x1b[31m"], "unknown option: --\\x1b[31m", "--workers"),
        (["ship", "x", "-j"], "unknown option: -j", "--json"),
        (["ship", "x", "--workers"], "--workers", "shipper ship --help"),
        (["ship", "x", "--workers", "two"], "--workers", "shipper ship --help"),
        (["ship", "x", "--workers", "-1"], "ship.workers", "configuration"),
        (["ship", "x", "--workers", "100000"], "ship.workers", "configuration"),
        (["ship", "x", "--json=3"], "--json", "shipper ship --help"),
        (["ship", "x", "--others", "keep"], "--others", "shipper ship --help"),
        (["ship", "x", "--language", "de"], "--language", "shipper ship --help"),
        (["ship", "x", "--namespace", "Up-Case"], "ship.namespace", "configuration"),
        (["ship", "x", "--channels", ","], "--channels", "connector"),
        (["ship", "x", "--config", "absent.toml"], "absent.toml: cannot be read", "--config"),
        (["ship", "x", "--config", "/"], "/: cannot be read", "--config"),
        (["ship", "x", "--to", ""], "no such sink", "ndjson:PATH"),
        (["ship", "x", "--to", "kafka:topic"], "no such sink: kafka:topic", "ndjson:PATH"),
        (["ship", "x", "--to", "http://"], "http://", "https://HOST:9200"),
        (["ship", "x", "--to", "http://host:abc"], "http://host:abc", "https://HOST:9200"),
        (["ship", "x", "--to", "http://host:99999"], "http://host:99999", "https://HOST:9200"),
        (["ship", "x", "--to", "http://localhost:9200", "--others", "pass"], "ship.others", "drop"),
        (["ship", "x", "--to", "http://h", "--ca-file", "absent.pem"], "ca_file: absent.pem", "SHIPPER_CA_FILE"),
        (["ship", "x", "--to", "http://h", "--ca-fingerprint", "ab"], "ca_fingerprint", "64 hex digits"),
        (["ship", "x", "--to", "http://h", "--username", "me"], "needs a password", "SHIPPER_PASSWORD"),
        (["ship", "x", "--to", "http://h", "--api-key-file", "absent"], "api_key_file: absent", "SHIPPER_API_KEY_FILE"),
        (["setup"], "no URL of an Elasticsearch", "https://HOST:9200"),
        (["setup", "--to", "ndjson:x"], "no URL of an Elasticsearch", "https://HOST:9200"),
        (["setup", "extra"], "extra", "--"),
        (["explain"], "WORD", "shipper explain --help"),
        (["explain", "20102", "--lang", "de"], "--lang", "shipper explain --help"),
        (["demo", "--seed", "x"], "--seed", "shipper demo --help"),
    ],
    ids=" ".join,
)
def test_a_bad_word_is_told_with_what_would_fit(tell: Tell, words: list[str], said: str, advice: str) -> None:
    told = tell(*words)

    assert told.code == 2
    assert said in told.err
    assert advice in told.err.partition("  try: ")[2]
    assert told.out == ""


@pytest.mark.parametrize(
    ("text", "where", "advice"),
    [
        ("[ship]\nwrokers = 2", "ship.wrokers: unknown key", "did you mean workers"),
        ("[ship]\nca_file = 'x'", "ship.ca_file: unknown key", "[elasticsearch]"),
        ("[shp]\nworkers = 2", "shp: unknown section", "known: ship"),
        ("workers = 2", "workers: unknown section", "known: ship"),
        ("ship = 3", "ship: is no section", "[ship]"),
        ("[ship]\nworkers = 'two'", "ship.workers: expected `int`", "configuration.md"),
        ("[ship]\nworkers = 2026-11-24", "ship.workers: expected `int`", "configuration.md"),
        ("[ship]\ninputs = 'x.evtx'", "ship.inputs: expected `array`", "configuration.md"),
        ("[ship]\nlabels = {site = 1}", "ship.labels", "configuration.md"),
        ("[ship]\n'\x1b[31m' = 1", "", "configuration.md"),
        ('[ship]\n"\\u001b[31m" = 1', "ship.\\x1b[31m: unknown key", "configuration.md"),
        ("[ship", "is not TOML", "configuration.md"),
        ("[ship]\nworkers = " + "1" * 5000, "is not TOML", "configuration.md"),
        ("[ship]\ninputs = " + "[" * 20_000, "is not TOML", "configuration.md"),
    ],
)
def test_a_bad_key_of_the_file_is_told_with_its_path(
    tmp_path: Path, tell: Tell, text: str, where: str, advice: str
) -> None:
    path = tmp_path / "shipper.toml"
    path.write_text(text)

    told = tell("ship", "x", "--config", path)

    assert told.code == 2
    assert f"{path}: {where}" in told.err
    assert advice in told.err.partition("  try: ")[2]


@pytest.mark.parametrize(
    ("name", "value", "where"),
    [
        ("SHIPPER_WROKERS", "2", "SHIPPER_WROKERS"),
        ("SHIPPER_WORKERS", "two", "ship.workers"),
        ("SHIPPER_WORKERS", "9" * 30, "ship.workers"),
        ("SHIPPER_IN_FLIGHT", "0", "elasticsearch.in_flight"),
        ("SHIPPER_IN_FLIGHT", "1000000", "elasticsearch.in_flight"),
        ("SHIPPER_BATCH_BYTES", "1e400", "elasticsearch.batch_bytes"),
        ("SHIPPER_BATCH_AGE_S", "-1", "elasticsearch.batch_age_s"),
        ("SHIPPER_REQUEST_TIMEOUT_S", "inf", "elasticsearch.request_timeout_s"),
        ("SHIPPER_REQUEST_TIMEOUT_S", "nan", "elasticsearch.request_timeout_s"),
        ("SHIPPER_GIVE_UP_AFTER_S", "-1", "elasticsearch.give_up_after_s"),
        ("SHIPPER_BACKFILL_AFTER_H", "1e300", "ship.backfill_after_h"),
        ("SHIPPER_ALLOW_FOREIGN_MAPPING", "maybe", "elasticsearch.allow_foreign_mapping"),
        ("SHIPPER_OTHERS", "keep", "ship.others"),
        ("SHIPPER_LABELS", "north", "ship.labels"),
        ("SHIPPER_CONFIG", "absent.toml", "absent.toml"),
        ("SHIPPER_INPUTS", ",", "ship.inputs"),
    ],
)
def test_a_bad_variable_is_told_with_its_key(
    tell: Tell, monkeypatch: pytest.MonkeyPatch, name: str, value: str, where: str
) -> None:
    monkeypatch.setenv(name, value)

    told = tell("ship", *(["x"] if name != "SHIPPER_INPUTS" else []), "--to", "http://127.0.0.1:9")

    assert told.code == 2
    assert where in told.err
    assert "  try: " in told.err


@pytest.mark.parametrize("variable", ["SHIPPER_API_KEY", "SHIPPER_PASSWORD"])
def test_credentials_are_not_sent_in_clear_text_over_a_network(
    tell: Tell, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, CANARY)

    for words in (["ship", "x", "--to", "http://es.example:9200"], ["setup", "--to", "http://10.0.0.1:9200"]):
        told = tell(*words)
        assert told.code == 2
        assert "clear text" in told.err
        assert "https://" in told.err
        assert CANARY not in told.err


@pytest.mark.parametrize(
    "words",
    [
        ["ship", "absent.evtx"],
        ["ship", "x", "--wrokers", "2"],
        ["ship", "x", "--to", "kafka:x"],
        ["ship", "x", "--to", "https://es.example:9200", "--ca-file", "absent"],
        ["ship", "x", "--to", "http://es.example:9200"],
        ["ship", "LOG", "--to", "http://127.0.0.1:9"],
        ["ship", "LOG", "--to", "http://127.0.0.1:9", "--json"],
        ["ship", "LOG", "--to", "https://127.0.0.1:9", "--ca-fingerprint", "ab" * 32],
        ["setup", "--to", "http://127.0.0.1:9"],
        ["explain", "nonsense"],
    ],
    ids=" ".join,
)
def test_no_command_shows_a_secret(
    tell: Tell, connector_log: Callable[[int], Path], monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    monkeypatch.setenv("SHIPPER_API_KEY", f"{CANARY}-key")
    monkeypatch.setenv("SHIPPER_PASSWORD", f"{CANARY}-password")
    monkeypatch.setenv("SHIPPER_USERNAME", "elastic")
    words = [str(connector_log(1)) if word == "LOG" else word for word in words]

    told = tell(*words)

    assert CANARY not in told.err + told.out


@pytest.mark.parametrize("variable", ["SHIPPER_API_KEI", "SHIPPER_PASSWROD", "SHIPPER_SECRET"])
def test_a_misspelled_variable_is_told_without_its_value(
    tell: Tell, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, CANARY)

    told = tell("ship", "x")

    assert told.code == 2
    assert variable in told.err
    assert CANARY not in told.err


@pytest.mark.parametrize(
    "text",
    [
        f"[elasticsearch]\napi_key = '{CANARY}'\nin_flight = 'x'",
        f"[elasticsearch]\napi_key = ['{CANARY}']",
        f"[elasticsearch]\napi_kee = '{CANARY}'",
        f"[elasticsearch]\npassword = {CANARY}",
        f"[elasticsearch]\npassword = '{CANARY}",
        f"[ship]\npassword = '{CANARY}'",
        f"[ship]\nworkers = 1\n[elasticsearch]\npassword = '{CANARY}'\n[ship]",
    ],
)
@pytest.mark.parametrize("mode", [0o600, 0o644])
def test_a_bad_file_is_told_without_its_secrets(tmp_path: Path, tell: Tell, text: str, mode: int) -> None:
    path = tmp_path / "shipper.toml"
    path.write_text(text)
    path.chmod(mode)

    told = tell("ship", "x", "--config", path)

    assert told.code == 2
    assert str(path) in told.err
    assert CANARY not in told.err


@pytest.mark.parametrize(
    "url", ["https://elastic:{}@es:9200", "HTTPS://elastic:{}@es:9200", "htps://elastic:{}@es:9200"]
)
def test_a_password_in_a_url_is_refused_and_not_repeated(tell: Tell, url: str) -> None:
    for words in (["ship", "x"], ["setup"]):
        told = tell(*words, "--to", url.format(CANARY))
        assert told.code == 2
        assert CANARY not in told.err
        assert "  try: " in told.err


def test_a_folder_that_the_demo_cannot_make_is_told(tmp_path: Path, tell: Tell) -> None:
    (tmp_path / "file").write_text("x")

    told = tell("demo", "--no-elasticsearch", "--folder", tmp_path / "file")

    assert told.code == 3
    assert f"{tmp_path / 'file'}: cannot be made" in told.err
    assert "  try: " in told.err
