"""The week holds what it says, and says what it holds. Its logs are read back by the Rust reader."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import evtx
import msgspec
import pytest

from shipper.testing.connector.events import ADMIN_CHANNEL, LEGACY_CHANNEL, OPERATIONAL_CHANNEL
from shipper.testing.week import Incident, LogFile, Week, write_week

UNTIL = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
IDS_OF_AN_OUTAGE = {1001, 1051, 1052, 20102}


def _read(file: LogFile) -> list[dict[str, Any]]:
    records = evtx.PyEvtxParser(str(file.path)).records_json()
    return [msgspec.json.decode(record["data"])["Event"] for record in records if record]


def _time(event: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(event["System"]["TimeCreated"]["#attributes"]["SystemTime"])


def _id(event: dict[str, Any]) -> int:
    value = event["System"]["EventID"]
    return int(value["#text"] if isinstance(value, dict) else value)


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Week:
    """Write one week for all tests here."""
    return write_week(tmp_path_factory.mktemp("week"), until=UNTIL)


@pytest.fixture(scope="module")
def read_back(week: Week) -> dict[Path, list[dict[str, Any]]]:
    """Return the events of every log, by its path."""
    return {file.path: _read(file) for file in week.files}


@pytest.fixture(scope="module")
def incident(week: Week) -> Callable[[str], Incident]:
    """Return a finder of incidents."""
    return {found.key: found for found in week.incidents}.__getitem__


def test_every_log_holds_the_events_it_says(week: Week, read_back: dict[Path, list[dict[str, Any]]]) -> None:
    assert {path: Counter(map(_id, events)) for path, events in read_back.items()} == {
        file.path: Counter(file.events) for file in week.files
    }


def test_every_event_of_a_log_is_of_its_host_and_channel(
    week: Week, read_back: dict[Path, list[dict[str, Any]]]
) -> None:
    for file in week.files:
        found = {(event["System"]["Computer"], event["System"]["Channel"]) for event in read_back[file.path]}
        assert found == {(file.host, file.channel)}


def test_no_file_lies_in_the_folder_that_is_not_listed(week: Week) -> None:
    assert {file.path for file in week.files} == set(week.folder.glob("*.evtx"))


def test_the_week_has_some_ten_thousand_events(week: Week) -> None:
    assert 10_000 < week.total() < 60_000
    assert week.total() == week.total("connector") + week.total("foreign") + week.total("archive")


def test_there_are_three_servers_and_both_generations(week: Week) -> None:
    connector = {(file.host, file.channel) for file in week.files if file.kind == "connector"}
    assert len({host for host, _ in connector}) == 3
    assert Counter(channel for _, channel in connector) == {
        LEGACY_CHANNEL: 1,
        ADMIN_CHANNEL: 2,
        OPERATIONAL_CHANNEL: 2,
    }


def test_one_log_is_wrapped_and_one_is_live(week: Week) -> None:
    assert [sum(file.wrapped for file in week.files), sum(file.live for file in week.files)] == [1, 1]


def test_every_event_but_the_archives_lies_in_the_week(week: Week, read_back: dict[Path, list[dict[str, Any]]]) -> None:
    times = [_time(event) for file in week.files if file.kind != "archive" for event in read_back[file.path]]
    assert week.since <= min(times)
    assert max(times) < week.until
    assert (week.since, week.until) == (UNTIL - timedelta(days=7), UNTIL)


def test_the_archive_is_a_year_old(week: Week, read_back: dict[Path, list[dict[str, Any]]]) -> None:
    [archive] = (file for file in week.files if file.kind == "archive")
    assert max(map(_time, read_back[archive.path])) < UNTIL - timedelta(days=364)


def test_a_log_is_in_the_order_of_time_by_its_record_ids(
    week: Week, read_back: dict[Path, list[dict[str, Any]]]
) -> None:
    for file in week.files:
        events = sorted(read_back[file.path], key=lambda event: event["System"]["EventRecordID"])
        times = [_time(event) for event in events]
        assert times == sorted(times)


def test_every_warning_and_error_of_the_connectors_belongs_to_an_incident(
    week: Week, read_back: dict[Path, list[dict[str, Any]]]
) -> None:
    connector = [event for file in week.files if file.kind == "connector" for event in read_back[file.path]]
    found = Counter(_id(event) for event in connector if event["System"]["Level"] <= 3)
    planted: Counter[int] = sum((Counter(incident.events) for incident in week.incidents), Counter())
    assert found == planted


def test_the_archive_holds_no_failures(week: Week, read_back: dict[Path, list[dict[str, Any]]]) -> None:
    [archive] = (file for file in week.files if file.kind == "archive")
    assert {event["System"]["Level"] for event in read_back[archive.path]} == {4}


def test_the_ca_outage_hits_every_server_with_attempts_and_finals(incident: Callable[[str], Incident]) -> None:
    outage = incident("ca-outage")
    assert len(outage.hosts) == 3
    assert outage.events.keys() == IDS_OF_AN_OUTAGE
    assert outage.events[1051] == 2 * outage.events[1052] == 2 * outage.events[1001]


def test_the_events_of_the_ca_outage_name_code_and_hresult(
    week: Week, read_back: dict[Path, list[dict[str, Any]]], incident: Callable[[str], Incident]
) -> None:
    outage = incident("ca-outage")
    events = [event for file in week.files for event in read_back[file.path] if _id(event) in outage.events]
    naming = [event for event in events if "0x800706ba" in str(event["EventData"])]
    assert len(naming) == outage.total
    assert sum("0x00000400" in str(event["EventData"]) for event in naming) == outage.events[20102]


@pytest.mark.parametrize(
    ("key", "event_id", "code"),
    [("expired-challenge-storm", 20501, "0x00000411"), ("missing-signing-certificate", 20502, "0x00000409")],
)
def test_a_storm_is_one_id_with_one_code_on_the_old_server(
    read_back: dict[Path, list[dict[str, Any]]],
    incident: Callable[[str], Incident],
    key: str,
    event_id: int,
    code: str,
) -> None:
    storm = incident(key)
    events = [event for log in read_back.values() for event in log if _id(event) == event_id]
    assert (storm.hosts, storm.code, storm.total) == (("ndes01.corp.example",), code, len(events))
    assert len(events) > 40
    assert all(code in str(event["EventData"]) for event in events)


def test_the_times_of_an_incident_are_those_of_its_events(
    read_back: dict[Path, list[dict[str, Any]]], incident: Callable[[str], Incident]
) -> None:
    times = sorted(_time(event) for log in read_back.values() for event in log if _id(event) == 20501)
    assert (incident("expired-challenge-storm").first, incident("expired-challenge-storm").last) == (
        times[0],
        times[-1],
    )


def test_a_foreign_event_quotes_a_connector_channel(week: Week, read_back: dict[Path, list[dict[str, Any]]]) -> None:
    """A reader that trusts the channel's name in the bytes alone would take it for one of ours."""
    quoting = [
        event
        for file in week.files
        if file.kind == "foreign"
        for event in read_back[file.path]
        if OPERATIONAL_CHANNEL in str(event["EventData"]) or LEGACY_CHANNEL in str(event["EventData"])
    ]
    assert quoting


def test_offices_are_busier_than_nights(week: Week, read_back: dict[Path, list[dict[str, Any]]]) -> None:
    hours = Counter(
        _time(event).hour for file in week.files if file.kind == "connector" for event in read_back[file.path]
    )
    assert hours[9] > 5 * hours[2]


def test_the_folder_says_that_it_is_synthetic(week: Week) -> None:
    readme = (week.folder / "README.md").read_text()
    assert "SYNTHETIC" in readme
    assert all(file.path.name in readme for file in week.files)


def test_end_and_seed_decide_every_byte(tmp_path: Path) -> None:
    weeks = [write_week(tmp_path / name, until=UNTIL, seed=seed) for name, seed in (("a", 7), ("b", 7), ("c", 8))]
    first, again, other = ([file.path.read_bytes() for file in week.files] for week in weeks)
    assert first == again != other


@pytest.mark.parametrize("day", range(7))
def test_the_planted_incidents_fit_whatever_day_the_week_ends_on(tmp_path: Path, day: int) -> None:
    week = write_week(tmp_path, until=UNTIL + timedelta(days=day, hours=3 * day))
    keys = {incident.key for incident in week.incidents}
    assert {"ca-outage", "expired-challenge-storm", "missing-signing-certificate"} <= keys
    for incident in week.incidents:
        assert week.since <= incident.first <= incident.last < week.until


def test_an_end_without_a_zone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="zone"):
        write_week(tmp_path, until=datetime(2026, 11, 24))  # noqa: DTZ001 (the fault under test)
