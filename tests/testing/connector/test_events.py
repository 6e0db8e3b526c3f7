"""The synthetic events agree with the catalog wherever something is documented."""

import json
from datetime import UTC, datetime

import pytest

from shipper import catalog
from shipper.testing.connector import Dice, Flow, events, legacy, legacy_event, unified, unified_event
from shipper.testing.evtx_writer import EventSpec

TIME = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
HOST = "srv.corp.example"
LEVEL = {"information": 4, "warning": 3, "error": 2}
LEGACY_FLOWS = (
    legacy.issue,
    legacy.issue_without_ca,
    legacy.issue_denied,
    legacy.revoke,
    legacy.revoke_denied,
    legacy.scep,
    legacy.scep_expired,
    legacy.scep_without_signing_certificate,
    legacy.restart,
    legacy.renew,
)
UNIFIED_FLOWS = (
    unified.issue,
    unified.issue_without_ca,
    unified.issue_denied,
    unified.revoke,
    unified.scep,
    unified.health,
    unified.health_retried,
)
FLOWS = (*LEGACY_FLOWS, *UNIFIED_FLOWS)


def _ids(schema: catalog.Schema) -> list[int]:
    # Unified id 2 is second-hand and in no flow.
    return [event_id for event_id in catalog.load().events(schema) if event_id != 2]


def _dimensions(event: EventSpec) -> dict[str, str]:
    [(_, text)] = event.data
    metric = json.loads(str(text))["Metric"]
    assert metric["Name"] == events.LEGACY_NAMES[event.event_id]
    return dict(metric["Dimensions"])


@pytest.mark.parametrize("event_id", _ids("legacy"))
def test_a_legacy_event_has_the_name_channel_and_level_of_the_catalog(event_id: int) -> None:
    entry = catalog.load().event(events.LEGACY_CHANNEL, event_id)
    assert entry is not None
    event = legacy_event(HOST, event_id, TIME, ())
    assert events.LEGACY_NAMES[event_id] == entry.name
    assert (event.channel, event.level) == (entry.channel, LEVEL[entry.level])


@pytest.mark.parametrize("event_id", _ids("unified"))
def test_a_unified_event_has_the_channel_and_level_of_the_catalog(event_id: int) -> None:
    event = unified_event(HOST, event_id, TIME, ())
    entry = catalog.load().event(event.channel, event_id)
    assert entry is not None
    assert (event.channel, event.level) == (entry.channel, LEVEL[entry.level])


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: f"{flow.__module__.rpartition('.')[2]}.{flow.__name__}")
def test_a_flow_goes_forward_in_time(flow: Flow) -> None:
    times = [event.time for event in flow(HOST, TIME, Dice(1))]
    assert times == sorted(times, key=str)
    assert times[0] == TIME


@pytest.mark.parametrize("flow", LEGACY_FLOWS)
def test_a_legacy_flow_carries_only_codes_that_the_catalog_expects(flow: Flow) -> None:
    for event in flow(HOST, TIME, Dice(1)):
        entry = catalog.load().event(event.channel, event.event_id)
        assert entry is not None
        assert catalog.parse_code(_dimensions(event)["DiagnosticCode"]) in entry.codes


def test_every_dimension_is_a_string() -> None:
    [event] = legacy.scep_expired(HOST, TIME, Dice(1))
    assert all(isinstance(value, str) for value in _dimensions(event).values())


def test_the_text_of_a_failure_is_a_chain_with_the_code_outermost() -> None:
    _, event = legacy.issue_without_ca(HOST, TIME, Dice(1))
    text = _dimensions(event)["DiagnosticText"]
    assert text.startswith("Certification authority is not valid")
    assert '[Exception Message: "DiagnosticException: 0x00000400.' in text
    assert text.index("DiagnosticException") < text.index("0x800706ba")


def test_the_events_of_a_unified_request_share_an_activity() -> None:
    activities = {event.activity_id for event in unified.scep(HOST, TIME, Dice(1))}
    assert len(activities) == 1
    assert None not in activities


def test_a_ca_outage_leaves_attempts_before_the_finals() -> None:
    ids = [event.event_id for event in unified.issue_without_ca(HOST, TIME, Dice(1))]
    assert ids == [1002, 1020, 1051, 1051, 1052, 1001]
