"""Real documents that a real Elasticsearch refuses, and accounts of mixed runs that must add up."""

import base64
import json
import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from shipper.testing.connector import Dice
from shipper.testing.connector.events import legacy_event
from shipper.testing.engine import Access
from shipper.testing.evtx_writer import EventSpec, flip_bit, write_log
from shipper.testing.foreign import application

Tell = Callable[..., Any]

HOST = "pki01.corp.example"
BEGIN = datetime.now(UTC) - timedelta(hours=2)
STREAM = "logs-intune_connector.events-{}"
FINAL = ("shipped", "duplicates", "redirected", "dead", "filtered")


def failure(number: int, *, device: bool) -> EventSpec:
    """Make a synthetic failure to issue, with a device in it or without."""
    details = (("DeviceId", f"00000000-0000-4000-8000-{number:012}"), ("CAName", "CA01"))
    return legacy_event(HOST, 20102, BEGIN + timedelta(seconds=number), details[not device :], code="0x00000400")


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """Return a log of 10 events, the first 6 with a device."""
    path = tmp_path / "mixed.evtx"
    write_log(path, [failure(number, device=number < 6) for number in range(10)])
    return path


@pytest.fixture
def refusing(elasticsearch_url: str, fresh_namespace: str) -> str:
    """Return a namespace in which a foreign template takes ``device.id`` for a number, so that devices are refused."""
    body = {
        "index_patterns": [STREAM.format(fresh_namespace)],
        "data_stream": {},
        "priority": 900,
        "template": {"mappings": {"properties": {"device": {"properties": {"id": {"type": "long"}}}}}},
    }
    status, answer = Access(elasticsearch_url).request("PUT", f"/_index_template/foreign-{fresh_namespace}", body)
    assert status == 200, answer
    return fresh_namespace


@pytest.fixture
def into(tell: Tell, elasticsearch_url: str, tmp_path: Path) -> Callable[..., Any]:
    """Return a function that ships files into a namespace whatever its mapping."""

    def run(namespace: str, *words: object) -> Any:
        told = tell(
            "ship", *words, "--json", "--to", elasticsearch_url, "--namespace", namespace, "--allow-foreign-mapping",
            "--state", tmp_path / "dead",
        )  # fmt: skip
        account = told.account
        assert account["read"] == sum(account[key] for key in FINAL)
        return told

    return run


def count(url: str, namespace: str) -> int:
    access = Access(url)
    access.request("POST", f"/{STREAM.format(namespace)}/_refresh")
    return int(access.request("GET", f"/{STREAM.format(namespace)}/_count")[1]["count"])


def test_refused_documents_are_kept_and_the_rest_is_delivered(
    into: Callable[..., Any], mixed: Path, refusing: str, elasticsearch_url: str
) -> None:
    told = into(refusing, mixed)

    assert told.code == 1
    assert (told.account["read"], told.account["shipped"], told.account["dead"]) == (10, 4, 6)
    assert count(elasticsearch_url, refusing) == 4


def test_a_second_run_ships_nothing_new(
    into: Callable[..., Any], mixed: Path, refusing: str, elasticsearch_url: str
) -> None:
    into(refusing, mixed)
    account = into(refusing, mixed).account

    assert (account["read"], account["shipped"], account["dead"]) == (0, 0, 0)  # the checkpoint is behind them
    assert count(elasticsearch_url, refusing) == 4


def test_a_dead_letter_holds_the_whole_document_its_place_and_the_reason(
    into: Callable[..., Any], tell: Tell, mixed: Path, refusing: str, tmp_path: Path
) -> None:
    into(refusing, mixed)
    letters = [json.loads(line) for line in (tmp_path / "dead" / "dead-letters.ndjson").read_text().splitlines()]
    sent = [json.loads(line) for line in tell("ship", mixed, "--namespace", refusing).out.splitlines()]

    assert len(letters) == 6
    for number, letter in enumerate(letters):
        assert letter["error_type"] == "document_parsing_exception"
        assert "device.id" in letter["reason"]
        assert letter["_id"] == sent[number]["event"]["id"]
        assert letter["data_stream"] == STREAM.format(refusing)
        assert (letter["position"]["source"], letter["position"]["record"]) == (str(mixed), number + 1)
        assert without_run(letter["document"]) == without_run(sent[number])


def without_run(document: dict[str, Any]) -> dict[str, Any]:
    """Take out what differs from run to run: the times of building and sending, and the run's own id."""
    document["event"].pop("created")
    document["event"].pop("ingested")
    document["agent"].pop("ephemeral_id")
    return document


def test_dead_letters_are_for_their_owner_alone(
    into: Callable[..., Any], mixed: Path, refusing: str, tmp_path: Path
) -> None:
    into(refusing, mixed)

    modes = [stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "dead", tmp_path / "dead/dead-letters.ndjson")]
    assert modes == [0o700, 0o600]


def test_dead_letters_that_cannot_be_kept_stop_the_run(
    tell: Tell, elasticsearch_url: str, mixed: Path, refusing: str, tmp_path: Path
) -> None:
    state = tmp_path / "state"
    (state / "dead-letters.ndjson").mkdir(parents=True)

    told = tell(
        "ship", mixed, "--to", elasticsearch_url, "--namespace", refusing, "--allow-foreign-mapping", "--state", state
    )

    assert told.code == 3
    assert f"{state}/dead-letters.ndjson: cannot be written" in told.err
    assert "check --state" in told.err


def test_a_refused_document_from_a_file_whose_name_is_no_utf_8_is_kept(
    into: Callable[..., Any], mixed: Path, refusing: str, tmp_path: Path
) -> None:
    renamed = mixed.with_name("mixed\udcff.evtx")
    mixed.rename(renamed)

    assert into(refusing, renamed).account["dead"] == 6

    (first, *_) = (tmp_path / "dead" / "dead-letters.ndjson").read_text().splitlines()
    assert json.loads(first)["position"]["source"].endswith("mixed\\udcff.evtx")


def test_a_mixed_run_adds_up(
    into: Callable[..., Any], mixed: Path, refusing: str, tmp_path: Path, elasticsearch_url: str
) -> None:
    """Two spellings of one log, its copy, a damaged one with foreign events in its chunk, and lines of two channels."""
    dice = Dice(7)
    ours = [failure(100 + number, device=False) for number in range(5)]
    foreign = [application(HOST, BEGIN, dice) for _ in range(3)]
    other = tmp_path / "other.evtx"
    write_log(other, [*ours, *foreign])
    damaged = tmp_path / "damaged.evtx"
    damaged.write_bytes(flip_bit(other.read_bytes(), 2))
    lines = tmp_path / "lines.ndjson"
    lines.write_text("".join(json.dumps(line("Security", n)) + "\n" for n in range(4)) + json.dumps(line(None, 9)))

    copy = tmp_path / "copy.evtx"
    copy.write_bytes(mixed.read_bytes())

    told = into(refusing, mixed, f"{mixed.parent}/./{mixed.name}", copy, damaged, lines)

    account = told.account
    assert told.code == 1
    assert (account["shipped"], account["duplicates"], account["dead"]) == (4 + 4 + 1, 4, 12)
    assert (account["filtered"], account["unreadable"]) == (3 + 4, 1)
    assert count(elasticsearch_url, refusing) == 9


def line(channel: str | None, record: int) -> dict[str, Any]:
    """Make an event as Winlogbeat writes it; synthetic."""
    source = channel or "Microsoft Intune Connector"
    return {
        "@timestamp": "2026-11-24T01:00:00.000Z",
        "winlog": {
            "channel": source,
            "provider_name": source,
            "event_id": "20102",
            "record_id": record,
            "computer_name": HOST,
        },
        "message": base64.b64encode(bytes(record)).decode(),
    }
