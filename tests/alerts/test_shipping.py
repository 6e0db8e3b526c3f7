"""The main job with rules that look at it: who is told, what is kept, what holds what up."""

import json
import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import elasticsearch
import pytest

from shipper.alerts.signature import is_signed
from shipper.testing.chaos import Shipper, wait_until
from shipper.testing.connector.events import legacy_event
from shipper.testing.engine.certificates import Certificates
from shipper.testing.evtx_writer import write_log

if TYPE_CHECKING:
    from tests.alerts.conftest import Receiver, Told, WriteLog

Tell = Callable[..., "Told"]


def alerts_in(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def ids(alerts: list[dict[str, Any]]) -> list[str]:
    return [alert["event"]["id"] for alert in alerts]


def test_without_an_outlet_no_rule_is_looked_at(tell: Tell, write_failures: "WriteLog", tmp_path: Path) -> None:
    told = tell(
        "ship", write_failures(3), "--to", f"ndjson:{tmp_path / 'events'}", "--rules", tmp_path / "nowhere", "--json"
    )
    assert (told.code, told.account["alerts"]) == (0, 0)


def test_every_outlet_gets_every_alert_once(
    tell: Tell, write_failures: "WriteLog", rules: Path, tmp_path: Path, plain_receiver: "Receiver"
) -> None:
    outlets = (
        "--alerts",
        f"ndjson:{tmp_path / 'alerts'}",
        "--alerts",
        f"webhook:{plain_receiver.url}",
        "--alerts",
        "-",
    )
    told = tell(
        "ship", write_failures(5), "--to", f"ndjson:{tmp_path / 'events'}", *outlets, "--rules", rules, "--json"
    )
    assert told.code == 0
    assert told.account["alerts"] == 5
    written = ids(alerts_in(tmp_path / "alerts"))
    assert len(set(written)) == 5
    assert ids(plain_receiver.bodies()) == written
    assert ids([json.loads(line) for line in told.out.splitlines()]) == written
    events = [event["event"]["id"] for event in alerts_in(tmp_path / "events")]
    assert [alert["intune_connector"]["alert"]["event_ids"] for alert in alerts_in(tmp_path / "alerts")] == [
        [event] for event in events
    ]


def test_alerts_reach_their_data_stream_and_a_double_is_none_there(  # noqa: PLR0917 (fixtures)
    tell: Tell,
    write_failures: "WriteLog",
    rules: Path,
    tmp_path: Path,
    es: elasticsearch.Elasticsearch,
    elasticsearch_url: str,
    fresh_namespace: str,
) -> None:
    assert tell("setup", "--to", elasticsearch_url, "--yes").code == 0
    log = write_failures(5)
    words = ("ship", log, "--to", elasticsearch_url, "--namespace", fresh_namespace, "--rules", rules, "--json")
    for state in ("first", "second"):  # the second knows nothing of the first
        told = tell(*words, "--alerts", "index", "--state", tmp_path / state)
        assert (told.code, told.account["alerts"]) == (0, 5)
    stream = f"logs-intune_connector.alerts-{fresh_namespace}"
    es.indices.refresh(index=stream)
    hits = es.search(index=stream, size=100)["hits"]["hits"]
    assert len(hits) == 5
    assert all(hit["_id"] == hit["_source"]["event"]["id"] for hit in hits)
    assert all(hit["_source"]["event"]["kind"] == "alert" for hit in hits)


def test_old_events_raise_alerts_only_where_that_is_asked_for(
    tell: Tell, write_failures: "WriteLog", rules: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHIPPER_BACKFILL_AFTER_H", "0.1")
    words = ("ship", write_failures(2), "--to", f"ndjson:{tmp_path / 'e'}", "--rules", rules, "--json", "--alerts", "-")
    assert [tell(*words, *more).account["alerts"] for more in ((), ("--include-backfill",))] == [0, 2]


def test_it_is_said_which_rules_run_here_and_which_are_left(
    tell: Tell, write_failures: "WriteLog", tmp_path: Path
) -> None:
    words = ("ship", write_failures(1), "--to", f"ndjson:{tmp_path / 'events'}", "--alerts", f"ndjson:{tmp_path / 'a'}")
    here = tell(*words).err
    everywhere = tell(*words, "--rules-scope", "all").err
    assert "left to `shipper evaluate`: ca-failure-burst" in here
    assert "ca-failure-burst" not in everywhere
    assert "heartbeat-lost" in everywhere


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (("--alerts", "index"), "needs an Elasticsearch"),
        (("--alerts", "carrier-pigeon:loft"), "names no outlet"),
        (("--alerts", "webhook:http://hook.example/canary"), "clear text"),
        (("--alerts", "-", "--rules", "nowhere"), "nowhere"),
        (("--alerts", "-", "--rules-off", "no-such-rule"), "no such rule"),
        (("--alerts", "webhook:https://h/", "--webhook-secret-file", "nowhere"), "alerts.webhook_secret_file"),
        (("--alerts", "webhook:https://h/", "--alerts-ca-file", "nowhere"), "alerts.alerts_ca_file"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_read(
    tell: Tell, write_failures: "WriteLog", tmp_path: Path, words: tuple[str, ...], fault: str
) -> None:
    told = tell("ship", write_failures(1), "--to", f"ndjson:{tmp_path / 'events'}", *words)
    assert told.code == 2
    assert fault in told.err
    assert "canary" not in told.err
    assert not (tmp_path / "events").exists()


def test_what_an_outlet_refuses_is_kept_whole_and_is_no_success(
    tell: Tell, write_failures: "WriteLog", rules: Path, tmp_path: Path, plain_receiver: "Receiver"
) -> None:
    plain_receiver.answers = [(400, {})]
    state = tmp_path / "kept"
    words = ("--alerts", f"webhook:{plain_receiver.url}", "--rules", rules, "--state", state, "--json")
    told = tell("ship", write_failures(2), "--to", f"ndjson:{tmp_path / 'events'}", *words)
    assert (told.code, told.account["alerts"], told.account["alerts_refused"]) == (1, 2, 1)
    (letter,) = alerts_in(state / "refused-alerts.ndjson")
    assert (letter["error_type"], letter["document"]["event"]["id"]) == ("http_400", letter["_id"])
    assert "path-secret" not in (state / "refused-alerts.ndjson").read_text()


@pytest.fixture
def quick_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHIPPER_DRAIN_WITHIN_S", "0.3")


@pytest.mark.usefixtures("quick_end")
def test_a_dead_outlet_stops_no_events_and_the_next_run_tells_it(
    tell: Tell, write_failures: "WriteLog", rules: Path, tmp_path: Path, plain_receiver: "Receiver"
) -> None:
    plain_receiver.answers = [(503, {"Retry-After": "60"})]
    log, place = write_failures(3), ("--to", f"ndjson:{tmp_path / 'events'}", "--state", tmp_path / "kept")
    words = ("--alerts", f"webhook:{plain_receiver.url}", "--rules", rules, "--json")
    first = tell("ship", log, *place, *words)
    assert (first.code, first.account["shipped"], first.account["alerts_waiting"]) == (1, 3, 3)
    assert "goes on with that" in first.err
    assert "path-secret" not in first.err
    assert "3 alerts wait for webhook:http://127.0.0.1" in tell("state", "--state", tmp_path / "kept").out
    without = tell("ship", log, *place, "--json")
    assert (without.code, without.account["alerts"]) == (0, 0)
    second = tell("ship", log, *place, *words)
    assert (second.code, second.account["read"], second.account["alerts_waiting"]) == (0, 0, 0)
    assert sorted(ids(plain_receiver.bodies())[1:]) == sorted(set(ids(plain_receiver.bodies())))
    assert "path-secret" not in "".join(
        path.read_text() for path in (tmp_path / "kept").iterdir() if path.suffix == ".json"
    )


@pytest.mark.usefixtures("quick_end")
def test_without_state_what_was_not_brought_away_is_kept_in_a_file(
    tell: Tell, write_failures: "WriteLog", rules: Path, tmp_path: Path
) -> None:
    words = ("--alerts", "webhook:http://127.0.0.1:9/", "--rules", rules, "--json")
    told = tell("ship", write_failures(2), "--to", f"ndjson:{tmp_path / 'events'}", *words)
    assert (told.code, told.account["alerts_refused"]) == (1, 2)
    (kept,) = tmp_path.rglob("refused-alerts.ndjson")
    assert len(alerts_in(kept)) == 2
    assert str(kept) in told.err


@pytest.mark.usefixtures("quick_end")
def test_what_waits_for_an_outlet_that_is_named_no_more_is_kept_in_a_file(
    tell: Tell, write_failures: "WriteLog", rules: Path, tmp_path: Path
) -> None:
    log, state = write_failures(2), tmp_path / "kept"
    words = ("ship", log, "--to", f"ndjson:{tmp_path / 'events'}", "--rules", rules, "--state", state, "--json")
    tell(*words, "--alerts", "webhook:http://127.0.0.1:9/")
    told = tell(*words, "--alerts", "-")
    assert told.account["alerts_refused"] == 2
    assert len(alerts_in(state / "refused-alerts.ndjson")) == 2


@pytest.mark.usefixtures("quick_end")
def test_when_what_was_remembered_is_forgotten_waiting_alerts_are_not(
    tell: Tell, write_failures: "WriteLog", rules: Path, tmp_path: Path, plain_receiver: "Receiver"
) -> None:
    plain_receiver.answers = [(503, {"Retry-After": "60"})]
    log, state = write_failures(2), tmp_path / "kept"
    words = ("ship", log, "--to", f"ndjson:{tmp_path / 'events'}", "--rules", rules, "--state", state)
    tell(*words, "--alerts", f"webhook:{plain_receiver.url}")
    tell("state", "--forget-all", "--state", state)
    (tmp_path / "events").unlink()
    write_log(log, [legacy_event("pki01.corp.example", 20100, datetime.now(UTC), ())])  # nothing to alert of
    tell(*words, "--alerts", f"webhook:{plain_receiver.url}")
    assert len(set(ids(plain_receiver.bodies())[1:])) == 2


def test_reading_stands_still_while_too_many_alerts_wait_and_goes_on_when_they_are_taken(
    write_failures: "WriteLog", rules: Path, tmp_path: Path
) -> None:
    alerts, events = tmp_path / "away" / "alerts", tmp_path / "events"
    words = ("--alerts", f"ndjson:{alerts}", "--rules", rules, "--json", "--state", tmp_path / "kept")
    environment = {"SHIPPER_ALERTS_MAX": "10"}
    with Shipper(
        ["ship", write_failures(5000), "--to", f"ndjson:{events}", *words], environment=environment
    ) as shipper:
        wait_until(lambda: "alerts wait for outlets" in shipper.said(), shipper)
        time.sleep(0.5)
        read_then = len(events.read_bytes().splitlines())
        alerts.parent.mkdir()
        ended = shipper.ended()
    assert ended.code == 0, ended.said
    assert '"waited_s"' in ended.said
    assert read_then < 4000
    assert len(set(ids(alerts_in(alerts)))) == 5000


def test_a_damaged_memory_stops_a_run_and_says_which_file(
    tell: Tell, write_failures: "WriteLog", rules: Path, tmp_path: Path
) -> None:
    log, state = write_failures(2), tmp_path / "kept"
    words = ("ship", log, "--to", f"ndjson:{tmp_path / 'events'}", "--rules", rules, "--state", state, "--alerts", "-")
    assert tell(*words).code == 0
    (file,) = state.glob("alerts-*.json")
    file.write_bytes(file.read_bytes()[:-9])
    told = tell(*words)
    assert told.code == 3
    assert str(file) in told.err
    file.unlink()
    assert tell(*words).code == 0


UNANSWERED = """\
id = "unanswered"
nature = "failure"
severity = "high"
risk_score = 60

[where.is]
"event.code" = "20102"

[looks_for]
kind = "unanswered"
by = ["host.name"]
within = "1s"
look_back = "1d"

[looks_for.answer.is]
"event.code" = "20100"

[text.en]
name = "Failed and never again tried"
why = "A synthetic rule."
first_steps = ["Look at it."]

[text.it]
name = "Non riuscito e mai più tentato"
why = "Una regola sintetica."
first_steps = ["Guardarla."]
"""


@pytest.mark.usefixtures("quick_end")
def test_answers_that_were_shipped_while_no_rule_looked_make_no_alert(
    tell: Tell, rules: Path, tmp_path: Path, plain_receiver: "Receiver"
) -> None:
    (rules / "unanswered.toml").write_text(UNANSWERED, encoding="utf-8")
    plain_receiver.answers = [(503, {"Retry-After": "60"})]
    log, began = tmp_path / "connector.evtx", datetime.now(UTC) - timedelta(hours=1)
    words = ("ship", log, "--to", f"ndjson:{tmp_path / 'events'}", "--state", tmp_path / "kept")
    looking = ("--alerts", f"webhook:{plain_receiver.url}", "--rules", rules)
    events = [
        legacy_event("pki01.corp.example", code, began + timedelta(seconds=seconds), ())
        for code, seconds in ((20102, 0), (20100, 0.5), (20100, 600))
    ]
    said = []
    for count, more in ((1, looking), (2, ()), (3, looking)):
        write_log(log, events[:count])
        said.append(tell(*words, *more).err)
    assert {alert["rule"]["id"] for alert in plain_receiver.bodies()} == {"every-failure"}
    assert len(plain_receiver.requests) == 2  # what waited was told
    assert ["begin anew" in text for text in said] == [False, False, True]


def test_one_that_follows_tells_what_did_not_happen_when_its_time_has_come(
    write_failures: "WriteLog", rules: Path, tmp_path: Path
) -> None:
    (rules / "every-failure.toml").unlink()
    (rules / "unanswered.toml").write_text(UNANSWERED, encoding="utf-8")
    log, alerts = write_failures(1), tmp_path / "alerts"
    write_log(log, [legacy_event("pki01.corp.example", 20102, datetime.now(UTC) + timedelta(seconds=2), ())])
    words = ("--alerts", f"ndjson:{alerts}", "--rules", rules, "--to", f"ndjson:{tmp_path / 'events'}")
    environment = {"SHIPPER_LATENESS_S": "0", "SHIPPER_POLL_INTERVAL_S": "0.1"}
    began_s = time.monotonic()
    with Shipper(["ship", log, "--follow", *words], environment=environment) as shipper:
        wait_until(alerts.exists, shipper)
        ended = shipper.stopped()
    assert ended.code == 0, ended.said
    assert [alert["rule"]["id"] for alert in alerts_in(alerts)] == ["unanswered"]
    assert time.monotonic() - began_s > 2.9


def test_while_a_log_cannot_be_opened_nothing_is_told_of_what_did_not_happen_there(rules: Path, tmp_path: Path) -> None:
    (rules / "unanswered.toml").write_text(UNANSWERED, encoding="utf-8")
    share, away, alerts, began = tmp_path / "share", tmp_path / "away", tmp_path / "alerts", datetime.now(UTC)
    stopped, answered, silent = (
        legacy_event(host, code, began + timedelta(seconds=seconds), ())
        for host, code, seconds in (
            ("pki01.corp.example", 20102, 2),
            ("pki01.corp.example", 20100, 2.5),
            ("b", 20102, 3),
        )
    )

    def told(rule: str) -> list[str]:
        found = alerts_in(alerts) if alerts.exists() else []
        return [alert["host"]["name"] for alert in found if alert["rule"]["id"] == rule]

    share.mkdir()
    write_log(share / "connector.evtx", [stopped])
    words = ("--alerts", f"ndjson:{alerts}", "--rules", rules, "--to", f"ndjson:{tmp_path / 'events'}")
    environment = {"SHIPPER_LATENESS_S": "0", "SHIPPER_POLL_INTERVAL_S": "0.1"}
    with Shipper(["ship", share, "--follow", *words], environment=environment) as shipper:
        wait_until(lambda: told("every-failure") == ["pki01.corp.example"], shipper, 30)
        share.rename(away)
        write_log(away / "connector.evtx", [stopped, answered, silent])
        shipper.wait_at_most(4)
        away.rename(share)
        wait_until(lambda: "b" in told("unanswered"), shipper, 30)
        shipper.stopped()
    assert told("unanswered") == ["b"]


def test_an_answer_in_the_log_is_found_before_what_stands_in_its_archive_is_judged(rules: Path, tmp_path: Path) -> None:
    (rules / "unanswered.toml").write_text(UNANSWERED, encoding="utf-8")
    (logs := tmp_path / "logs").mkdir()
    log, began = logs / "Microsoft Intune Connector.evtx", datetime.now(UTC) - timedelta(hours=1)
    earlier, opening, answer, silent = (
        legacy_event(host, code, began + timedelta(seconds=seconds), ())
        for host, code, seconds in (("a", 20100, 0), ("a", 20102, 60), ("a", 20100, 60.5), ("b", 20102, 61))
    )
    alerts, events = tmp_path / "alerts", tmp_path / "events"
    words = ("--alerts", f"ndjson:{alerts}", "--rules", rules, "--to", f"ndjson:{events}", "--state", tmp_path / "kept")

    def told() -> list[str]:
        found = alerts_in(alerts) if alerts.exists() else []
        return [alert["host"]["name"] for alert in found if alert["rule"]["id"] == "unanswered"]

    write_log(log, [earlier])
    with Shipper(["ship", log, *words]) as first:
        assert first.ended().code == 0
    log.unlink()
    write_log(logs / "Archive-Microsoft Intune Connector-2026-11-24-09-30-00-000.evtx", [earlier, opening])
    write_log(log, [answer, silent], first_record=3)
    with Shipper(["ship", logs, "--follow", *words], environment={"SHIPPER_LATENESS_S": "0"}) as second:
        wait_until(lambda: "b" in told(), second, 30)
        second.stopped()
    assert told() == ["b"]


def test_several_processes_that_decode_change_no_alert(
    tell: Tell, write_failures: "WriteLog", rules: Path, tmp_path: Path
) -> None:
    log, words = write_failures(500), ("--to", f"ndjson:{tmp_path / 'events'}", "--rules", rules)
    for workers in ("1", "2"):
        tell("ship", log, *words, "--alerts", f"ndjson:{tmp_path / workers}", "--workers", workers)
    assert ids(alerts_in(tmp_path / "1")) == ids(alerts_in(tmp_path / "2"))
    assert len(alerts_in(tmp_path / "1")) == 500


def test_requests_of_a_shipper_are_signed_with_what_the_file_holds(  # noqa: PLR0917 (fixtures)
    tell: Tell,
    write_failures: "WriteLog",
    rules: Path,
    tmp_path: Path,
    receiver: "Receiver",
    certificates: Certificates,
) -> None:
    (tmp_path / "secret").write_text("of both\n")
    words = ("--webhook-secret-file", tmp_path / "secret", "--alerts-ca-file", certificates.authority, "--rules", rules)
    told = tell(
        "ship", write_failures(1), "--to", f"ndjson:{tmp_path / 'e'}", "--alerts", f"webhook:{receiver.url}", *words
    )
    assert told.code == 0, told.err
    (request,) = receiver.requests
    sent, found = (request.headers[f"X-Intune-Connector-{name}"] for name in ("Timestamp", "Signature"))
    assert abs(int(sent) - time.time()) < 60
    assert is_signed(b"of both", sent, request.body, found)


def test_syslog_is_told_too(tell: Tell, write_failures: "WriteLog", rules: Path, tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(5)
        outlet = f"syslog:udp://127.0.0.1:{server.getsockname()[1]}"
        tell("ship", write_failures(1), "--to", f"ndjson:{tmp_path / 'e'}", "--alerts", outlet, "--rules", rules)
        assert b" every-failure - {" in server.recv(1 << 16)


@pytest.mark.usefixtures("quick_end")
def test_a_follower_that_is_stopped_while_an_outlet_is_dead_ends_well_and_in_time(
    write_failures: "WriteLog", rules: Path, tmp_path: Path
) -> None:
    words = ("--alerts", "webhook:http://127.0.0.1:9/", "--rules", rules, "--json", "--state", tmp_path / "kept")
    place = ("--to", f"ndjson:{tmp_path / 'events'}", "--follow")
    with Shipper(["ship", write_failures(3), *place, *words], environment={"SHIPPER_DRAIN_WITHIN_S": "1"}) as shipper:
        wait_until(lambda: "takes no alerts" in shipper.said(), shipper)
        began_s = time.monotonic()
        ended = shipper.stopped()
    assert (ended.code, ended.account["alerts_waiting"]) == (0, 3)
    assert time.monotonic() - began_s < 6
