"""The proof of delivery, drawn from logs (synthetic) and the real Elasticsearch."""

import json
import os
import re
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from shipper.dead_letters import DeadLetterFile
from shipper.ecs import EcsSettings, build_notices
from shipper.model import Cursor, Document, Notice, Outcome, Position
from shipper.testing import foreign
from shipper.testing.connector import Dice
from shipper.testing.connector.events import legacy_event
from shipper.testing.engine import Access, Node
from shipper.testing.evtx_writer import EventSpec, GrowingLog, write_log

Tell = Callable[..., Any]

HOST = "pki01.corp.example"
CHANNEL = "Microsoft Intune Connector"
ADMIN = "Microsoft-Intune-CertificateConnectors/Admin"
BEGIN = datetime(2026, 11, 24, 9, tzinfo=UTC)
ALL = range(1, 11)


def failed(number: int, *, host: str = HOST, record_id: int | None = None) -> EventSpec:
    """Make a synthetic failure to issue, ``number`` seconds after the beginning."""
    details = (("DeviceId", f"00000000-0000-4000-8000-{number:012}"), ("CAName", "CA01"))
    time = BEGIN + timedelta(seconds=number)
    event = legacy_event(host, 20102, time, details, code="0x00000400", texts=("gone",))
    return replace(event, record_id=record_id)


def write(path: Path, numbers: Iterable[int]) -> Path:
    """Write a log of one computer whose events have these record ids; its records count from the first of them."""
    ids = list(numbers)
    write_log(path, [failed(number, record_id=number) for number in ids], first_record=ids[0])
    return path


class Stream:
    """A data stream of its own, with a state folder."""

    def __init__(self, tell: Tell, access: Access, namespace: str, state: Path) -> None:
        self.access = access
        self.namespace = namespace
        self.state = state
        self.name = f"logs-intune_connector.events-{namespace}"
        self._tell = tell
        self._place = ("--to", access.url, "--namespace", namespace, "--state", state)

    def ship(self, *words: object) -> Any:
        told = self._tell("ship", *words, *self._place, "--json")
        assert told.code in {0, 1}, told.err
        # What was indexed is waited for as long as a refresh takes at most: here not long.
        self.ask("PUT", f"/{self.name}/_settings", {"index.refresh_interval": "20ms"})
        return told

    def audit(self, *words: object) -> Any:
        return self._tell("audit", *words, *self._place)

    def found(self, *words: object) -> dict[str, Any]:
        told = self.audit(*words, "--json")
        found: dict[str, Any] = json.loads(told.out)
        assert found["complete"] is (told.code == 0)
        return found

    def documents(self) -> list[dict[str, Any]]:
        self.ask("POST", f"/{self.name}/_refresh")
        query = {"size": 10_000, "sort": ["@timestamp"]}
        hits: list[dict[str, Any]] = self.ask("POST", f"/{self.name}/_search", query)["hits"]["hits"]
        return hits

    def delete(self, *record_ids: int) -> None:
        for hit in self.documents():
            if hit["_source"]["event"].get("sequence") in record_ids:
                self.ask("DELETE", f"/{hit['_index']}/_doc/{hit['_id']}?refresh=true")

    def store(self, documents: Sequence[Document]) -> None:
        for document in documents:
            body = json.loads(document.stamped(b"2026-11-24T09:30:01.000Z"))
            self.ask("PUT", f"/{self.name}/_create/{document.id}?refresh=true", body)

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        status, answer = self.access.request(method, path, body)
        assert status in {HTTPStatus.OK, HTTPStatus.CREATED}, answer
        return answer


@pytest.fixture
def stream(tell: Tell, elasticsearch_url: str, fresh_namespace: str, tmp_path: Path) -> Stream:
    """Return a data stream that does not exist yet, on a server that has the templates."""
    assert tell("setup", "--to", elasticsearch_url, "--yes").code == 0
    return Stream(tell, Access(elasticsearch_url), fresh_namespace, tmp_path / "state")


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Return a log of ten events."""
    return write(tmp_path / "Connector.evtx", ALL)


def notice(first: int, last: int, *, log: str = "/logs/Connector.evtx", records: int | None = None) -> list[Document]:
    """Make what the shipper writes of records that it missed; synthetic."""
    behind = BEGIN + timedelta(seconds=last + 1)
    told = Notice(
        position=Position(log, last + 1),
        action="records-missed",
        first=first,
        last=last,
        records=last - first + 1 if records is None else records,
        time=behind.strftime("%Y-%m-%dT%H:%M:%S.000000Z"),
        time_s=int(behind.timestamp()),
        before=Cursor(log, first - 1, 1, 7),
    )
    return notices(told)


def notices(*told: Notice) -> list[Document]:
    return build_notices(told, HOST, EcsSettings(agent_name="shipper01"), int(BEGIN.timestamp()))


def row_of(out: str, computer: str) -> list[str]:
    """Return the numbers that stand below the name of a computer."""
    lines = out.splitlines()
    return lines[next(at for at, line in enumerate(lines) if line.startswith(computer)) + 1].split()


def test_what_arrived_once_is_proven(stream: Stream, log: Path) -> None:
    stream.ship(log)
    told = stream.audit(log)
    assert told.code == 0
    assert "Proven at 20" in told.out
    assert f": all 10 events of 1 computer in the inputs are in {stream.name} at {stream.access.url}" in told.out
    assert told.out.endswith(", each once, without a gap in the record ids.\n")
    assert row_of(told.out, HOST) == ["1", "to", "10", "10", "10", "0", "0", "0", "0", "0"]


def test_an_event_that_is_gone_from_elasticsearch_is_missing(stream: Stream, log: Path) -> None:
    stream.ship(log)
    stream.delete(4)
    told = stream.audit(log)
    assert told.code == 1
    assert "Not proven at " in told.out
    assert ": 1 missing (" in told.out
    assert f"{HOST}, {CHANNEL}, record id 4, 2026-11-24T09:00:04.000Z ({log}, chunk 0, record 4," in told.out
    (missing,) = stream.found(log)["missing"]
    assert (missing["record_id"], missing["time"]) == (4, "2026-11-24T09:00:04.000Z")


def test_a_log_that_was_not_shipped_is_missing_beside_one_that_was(stream: Stream, log: Path, tmp_path: Path) -> None:
    more = write(tmp_path / "More.evtx", range(11, 15))
    stream.ship(log)
    found = stream.found(log, more)
    assert [one["record_id"] for one in found["missing"]] == [11, 12, 13, 14]


def test_an_event_in_two_backing_indices_is_doubled(stream: Stream, log: Path) -> None:
    stream.ship(log)
    copy = stream.documents()[6]
    stream.ask("POST", f"/{stream.name}/_rollover")
    stream.ask("PUT", f"/{stream.name}/_create/{copy['_id']}?refresh=true", copy["_source"])
    told = stream.audit(log)
    assert told.code == 1
    assert ": 1 too many (duplicates) (" in told.out
    (double,) = stream.found(log)["duplicates"]
    assert double["record_id"] == 7
    assert [name[-6:] for name in double["indices"]] == ["000001", "000002"]


def test_dead_letters_are_accounted_for_with_their_reasons(stream: Stream, log: Path) -> None:
    stream.ship(log)
    hit = next(hit for hit in stream.documents() if hit["_source"]["event"]["sequence"] == 5)
    stream.delete(5)
    body = json.dumps(hit["_source"]).encode()
    letter = Document(hit["_id"], stream.name, body, -1, Position(str(log), 5))
    elsewhere = Document("other", stream.name + "x", body, -1, Position(str(log), 5))
    outcome = Outcome("rejected", "document_parsing_exception", "failed to parse\x1b[2J", 1)
    DeadLetterFile(stream.state).keep([(letter, outcome), (elsewhere, outcome)])
    told = stream.audit(log)
    assert told.code == 0
    assert "all 10 events of 1 computer in the inputs but 1, which are kept as dead letters, are in" in told.out
    assert r"1 document_parsing_exception: failed to parse\x1b[2J" in told.out
    assert stream.found(log)["balance"]["dead_letters"] == 1


def test_record_ids_that_nobody_has_are_gaps_and_may_be_accepted(stream: Stream, tmp_path: Path) -> None:
    log = write(tmp_path / "Forwarded.evtx", [1, 2, 5, 6, 9])
    stream.ship(log)
    told = stream.audit(log)
    assert told.code == 1
    assert ": 4 record ids that nobody has (gaps) (" in told.out
    assert f"{HOST}, {CHANNEL}: 4: 3 to 4, 7 to 8" in told.out
    accepted = stream.audit(log, "--accept-gaps")
    assert accepted.code == 0
    assert "4 record ids in gaps were accepted" in accepted.out


def test_events_of_other_channels_are_filtered_and_no_fault(stream: Stream, tmp_path: Path) -> None:
    log = tmp_path / "Mixed.evtx"
    others = [foreign.logon(HOST, BEGIN, Dice(number)) for number in range(5)]
    write_log(log, [failed(1, record_id=1), *others, failed(2, record_id=2)])
    stream.ship(log)
    told = stream.audit(log)
    assert told.code == 0
    assert "5 events of other channels or times left out." in told.out


def test_numbers_that_begin_again_are_no_gap(stream: Stream, tmp_path: Path) -> None:
    """The log was cleared after record 4713: another file, another run of numbers."""
    before = write(tmp_path / "Archive.evtx", [4711, 4712, 4713])
    after = tmp_path / "Connector.evtx"
    write_log(after, [failed(5000 + number, record_id=number) for number in (1, 2, 3)])
    stream.ship(before, after)
    told = stream.audit(before, after)
    assert told.code == 0
    assert "1 restart of record ids" in told.out
    assert stream.found(before, after)["balance"]["rows"][0]["numbers"]["restarts"] == 1


def test_a_damaged_record_is_no_proof(stream: Stream, log: Path) -> None:
    stream.ship(log)
    content = bytearray(log.read_bytes())
    begin = content.rindex(b"\x2a\x2a\0\0")
    content[begin + 24 : begin + 200] = b"\xff" * 176
    log.write_bytes(content)
    told = stream.audit(log)
    assert told.code == 1
    assert "1 unreadable (" in told.out
    assert f"{log}, chunk 0, record 10" in told.out


def test_fifty_computers_whose_events_are_interleaved_and_restart_are_proven_each(
    stream: Stream, tmp_path: Path
) -> None:
    """A forwarded log: each computer counts for itself, and begins again once; its first events come last."""
    log = tmp_path / "ForwardedEvents.evtx"
    hosts = [f"pki{number:02}.corp.example" for number in range(50)]
    rounds = [(turn, number) for turn in (0, 1) for number in range(1, 5)]
    events = [
        failed(turn * 1000 + number * 10, host=host, record_id=900 + number if turn == 0 else number)
        for turn, number in rounds
        for host in hosts
    ]
    write_log(log, events[50:] + events[:50])
    stream.ship(log)
    found = stream.found(log)
    assert found["verdict"].endswith("each once, without a gap in the record ids.")
    assert "all 400 events of 50 computers" in found["verdict"]
    assert [row["computer"] for row in found["balance"]["rows"]] == hosts
    assert {row["numbers"]["restarts"] for row in found["balance"]["rows"]} == {1}

    stream.delete(903)
    lost = stream.found(log)
    assert lost["balance"]["missing"] == 50
    assert all(row["missing"] == 1 for row in lost["balance"]["rows"])


def ship_around(stream: Stream, folder: Path, before: Iterable[int], after: Iterable[int]) -> Path:
    """Ship two parts of a log, of which the second alone is left; return it."""
    parts = [folder / name / "Connector.evtx" for name in ("before", "after")]
    for part, numbers in zip(parts, (before, after), strict=True):
        part.parent.mkdir()
        stream.ship(write(part, numbers))
    return parts[1]


def test_a_gap_that_the_shipper_reported_is_explained(stream: Stream, tmp_path: Path) -> None:
    log = ship_around(stream, tmp_path, range(1, 3), range(6, 8))
    stream.store(notice(3, 5))
    told = stream.audit(log)
    assert told.code == 0
    assert told.out.endswith(
        ", each once, without a gap in the record ids but those reported. The shipper itself reported: 3 records "
        "overwritten or removed unread (3 record ids that nobody has).\n"
    )
    assert "told by the shipper itself:" in told.out
    assert "records-missed: Records of the log /logs/Connector.evtx were overwritten or removed" in told.out
    assert row_of(told.out, HOST)[-3:] == ["0", "3", "0"]


def test_a_gap_beside_a_reported_one_is_no_proof(stream: Stream, tmp_path: Path) -> None:
    log = ship_around(stream, tmp_path, range(1, 3), range(7, 9))
    stream.store(notice(3, 5))
    found = stream.found(log)
    assert (found["balance"]["gaps"], found["balance"]["reported"]) == (1, 3)
    assert found["balance"]["rows"][0]["numbers"]["gaps"] == [{"first": 6, "last": 6}]
    (told,) = found["stream"]["notices"]
    assert (told["missed"], told["first_missed"], told["last_missed"]) == (3, 3, 5)


def test_a_report_of_another_log_explains_nothing(stream: Stream, tmp_path: Path) -> None:
    log = ship_around(stream, tmp_path, range(1, 3), range(6, 8))
    stream.store(notice(3, 5, log="/logs/Application.evtx"))
    found = stream.found(log)
    assert (found["complete"], found["balance"]["gaps"], found["stream"]["missed"]) == (False, 3, 3)


def test_what_a_log_lost_between_two_runs_is_explained_by_the_shipper_itself(stream: Stream, tmp_path: Path) -> None:
    """Nothing is invented here: the log is overwritten in place, and the next run says what it could not read."""
    path = tmp_path / "Connector.evtx"
    with GrowingLog(path, max_chunks=3, records_per_chunk=4) as growing:
        growing.append([failed(number) for number in range(1, 7)])
        stream.ship(path)
        growing.append([failed(number) for number in range(7, 31)])
        account = stream.ship(path).account
    lost = growing.on_disk.start - 7
    assert (account["missed"], lost > 8) == (lost, True)
    found = stream.found(path)
    assert (found["complete"], found["balance"]["reported"], found["balance"]["gaps"]) == (True, lost, 0)
    stream.delete(growing.on_disk.stop - 1)
    assert stream.found(path)["balance"]["missing"] == 1


def test_a_cleared_log_is_told(stream: Stream, tmp_path: Path) -> None:
    path = tmp_path / "Connector.evtx"
    with GrowingLog(path) as growing:
        growing.append([failed(number) for number in range(1, 7)])
        stream.ship(path)
        growing.clear()
        growing.append([failed(number) for number in range(100, 103)])
        stream.ship(path)
    told = stream.audit(path)
    assert told.code == 0
    assert told.out.endswith(" The shipper itself reported: 1 time a log cleared or replaced.\n")


def test_a_report_of_an_unknown_number_is_told(stream: Stream, log: Path) -> None:
    stream.ship(log)
    stream.store(notice(-1, 3, records=-1))
    told = stream.audit(log)
    assert told.code == 0
    assert told.out.endswith(" The shipper itself reported: 1 time an unknown number of them.\n")


def test_a_report_that_is_stored_twice_counts_once(stream: Stream, tmp_path: Path) -> None:
    log = ship_around(stream, tmp_path, range(1, 3), range(6, 8))
    stream.store(notice(3, 5))
    stream.ask("POST", f"/{stream.name}/_rollover")
    stream.store(notice(3, 5))
    found = stream.found(log)
    assert (found["complete"], found["stream"]["missed"], found["stream"]["notices_total"]) == (True, 3, 1)


def test_a_report_among_the_dead_letters_is_no_event(stream: Stream, log: Path) -> None:
    stream.ship(log)
    outcome = Outcome("rejected", "document_parsing_exception", "because", 1)
    (document,) = notice(3, 5)
    lost = replace(document, data_stream=stream.name)
    DeadLetterFile(stream.state).keep([(lost, outcome)])
    found = stream.found(log)
    assert len(found["balance"]["rows"]) == 1
    assert [reason["letters"] for reason in found["dead_letter_reasons"]] == [1]


def test_an_event_of_windows_that_tells_of_a_cleared_log_is_an_event(stream: Stream, tmp_path: Path) -> None:
    log = tmp_path / "System.evtx"
    cleared = EventSpec("Microsoft-Windows-Eventlog", 104, "System", HOST, BEGIN, (("Channel", CHANNEL),), record_id=77)
    write_log(log, [cleared, failed(1, record_id=1)])
    stream.ship(log, "--channels", "connector,System")
    (hit,) = [hit for hit in stream.documents() if hit["_source"]["event"]["sequence"] == 77]
    stream.delete(77)
    hit["_source"]["event"]["action"] = "log-cleared"  # whatever the catalog calls it
    stream.ask("PUT", f"/{stream.name}/_create/{hit['_id']}?refresh=true", hit["_source"])
    found = stream.found(log, "--channels", "connector,System")
    assert (found["complete"], found["balance"]["at_source"], found["stream"]["notices_total"]) == (True, 2, 0)


def test_a_data_stream_that_is_not_there_lacks_everything_and_is_named(stream: Stream, log: Path) -> None:
    told = stream.audit(log)
    assert told.code == 1
    assert f"There is no data stream {stream.name}." in told.out
    assert ": 10 missing (" in told.out


def test_a_data_stream_without_documents_lacks_everything(stream: Stream, log: Path) -> None:
    stream.ship(log)
    stream.delete(*ALL)
    found = stream.found(log)
    assert (found["data_stream_exists"], found["balance"]["missing"], found["stream"]["documents"]) == (True, 10, 0)


def test_inputs_without_an_event_prove_nothing(stream: Stream, log: Path) -> None:
    stream.ship(log)
    told = stream.audit(log, "--until", "2020-01-01T00:00:00Z")
    assert told.code == 1
    assert "Nothing was proven at " in told.out


def test_a_period_is_compared_on_both_sides(stream: Stream, log: Path) -> None:
    stream.ship(log)
    stream.delete(2, 9)
    whole = stream.found(log)
    assert whole["balance"]["missing"] == 2
    middle = stream.found(log, "--since", "2026-11-24T09:00:03Z", "--until", "2026-11-24T10:00:09+01:00")
    assert (middle["complete"], middle["balance"]["at_source"], middle["inputs"]["filtered"]) == (True, 6, 4)
    assert (middle["since"], middle["until"]) == ("2026-11-24T09:00:03.000Z", "2026-11-24T09:00:09.000Z")
    early = stream.found(log, "--until", "2026-11-24T09:00:02.5Z")
    assert [one["record_id"] for one in early["missing"]] == [2]


def test_what_is_older_than_the_inputs_is_no_fault(stream: Stream, log: Path, tmp_path: Path) -> None:
    """A circular log forgets; Elasticsearch does not."""
    stream.ship(log)
    newer = write(tmp_path / "Newer.evtx", [9, 10])
    told = stream.audit(newer)
    assert told.code == 0
    assert "8 events only in Elasticsearch (older than the inputs, or of other inputs)." in told.out


def test_names_from_events_and_files_are_harmless(stream: Stream, tmp_path: Path) -> None:
    log = tmp_path / "a\x1b[2J\udcff.evtx"
    write_log(log, [failed(1, host="evil\x1b]0;x\x07\u202e[red]:x:.example")])
    told = stream.audit(log)
    assert told.code == 1
    assert all(line.isprintable() for line in told.out.splitlines())
    assert r"evil\x1b]0;x\x07\u202e[red]:x:.example" in told.out
    machine = stream.audit(log, "--json")
    assert machine.out.isascii()
    assert "a\x1b[2J\\udcff.evtx" in json.loads(machine.out)["missing"][0]["position"]["source"]


def test_many_rows_and_events_are_cut_on_paper_and_whole_in_json(stream: Stream, tmp_path: Path) -> None:
    log = tmp_path / "ForwardedEvents.evtx"
    write_log(log, [failed(number, host=f"h{number:03}.example", record_id=1) for number in range(130)])
    told = stream.audit(log)
    assert "30 more rows; all of them with --json" in told.out
    assert "110 more; all of them with --json" in told.out
    found = stream.found(log)
    assert (len(found["balance"]["rows"]), len(found["missing"])) == (130, 130)


def test_a_file_of_lines_is_compared_like_a_log(stream: Stream, tmp_path: Path) -> None:
    path = tmp_path / "winlogbeat.ndjson"
    winlog = {"channel": CHANNEL, "event_id": "20102", "computer_name": HOST, "provider_name": CHANNEL}
    lines = [
        {"@timestamp": f"2026-11-24T09:30:0{number}.123Z", "winlog": {**winlog, "record_id": number}}
        for number in range(1, 6)
    ]
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    stream.ship(path)
    assert stream.audit(path).code == 0
    stream.delete(3)
    assert [one["position"]["record"] for one in stream.found(path)["missing"]] == [3]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--to", "ndjson:/x"), 2, "an audit needs an Elasticsearch"),
        (("--since", "yesterday", "--to", "http://127.0.0.1:9"), 2, "--since: no time with a zone: yesterday"),
        (("--until", "2026-11-24T09:00:00", "--to", "http://127.0.0.1:9"), 2, "write it as 2026-11-24T09:30:00Z"),
        (("--to", "http://127.0.0.1:9"), 3, "127.0.0.1:9"),
    ],
)
def test_what_cannot_be_audited_is_told(tell: Tell, log: Path, words: tuple[str, ...], code: int, said: str) -> None:
    told = tell("audit", log, *words)
    assert told.code == code
    assert said in told.err
    assert told.out == ""


def test_an_input_that_is_not_there_is_told(stream: Stream, tmp_path: Path) -> None:
    told = stream.audit(tmp_path / "none.evtx")
    assert told.code == 3
    assert "none.evtx" in told.err


def test_a_period_that_ends_before_it_begins_is_a_slip(stream: Stream, log: Path) -> None:
    told = stream.audit(log, "--since", "2026-11-24T10:00:00Z", "--until", "2026-11-24T09:00:00Z")
    assert told.code == 2
    assert "--until: is not after --since" in told.err


ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def auditor(secured_elasticsearch: Node) -> str:
    """Return an API key of the role that ``mappings/security`` has for an auditor, on a node with the templates."""
    role = json.loads((ROOT / "mappings" / "security" / "role" / "intune_connector_auditor.json").read_text())
    return secured_elasticsearch.create_api_key("auditor", {"auditor": role})


def test_the_role_of_an_auditor_is_enough(  # noqa: PLR0917 (fixtures)
    tell: Tell,
    secured_elasticsearch: Node,
    auditor: str,
    log: Path,
    fresh_namespace: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    node = secured_elasticsearch
    place = ("--to", node.url, "--ca-file", node.ca_file, "--namespace", fresh_namespace)
    monkeypatch.setenv("SHIPPER_PASSWORD", node.password)
    as_superuser = ("--username", node.username)
    assert tell("setup", "--to", node.url, "--ca-file", node.ca_file, *as_superuser, "--yes").code == 0
    assert tell("ship", log, *place, *as_superuser).code == 0
    monkeypatch.delenv("SHIPPER_PASSWORD")
    monkeypatch.setenv("SHIPPER_API_KEY", auditor)
    told = tell("audit", log, *place)
    assert told.code == 0, told.err
    assert auditor not in told.out + told.err


def test_a_key_that_may_not_read_is_told_what_is_missing(
    tell: Tell, secured_elasticsearch: Node, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = secured_elasticsearch
    key = node.create_api_key("nobody", {"nobody": {"cluster": ["monitor"], "indices": []}})
    monkeypatch.setenv("SHIPPER_API_KEY", key)
    told = tell("audit", log, "--to", node.url, "--ca-file", node.ca_file)
    assert told.code == 3
    assert "view_index_metadata" in told.err
    assert key not in told.out + told.err


#: The example of the guide, which this test makes; times, paths and the server stand there as a reader may have them.
GUIDE = Path(__file__).parent.parent.parent / "docs" / "how-to" / "audit.md"


def as_in_the_guide(told: str, stream: Stream, folder: Path) -> str:
    shown = told.replace(str(folder), "/logs").replace(stream.access.url, "https://es.example:9200")
    shown = shown.replace(stream.name, "logs-intune_connector.events-default")
    shown = re.sub(r"at 20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ:", "at 2026-11-25T06:00:00Z:", shown)
    return "\n".join(line.rstrip() for line in shown.splitlines())


def test_the_example_of_the_guide_is_what_the_command_prints(tell: Tell, stream: Stream, tmp_path: Path) -> None:
    whole, worn = tmp_path / "Microsoft Intune Connector.evtx", tmp_path / f"{ADMIN.replace('/', '%4')}.evtx"
    write_log(whole, [failed(number, host="ndes01.corp.example") for number in range(1, 251)])
    with GrowingLog(worn, max_chunks=3, records_per_chunk=40) as growing:
        growing.append([replace(failed(number), channel=ADMIN, provider=ADMIN) for number in range(1, 101)])
        stream.ship(whole, worn)
        growing.append([replace(failed(number), channel=ADMIN, provider=ADMIN) for number in range(101, 271)])
    stream.ship(whole, worn)
    stream.delete(261)
    before = as_in_the_guide(stream.audit(whole, worn).out, stream, tmp_path)
    assert tell("state", "--state", stream.state, "--forget", worn).code == 0
    stream.ship(whole, worn)
    after = as_in_the_guide(stream.audit(whole, worn).out, stream, tmp_path)
    guide = GUIDE.read_text(encoding="utf-8")
    for printed in (before, after):
        assert textwrap.indent(printed.strip("\n"), "    ", lambda line: bool(line.strip())) in guide, printed


def test_a_terminal_sees_how_far_it_has_got(stream: Stream, log: Path) -> None:
    stream.ship(log)
    master, slave = os.openpty()
    words = [sys.executable, "-m", "shipper", "audit", log, "--to", stream.access.url, "--namespace", stream.namespace]
    audit = subprocess.Popen(list(map(str, words)), stdout=subprocess.DEVNULL, stderr=slave)  # noqa: S603 (our own words)
    os.close(slave)
    shown = b""
    while True:
        try:
            shown += os.read(master, 4096)
        except OSError:  # the terminal of a process that has ended
            break
    os.close(master)
    assert audit.wait() == 0
    assert b"comparing" in shown  # the last that it shows; how much of the others is seen depends on the speed
