import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from shipper.cli import main
from shipper.testing.evtx_writer import flip_bit

Log = Callable[[int], Path]


def account(err: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(err.splitlines()[-1])
    return loaded


def documents(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_a_log_becomes_explained_documents_on_standard_output(
    connector_log: Log, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["ship", str(connector_log(3)), "--json"]) == 0

    out, err = capfd.readouterr()
    found = documents(out)
    assert [document["event"]["code"] for document in found] == ["20102"] * 3
    assert found[0]["intune_connector"]["diagnostic"]["name"] == "PKCS_Issue_CA_Unavailable"
    assert account(err)["shipped"] == 3


def test_the_account_adds_up_and_has_the_documented_keys(connector_log: Log, capfd: pytest.CaptureFixture[str]) -> None:
    main(["ship", str(connector_log(5)), "--json"])

    counts = account(capfd.readouterr().err)

    assert (
        " ".join(counts)
        == "read shipped duplicates redirected dead filtered skipped unreadable uncounted missed retried "
        "unknown_events unknown_codes seconds alerts alerts_waiting alerts_refused"
    )
    assert counts["read"] == sum(counts[key] for key in ("shipped", "duplicates", "redirected", "dead", "filtered"))


def test_without_json_a_sentence_is_said_on_standard_error(
    connector_log: Log, capfd: pytest.CaptureFixture[str]
) -> None:
    main(["ship", str(connector_log(2))])
    assert "2 shipped" in capfd.readouterr().err


def test_two_workers_ship_the_same_documents_in_the_same_order(connector_log: Log, tmp_path: Path) -> None:
    log, one, two = connector_log(20_000), tmp_path / "one.ndjson", tmp_path / "two.ndjson"

    assert main(["ship", str(log), "--to", f"ndjson:{one}"]) == 0
    assert main(["ship", str(log), "--to", f"ndjson:{two}", "--workers", "2"]) == 0

    ids = [[document["event"]["id"] for document in documents(path.read_text())] for path in (one, two)]
    assert len(ids[0]) == 20_000
    assert ids[0] == ids[1]


def test_a_configuration_file_says_what_to_ship(
    connector_log: Log, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "shipper.toml"
    path.write_text(f"[ship]\ninputs = ['{connector_log(1)}']\nnamespace = 'lab'\ntags = ['a']\n")

    assert main(["ship", "--config", str(path), "--json"]) == 0

    (document,) = documents(capfd.readouterr().out)
    assert document["data_stream"]["namespace"] == "lab"
    assert "a" in document["tags"]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["ship"], 2, "nothing to read"),
        (["ship", "absent.evtx"], 3, "absent.evtx"),
        (["ship", "x.evtx", "--to", "kafak:x"], 2, "kafak:x"),
        (["ship", "x.evtx", "--workers", "two"], 2, "--workers"),
        (["ship", "x.evtx", "--namespace", "Bad-Name"], 2, "ship.namespace"),
        (["ship", "x.evtx", "--config", "absent.toml"], 2, "absent.toml"),
    ],
)
def test_bad_usage_says_what_is_wrong_where_and_what_to_try(
    words: list[str], code: int, said: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == code
    err = capfd.readouterr().err
    assert said in err
    assert "try: " in err
    assert "Traceback" not in err


def test_nobody_listens_is_said_with_the_url_and_nothing_is_lost(
    connector_log: Log, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHIPPER_GIVE_UP_AFTER_S", "0.2")

    assert main(["ship", str(connector_log(1)), "--to", "http://127.0.0.1:9", "--json"]) == 3

    err = capfd.readouterr().err
    assert "127.0.0.1:9" in err
    assert "try: " in err


def test_a_damaged_log_ships_the_rest_and_ends_with_one(
    connector_log: Log, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    damaged = tmp_path / "damaged.evtx"
    damaged.write_bytes(flip_bit(connector_log(9).read_bytes(), 4))

    assert main(["ship", str(damaged), "--json"]) == 1

    out, err = capfd.readouterr()
    assert account(err)["unreadable"] == 1
    assert len(documents(out)) == 8
    assert "damaged.evtx" in err


def started(words: list[str], **options: Any) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-m", "shipper", *words], **options)  # noqa: S603 (our own words)


def test_the_first_sigterm_delivers_what_was_read_and_ends_with_zero() -> None:
    process = started(["ship", "-", "--json"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdin is not None
    time.sleep(1)
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=20)

    assert process.returncode == 0, err
    assert account(err.decode().strip())["read"] == 0


def test_a_reader_that_goes_away_is_no_traceback(connector_log: Log) -> None:
    process = started(["ship", str(connector_log(5000))], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    said = process.stderr.read()
    process.wait(20)
    process.stderr.close()

    assert b"Traceback" not in said
    assert b"BrokenPipe" not in said


def test_the_workers_of_a_killed_shipper_end_too(connector_log: Log, tmp_path: Path) -> None:
    process = started(
        ["ship", str(connector_log(60_000)), "--to", f"ndjson:{tmp_path / 'x'}", "--workers", "2"],
        stderr=subprocess.DEVNULL,
    )
    children = wait_for_children(process.pid)
    process.kill()
    process.wait(20)

    deadline = time.monotonic() + 10
    while any(map(is_alive, children)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert children
    assert not any(map(is_alive, children))


def wait_for_children(pid: int) -> list[int]:
    deadline = time.monotonic() + 10
    children: list[int] = []
    while len(children) < 2 and time.monotonic() < deadline:
        listing = Path(f"/proc/{pid}/task/{pid}/children")
        children = [int(word) for word in listing.read_text().split()] if listing.exists() else []
        time.sleep(0.01)
    return children


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (ProcessLookupError, FileNotFoundError):
        return False
