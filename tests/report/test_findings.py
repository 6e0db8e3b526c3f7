"""What was planted is what is found: the counts of the report against those of the week's own plan."""

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from shipper import catalog
from shipper.report import Findings
from shipper.testing.reports import HOUR_MS, MONDAY_MS, document, look
from shipper.testing.week import Week

Write = Callable[[Sequence[dict[str, Any]]], Path]
#: The events of a week that are the last word on a request.
_REQUESTS = {
    entry.id: entry
    for schema in ("legacy", "unified")
    for entry in catalog.load().events(schema).values()
    if entry.counts_as == "request" and entry.final
}


def planted(week: Week) -> Counter[int]:
    """Return how many events of each id the connectors' logs hold."""
    total: Counter[int] = Counter()
    for file in week.files:
        if file.kind != "foreign":
            total.update(file.events)
    return total


def planted_failures(week: Week, incident: str) -> int:
    events = next(one.events for one in week.incidents if one.key == incident)
    return sum(count for number, count in events.items() if number in _REQUESTS)


def test_every_event_of_the_week_is_counted_once(week: Week, found: Findings) -> None:
    assert found.scope.events == week.total("connector", "archive")


def test_requests_are_the_events_that_are_their_last_word(week: Week, found: Findings) -> None:
    assert found.scope.requests == sum(count for number, count in planted(week).items() if number in _REQUESTS)


def test_failures_are_the_planted_ones(week: Week, found: Findings) -> None:
    failed = {number for number, entry in _REQUESTS.items() if entry.outcome == "failure"}
    assert found.scope.failures == sum(count for number, count in planted(week).items() if number in failed)
    assert found.scope.failures == sum(planted_failures(week, incident.key) for incident in week.incidents)


@pytest.mark.parametrize(
    ("incident", "causes"),
    [
        ("expired-challenge-storm", ("0x00000411",)),
        ("missing-signing-certificate", ("0x00000409",)),
        ("revocation-not-permitted", ("0x00000402",)),
        ("denied-by-policy-module", ("Denied by Policy Module",)),
        ("ca-outage", ("0x00000400", "0x800706BA")),
    ],
)
def test_each_incident_has_its_failures_under_its_cause(
    week: Week, found: Findings, incident: str, causes: tuple[str, ...]
) -> None:
    counted = {cause.cause: cause.failures for cause in found.causes.shown}
    assert sum(counted[cause] for cause in causes) == planted_failures(week, incident)


def test_each_incident_stands_in_the_columns_of_its_time(week: Week, found: Findings) -> None:
    storm = next(one for one in week.incidents if one.key == "expired-challenge-storm")
    cells = [cell for cell in found.by_cause.cells if cell.row == "0x00000411"]
    assert sum(cell.failures for cell in cells) == planted_failures(week, storm.key)
    assert min(cell.at_ms for cell in cells) <= storm.first.timestamp() * 1000
    assert max(cell.at_ms for cell in cells) <= storm.last.timestamp() * 1000


def test_columns_rows_and_hosts_add_up_to_the_requests_that_are_drawn(found: Findings) -> None:
    drawn = sum(column.requests for column in found.timeline)
    failed = sum(column.requests for column in found.timeline if column.outcome == "failure")
    assert failed == sum(cell.failures for cell in found.by_host.cells) == found.scope.failures
    assert 0 < found.scope.requests - drawn <= found.scope.before


def test_an_archive_of_last_year_is_counted_and_not_drawn(week: Week, found: Findings) -> None:
    assert found.scope.before == week.total("archive")
    assert found.scope.drawn_from_ms >= week.since.timestamp() * 1000


def test_stages_are_the_counts_of_their_events(week: Week, found: Findings) -> None:
    counted, stages = planted(week), {(one.operation, one.schema, one.stage): one for one in found.stages}
    issue, older = stages["pkcs", "unified", "issue"], stages["pkcs", "legacy", "issue"]
    assert (issue.succeeded, issue.failed, issue.retried) == (counted[1050], counted[1052], counted[1051])
    assert (older.succeeded, older.failed, older.retried) == (counted[20100], counted[20102], 0)


def test_events_that_sum_up_a_batch_are_no_step_of_a_request(write: Write) -> None:
    told = {"operation": "pkcs", "stage": "download", "counts_as": "attempt"}
    single = [
        document(number, event={"code": "1020", "outcome": "success"}, intune_connector=told) for number in (0, 1)
    ]
    batch = document(2, event={"code": "1002", "outcome": "success"}, intune_connector=told)
    assert [one.succeeded for one in look(str(write([*single, batch]))).stages] == [2]


def test_the_batches_left_out_are_those_that_have_single_events_beside_them() -> None:
    from shipper.report.questions import stages

    events = catalog.load().events("unified")
    for number in map(int, stages._BATCHES):
        batch = events[number]
        assert batch.name.endswith(("DownloadSuccess", "UploadSuccess"))
        assert any(
            (one.operation, one.stage, one.outcome) == (batch.operation, batch.stage, batch.outcome)
            for one in events.values()
            if one.name.endswith("edRequest")
        )


def test_connectors_have_their_own_requests(week: Week, found: Findings) -> None:
    for connector in found.connectors:
        files = [file for file in week.files if file.host == connector.host and file.kind != "foreign"]
        assert connector.events == sum(file.total for file in files)
        assert connector.requests == sum(
            count for file in files for number, count in file.events.items() if number in _REQUESTS
        )


def test_the_rules_raise_an_alert_for_each_incident_that_is_one(found: Findings) -> None:
    raised = {one.rule.id for one in found.alerts.by_rule}
    assert {"ca-unreachable", "expired-challenge-storm", "scep-certificates-missing", "revocation-failed"} <= raised


def test_alerts_are_listed_in_the_order_of_time_and_all_are_counted(found: Findings) -> None:
    times = [alert.at_ms for alert in found.alerts.listed]
    assert times == sorted(times)
    assert found.alerts.total == sum(one.alerts for one in found.alerts.by_rule) >= len(times) > 0


def test_copies_count_once(write: Write) -> None:
    found = look(str(write([document(number) for number in (0, 1, 1, 2, 0)])))
    assert (found.scope.events, found.reading.doubles) == (3, 2)


def test_a_connector_is_failing_when_a_tenth_and_three_of_its_last_requests_failed(write: Write) -> None:
    good = [document(number, event={"outcome": "success"}) for number in range(20)]
    bad = [document(number) for number in range(20, 23)]
    assert look(str(write([*good, *bad]))).connectors[0].state == "failing"
    assert look(str(write([*good, *bad[:2]]))).connectors[0].state == "healthy"


def test_a_connector_is_quiet_a_day_after_its_last_event(write: Write) -> None:
    other = {"host": {"name": "pki02.corp.example"}, "event": {"outcome": "success"}}
    silent = [document(0, event={"outcome": "success"}), document(25, **other)]
    assert [one.state for one in look(str(write(silent))).connectors] == ["quiet", "healthy"]
    silent[1] = document(24, **other)
    assert [one.state for one in look(str(write(silent))).connectors] == ["healthy", "healthy"]


def test_attempts_are_no_requests(write: Write) -> None:
    attempts = [document(0, intune_connector={"counts_as": "attempt"}), document(1, intune_connector={"final": False})]
    assert look(str(write(attempts))).scope.requests == 0


def test_the_quality_of_the_data_is_told(write: Write) -> None:
    documents = [
        document(0, tags=["unknown_event", "weak_id"], event={"code": "7777", "action": "unknown"}),
        document(1, tags=["unknown_code"], intune_connector={"diagnostic": {"code": "0x00000499"}}),
        document(9),
    ]
    missed = document(2, event={"action": "records-missed"}, intune_connector={"log": {"missed": 40}})
    del missed["event"]["code"]
    quality = look(str(write([*documents, missed]))).quality
    assert (quality.unknown_events, quality.unknown_codes, quality.weak_ids) == (1, 1, 1)
    assert quality.ids == (("unified", "7777", 1),)
    assert quality.codes == (("0x00000499", 1),)
    assert (quality.missed, quality.missed_uncounted) == (40, 0)
    assert quality.lacking == 10 - 4


def test_the_period_is_half_open(write: Write) -> None:
    from shipper.report import Period

    path = str(write([document(number) for number in range(10)]))
    found = look(path, period=Period(MONDAY_MS + 2 * HOUR_MS, MONDAY_MS + 5 * HOUR_MS))
    assert (found.scope.events, found.reading.outside) == (3, 7)


def test_the_hardest_hit_come_first_and_the_rest_is_counted(write: Write) -> None:
    documents = [document(number, device={"id": f"device-{number % 30}"}) for number in range(61)]
    devices = look(str(write(documents))).devices
    assert (devices.shown[0].name, devices.shown[0].failures) == ("device-0", 3)
    assert (devices.total, devices.more) == (30, 30 - len(devices.shown))
