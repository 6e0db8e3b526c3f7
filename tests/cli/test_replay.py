import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from shipper.dead_letters import DeadLetter, DeadLetterFile, Rewriting, read
from shipper.durable import Lock
from shipper.model import INGESTED_PLACEHOLDER, Document, Outcome, Position
from shipper.state import StateFolder
from shipper.testing.connector.events import legacy_event
from shipper.testing.engine import Access
from shipper.testing.evtx_writer import write_log

Tell = Callable[..., Any]

HOST = "pki01.corp.example"
BEGIN = datetime.now(UTC) - timedelta(hours=2)
STREAM = "logs-intune_connector.events-{}"
KIND = "document_parsing_exception"


class Index:
    """A data stream of its own, whose template takes ``device.id`` for what it is told."""

    def __init__(self, url: str, namespace: str) -> None:
        self.url = url
        self.namespace = namespace
        self.stream = STREAM.format(namespace)
        self._access = Access(url)

    def take_device_for(self, kind: str) -> None:
        body = {
            "index_patterns": [self.stream],
            "data_stream": {},
            "priority": 900,
            "template": {"mappings": {"properties": {"device": {"properties": {"id": {"type": kind}}}}}},
        }
        self._ask("PUT", f"/_index_template/foreign-{self.namespace}", body)

    def roll_over(self) -> None:
        self._ask("POST", f"/{self.stream}/_rollover", None)

    def ids(self) -> list[str]:
        self._ask("POST", f"/{self.stream}/_refresh", None)
        body = {"size": 10_000, "_source": False, "query": {"match_all": {}}}
        return sorted(hit["_id"] for hit in self._ask("POST", f"/{self.stream}/_search", body)["hits"]["hits"])

    def _ask(self, method: str, path: str, body: Any) -> Any:
        status, answer = self._access.request(method, path, body)
        assert status == 200, answer
        return answer


@pytest.fixture
def index(elasticsearch_url: str, fresh_namespace: str) -> Index:
    """Return a data stream that refuses devices, because it takes their ids for numbers."""
    index = Index(elasticsearch_url, fresh_namespace)
    index.take_device_for("long")
    return index


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Return a log of 20 failures, 3 of them with a device."""
    path = tmp_path / "Admin.evtx"
    details = (("DeviceId", "00000000-0000-4000-8000-000000000001"), ("CAName", "CA01"))
    times = [BEGIN + timedelta(seconds=number) for number in range(20)]
    write_log(
        path,
        [
            legacy_event(HOST, 20102, time, details[number not in {4, 9, 17} :], code="0x00000400")
            for number, time in enumerate(times)
        ],
    )
    return path


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "shipper"


@pytest.fixture
def into(tell: Tell, index: Index, state: Path) -> Tell:
    """Return a function that runs a command with the data stream and the state folder."""

    def run(command: str, *words: object) -> Any:
        more = ("--namespace", index.namespace) if command == "ship" else ()
        return tell(
            command, *words, *more, "--to", index.url, "--state", state, "--allow-foreign-mapping", "--json"
        )  # fmt: skip

    return run


def left(state: Path) -> list[str]:
    found = read(state / "dead-letters.ndjson")
    return [letter.id for letter in found if isinstance(letter, DeadLetter)]


@pytest.fixture
def letters(state: Path) -> DeadLetterFile:
    """Return five dead letters of two reasons, synthetic, for no data stream in particular."""
    file = DeadLetterFile(state)
    file.keep(made(5, "logs-x"))
    return file


def made(count: int, data_stream: str) -> list[tuple[Document, Outcome]]:
    """Make refused documents; synthetic."""
    made = []
    for number in range(count):
        event = {"ingested": INGESTED_PLACEHOLDER, "code": "20102"}
        body = json.dumps({"event": event, "@timestamp": "2026-11-24T09:30:00Z", "number": number}).encode()
        at = body.index(INGESTED_PLACEHOLDER.encode())
        document = Document(f"synthetic-{number:05}", data_stream, body, at, Position("synthetic.evtx", number))
        kind = KIND if number % 2 else "strict_\x1b[2Jmapping"
        made.append((document, Outcome("rejected", kind, f"no \u202e{number}", 1)))
    return made


def test_after_the_mapping_is_mended_the_refused_arrive_once(into: Tell, index: Index, log: Path, state: Path) -> None:
    shipped = into("ship", log)
    assert (shipped.code, shipped.account["shipped"], shipped.account["dead"]) == (1, 17, 3)
    refused = left(state)

    again = into("replay")
    assert (again.code, again.account["refused"]) == (1, 3)
    assert left(state) == refused

    index.take_device_for("keyword")
    index.roll_over()
    mended = into("replay")
    assert (mended.code, mended.account["indexed"]) == (0, 3)
    assert left(state) == []
    found = index.ids()
    assert len(found) == len(set(found)) == 20
    assert set(refused) <= set(found)

    nothing = into("replay")
    assert (nothing.code, nothing.account["letters"]) == (0, 0)
    assert index.ids() == found


def test_each_attempt_is_counted(into: Tell, index: Index, log: Path, state: Path) -> None:
    into("ship", log)
    before = next(read(state / "dead-letters.ndjson"))
    for _ in range(2):
        into("replay")
    after = next(read(state / "dead-letters.ndjson"))
    assert isinstance(before, DeadLetter)
    assert isinstance(after, DeadLetter)
    assert (after.attempts, after.time) == (before.attempts + 2, before.time)
    assert index.ids() != []


def test_letters_that_were_delivered_before_a_crash_are_not_doubled_even_after_a_rollover(
    into: Tell, index: Index, log: Path, state: Path
) -> None:
    """Stands for a kill -9 between the delivery and the new file: the old file is put back."""
    into("ship", log)
    file = state / "dead-letters.ndjson"
    before = file.read_bytes()
    index.take_device_for("keyword")
    index.roll_over()
    into("replay")
    file.write_bytes(before)
    index.roll_over()

    again = into("replay")

    assert (again.code, again.account["duplicates"], again.account["indexed"]) == (0, 3, 0)
    found = index.ids()
    assert len(found) == len(set(found)) == 20


def test_a_letter_that_is_there_twice_arrives_once(into: Tell, index: Index, state: Path) -> None:
    for _ in range(2):
        DeadLetterFile(state).keep(made(3, index.stream))
    told = into("replay")
    assert (told.code, told.account["indexed"], told.account["duplicates"]) == (0, 3, 3)
    assert left(state) == []
    assert len(index.ids()) == 3


def test_full_dead_letters_stop_the_shipper_and_after_a_replay_it_goes_on(
    into: Tell, index: Index, tmp_path: Path, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHIPPER_DEAD_LETTERS_MAX_MB", "1")
    monkeypatch.setenv("SHIPPER_BATCH_DOCS", "50")
    details = (("DeviceId", "00000000-0000-4000-8000-000000000001"), ("CAName", "CA01"))
    times = [BEGIN + timedelta(seconds=number) for number in range(600)]
    log = tmp_path / "Many.evtx"
    write_log(log, [legacy_event(HOST, 20102, time, details, code="0x00000400") for time in times])

    stopped = into("ship", log)

    assert stopped.code == 3
    assert "the dead letters are full" in stopped.err
    assert "nothing was thrown away" in stopped.err
    kept = left(state)
    assert 0 < len(kept) < 600
    assert (state / "dead-letters.ndjson").stat().st_size <= 1 << 20
    assert into("ship", log).code == 3
    assert left(state) == kept

    index.take_device_for("keyword")
    index.roll_over()
    assert into("replay").code == 0
    assert into("ship", log).code == 0
    assert len(index.ids()) == 600


@pytest.mark.chaos
def test_a_replay_that_is_killed_at_any_moment_loses_and_doubles_nothing(
    index: Index, state: Path, long_form: bool
) -> None:
    count, kills = (5000, 40) if long_form else (1000, 5)
    DeadLetterFile(state).keep(made(count, index.stream))
    words = [sys.executable, "-m", "shipper", "replay", "--to", index.url, "--state", str(state)]
    environment = os.environ | {"SHIPPER_BATCH_DOCS": "5", "SHIPPER_ALLOW_FOREIGN_MAPPING": "true"}
    chance = random.Random(7)  # noqa: S311 (moments, not secrets)
    lock = Lock(state / "replay.lock")
    killed = 0
    for _ in range(kills):
        process = subprocess.Popen(  # noqa: S603 (this Python)
            words, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        while lock.holder() is None and process.poll() is None:
            time.sleep(0.01)
        time.sleep(chance.uniform(0, 0.8))
        process.kill()
        killed += process.wait() == -signal.SIGKILL
        assert len(left(state)) in {0, count}

    subprocess.run(words, env=environment, check=True, capture_output=True)  # noqa: S603 (this Python)

    assert killed >= kills // 2
    assert left(state) == []
    assert index.ids() == [f"synthetic-{number:05}" for number in range(count)]


def test_the_first_signal_lets_it_end_well(index: Index, state: Path) -> None:
    DeadLetterFile(state).keep(made(3000, index.stream))
    words = [sys.executable, "-m", "shipper", "replay", "--to", index.url, "--state", str(state), "--json"]
    environment = os.environ | {"SHIPPER_BATCH_DOCS": "5", "SHIPPER_ALLOW_FOREIGN_MAPPING": "true"}
    with subprocess.Popen(words, env=environment, stderr=subprocess.PIPE, text=True) as process:  # noqa: S603 (this Python)
        deadline = time.monotonic() + 60
        while not _has_documents(index) and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=60)
    account = json.loads(said.splitlines()[-1])
    assert process.returncode == (1 if account["not_sent"] else 0)
    assert account["indexed"] > 0
    assert account["indexed"] + account["not_sent"] == 3000
    assert len(left(state)) == account["not_sent"]
    assert len(index.ids()) == account["indexed"]


def _has_documents(index: Index) -> bool:
    status, answer = Access(index.url).request("GET", f"/{index.stream}/_stats/indexing")
    return status == 200 and bool(answer["indices"]) and answer["_all"]["total"]["indexing"]["index_total"] > 0


def test_an_elasticsearch_that_is_away_costs_no_letter(tell: Tell, letters: DeadLetterFile, state: Path) -> None:
    before = letters.path.read_bytes()
    told = tell("replay", "--to", "http://127.0.0.1:9", "--state", state)
    assert told.code == 3
    assert "http://127.0.0.1:9: cannot be reached" in told.err
    assert "5 not sent" in told.err
    assert letters.path.read_bytes() == before


def test_letters_can_be_taken_out_into_a_file(tell: Tell, letters: DeadLetterFile, state: Path, tmp_path: Path) -> None:
    told = tell("replay", "--to", f"ndjson:{tmp_path / 'out.ndjson'}", "--state", state)
    assert told.code == 0
    assert [json.loads(line)["number"] for line in (tmp_path / "out.ndjson").read_text().splitlines()] == [*range(5)]
    assert letters.path.read_bytes() == b""


def test_a_file_that_cannot_be_written_costs_no_letter(tell: Tell, letters: DeadLetterFile, state: Path) -> None:
    before = letters.path.read_bytes()
    assert tell("replay", "--to", "ndjson:/nowhere/out.ndjson", "--state", state).code == 3
    assert letters.path.read_bytes() == before


def test_standard_output_takes_documents_alone(tell: Tell, letters: DeadLetterFile, state: Path) -> None:
    told = tell("replay", "--to", "-", "--state", state, "--limit", 2)
    assert told.code == 1
    assert [json.loads(line)["number"] for line in told.out.splitlines()] == [0, 1]
    assert "2 delivered, 3 not sent" in told.err
    assert len(left(letters.path.parent)) == 3


def test_a_shipper_that_has_the_state_folder_is_no_obstacle(tell: Tell, letters: DeadLetterFile, state: Path) -> None:
    with StateFolder(state):
        assert tell("replay", "--to", "-", "--state", state).code == 0
    assert left(letters.path.parent) == []


def test_a_reason_chooses(tell: Tell, letters: DeadLetterFile, state: Path) -> None:
    told = tell("replay", "--to", "-", "--state", state, "--reason", KIND)
    assert told.code == 0
    assert [json.loads(line)["number"] for line in told.out.splitlines()] == [1, 3]
    assert "2 delivered, 3 of other reasons" in told.err
    assert len(left(letters.path.parent)) == 3


def test_a_dry_run_shows_the_reasons_and_sends_nothing(tell: Tell, letters: DeadLetterFile, state: Path) -> None:
    before = letters.path.read_bytes()
    with Rewriting(state):  # a replay that is under way is no obstacle
        told = tell("replay", "--dry-run", "--state", state)
    assert told.code == 0
    rows = [line.split() for line in told.err.splitlines()]
    assert [r"strict_\x1b[2Jmapping", "3", "0", "3"] in rows
    assert [KIND, "2", "0", "2"] in rows
    assert "5 would be sent" in told.err
    assert letters.path.read_bytes() == before


def test_nothing_there_is_no_fault(tell: Tell, tmp_path: Path) -> None:
    told = tell("replay", "--to", "-", "--state", tmp_path / "none")
    assert (told.code, told.out) == (0, "")
    assert f"no dead letters in {tmp_path / 'none'}" in told.err
    assert not (tmp_path / "none").exists()


def test_the_account_is_the_last_line(tell: Tell, letters: DeadLetterFile, state: Path) -> None:
    with letters.path.open("ab") as file:
        file.write(b"no letter \x1b[2J\n")
    told = tell("replay", "--to", "-", "--state", state, "--json")
    assert told.code == 1
    account = told.account
    assert account["letters"] == account["indexed"] == 5
    assert account["no_letters"] == 1
    assert account["by_error_type"][KIND] == {"letters": 2, "final": 2, "kept": 0, "reason": ""}
    problem = json.loads(told.err.splitlines()[0])["problem"]
    assert problem["position"]["record"] == 6
    assert left(state) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "--to: where to?"),
        (("--to", "-", "--limit", "-1"), "--limit: must be 1 or more"),
        (("--to", "gopher://x"), "no such sink"),
    ],
)
def test_what_makes_no_sense_is_refused(
    tell: Tell, letters: DeadLetterFile, state: Path, words: tuple[str, ...], said: str
) -> None:
    told = tell("replay", "--state", state, *words)
    assert told.code == 2
    assert said in told.err
    assert len(left(letters.path.parent)) == 5


@contextmanager
def files_of_1000_bytes() -> Iterator[None]:
    """Let no file grow beyond 1,000 bytes; what a full disk does, for everybody, the report of this test included."""
    limits, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)


def test_a_disk_too_full_for_the_rest_leaves_every_letter(tell: Tell, index: Index, state: Path) -> None:
    DeadLetterFile(state).keep(made(20, index.stream))
    with files_of_1000_bytes():
        told = tell("replay", "--to", index.url, "--state", state, "--allow-foreign-mapping", "--limit", 1)
    assert told.code == 3
    assert "the rest of the dead letters cannot be written: File too large" in told.err
    assert len(left(state)) == 20
    assert index.ids() == ["synthetic-00000"]
