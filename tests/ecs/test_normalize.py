"""What a document says, field by field. All payloads are synthetic."""

from collections.abc import Callable
from typing import Any

import pytest

from shipper import __version__
from shipper.catalog import ADMIN_CHANNEL, LEGACY_CHANNEL, OPERATIONAL_CHANNEL, load
from shipper.ecs import EcsSettings, build_documents
from shipper.model import Document, Event, Foreign, Position

MAKE = Callable[..., Event]
FIELDS = Callable[..., dict[str, Any]]
NOW_S = 1_795_512_600
DAY_S = 86_400
GUID = "6f1c2a90-0b1d-4c55-9a53-2f6a6e0c7a11"
SID = "S-1-5-21-1-2-3-1613"


def test_the_host_is_the_computer_of_the_event_in_lower_case(event: MAKE, fields: FIELDS) -> None:
    found = fields(event(computer="NDES01.Contoso.Example"), agent_name="shipper01")
    assert found["host.name"] == "ndes01.contoso.example"
    assert found["host.hostname"] == "ndes01"
    assert found["host.os.type"] == "windows"
    assert found["winlog.computer_name"] == "NDES01.Contoso.Example"
    assert found["agent.name"] == "shipper01"


def test_an_event_without_a_computer_has_no_host(event: MAKE, fields: FIELDS) -> None:
    found = fields(event(computer="", missing=("computer",), raw="x"))
    assert not any(name.startswith(("host.", "related.")) for name in found)


def test_the_user_is_the_person_of_the_details_and_the_sid_stays_with_winlog(event: MAKE, fields: FIELDS) -> None:
    found = fields(event(("UserId", f"{{{GUID.upper()}}}"), user_sid=SID))
    assert found["user.id"] == GUID
    assert found["winlog.user.identifier"] == SID
    assert found["related.user"] == [GUID]


def test_what_a_payload_names_is_spelled_one_way(event: MAKE, fields: FIELDS) -> None:
    found = fields(
        event(
            ("Thumbprint", "\N{LEFT-TO-RIGHT MARK}AB CD 12"),
            ("SerialNumber", "6a:00:ff"),
            ("PolicyId", f"LogicalName_{GUID.replace('-', '_')}"),
            ("CAName", "CA01.contoso.example\\Issuing"),
        )
    )
    assert found["intune_connector.certificate.thumbprint"] == "abcd12"
    assert found["intune_connector.certificate.serial_number"] == "6A00FF"
    assert found["intune_connector.policy.id"] == GUID
    assert found["intune_connector.ca.name"] == "CA01.contoso.example\\Issuing"
    assert found["related.hash"] == ["abcd12"]
    assert found["related.hosts"] == ["ndes01.contoso.example", "ca01.contoso.example"]


def test_a_value_that_is_no_number_is_kept_as_written(event: MAKE, fields: FIELDS) -> None:
    found = fields(
        event(("Thumbprint", "(none)"), ("SerialNumber", "n/a"), ("PolicyId", "Policy 7"), ("UserId", "Ada"))
    )
    assert found["intune_connector.certificate.thumbprint"] == "(none)"
    assert found["intune_connector.certificate.serial_number"] == "n/a"
    assert found["intune_connector.policy.id"] == "Policy 7"
    assert found["user.id"] == "Ada"


@pytest.mark.parametrize(("age_s", "late"), [(DAY_S, False), (DAY_S + 1, True), (-DAY_S, False)])
def test_an_event_older_than_a_day_is_a_backfill(event: MAKE, fields: FIELDS, age_s: int, late: bool) -> None:
    assert ("backfill" in fields(event(time_s=NOW_S - age_s)).get("tags", [])) is late


def test_how_old_a_backfill_is_can_be_set(event: MAKE, fields: FIELDS) -> None:
    assert fields(event(time_s=NOW_S - 61), backfill_after_s=60)["tags"] == ["backfill"]


def test_tags_and_labels_are_the_users(event: MAKE, fields: FIELDS) -> None:
    found = fields(event(replaced=2), tags=("pki", "prod"), labels=(("site.code", "MIL1"), ("", "x")))
    assert found["tags"] == ["pki", "prod", "replaced_characters"]
    assert found["labels.site_code"] == "MIL1"
    assert found["labels._"] == "x"
    assert found["intune_connector.replaced_characters"] == 2


def test_original_is_kept_only_when_asked_for(event: MAKE, fields: FIELDS) -> None:
    assert "event.original" not in fields(event(raw="<Event/>"))
    assert fields(event(raw="<Event/>"), preserve_original=True)["event.original"] == "<Event/>"


def test_a_document_names_its_stream_and_its_maker(
    event: MAKE, fields: FIELDS, document: Callable[..., Document]
) -> None:
    found = fields(event(), namespace="prod")
    assert [found[f"data_stream.{part}"] for part in ("type", "dataset", "namespace")] == [
        "logs",
        "intune_connector.events",
        "prod",
    ]
    assert document(event(), namespace="prod").data_stream == "logs-intune_connector.events-prod"
    assert (found["agent.type"], found["agent.version"]) == ("intune-connector-shipper", __version__)
    assert found["event.created"] == "2026-11-24T09:30:00Z"


def test_the_time_is_the_events_own_with_all_its_digits(event: MAKE, fields: FIELDS) -> None:
    assert fields(event(time="2026-11-24T09:00:00.1234567Z"))["@timestamp"] == "2026-11-24T09:00:00.1234567Z"


def test_a_record_id_that_no_index_takes_as_a_number_stays_a_text(event: MAKE, fields: FIELDS) -> None:
    found = fields(event(record_id=2**64 - 1))
    assert "event.sequence" not in found
    assert found["winlog.record_id"] == "18446744073709551615"
    assert fields(event(record_id=2**63 - 1))["event.sequence"] == 2**63 - 1


def test_a_rendered_message_is_kept_with_line_ends_as_winlogbeat_has_them(event: MAKE, fields: FIELDS) -> None:
    assert fields(event(message="one\r\ntwo\r\n"))["message"] == "one\ntwo"


@pytest.mark.parametrize("message", [None, "", " \r\n"])
def test_the_catalog_speaks_where_nothing_was_rendered(event: MAKE, fields: FIELDS, message: str | None) -> None:
    entry = load().event(LEGACY_CHANNEL, 10010)
    assert entry is not None
    assert fields(event(event_id=10010, message=message))["message"] == entry.text["en"].description
    assert fields(event(event_id=10010, message=message), lang="it")["message"] == entry.text["it"].description


def test_the_catalog_says_why_a_failure_failed(event: MAKE, fields: FIELDS) -> None:
    found = fields(event(("DiagnosticCode", "0x00000400")))
    code = load().code(0x400)
    assert code is not None
    assert found["message"].endswith(code.text["en"].description)
    assert found["event.reason"] == code.name
    assert found["intune_connector.diagnostic.resolution"] == " ".join(code.text["en"].resolution)


def test_outcome_and_level_come_from_the_id_and_never_from_what_the_event_says(event: MAKE, fields: FIELDS) -> None:
    found = fields(event(("DiagnosticCode", "0x00000400"), event_id=20500, level=2, message="non riuscito"))
    assert (found["event.outcome"], found["log.level"]) == ("success", "information")
    assert "error.code" not in found
    assert "event.reason" not in found


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ((("DiagnosticCode", "0x00000400"), ("ErrorCode", "0x800706BA")), "0x00000400"),
        ((("DiagnosticCode", "0x00000000"), ("ErrorCode", "0x800706BA")), "0x800706BA"),
        ((("DiagnosticCode", "0x00000000"),), None),
        ((("ErrorCode", "-2147023174"),), "0x800706BA"),
        ((("ErrorCode", "0x8FFF0001"),), "0x8FFF0001"),
        ((), None),
    ],
)
def test_the_error_code_is_the_diagnostic_code_unless_zero_else_the_hresult(
    event: MAKE, fields: FIELDS, data: tuple[tuple[str, str], ...], code: str | None
) -> None:
    assert fields(event(*data)).get("error.code") == code


def test_an_unknown_error_gives_way_to_an_error_that_says_more(event: MAKE, fields: FIELDS) -> None:
    found = fields(event(("DiagnosticCode", "0x0FFFFFFF"), ("ErrorCode", "0x800706BA")))
    assert found["event.reason"] == "RPC_S_SERVER_UNAVAILABLE"
    assert found["error.code"] == "0x0FFFFFFF"


def test_an_error_message_is_bounded_while_the_text_stays_whole(event: MAKE, fields: FIELDS) -> None:
    text = "no end " * 2000
    found = fields(event(("DiagnosticText", text)))
    assert len(found["error.message"]) == 2048
    assert found["intune_connector.details"]["DiagnosticText"] == text


@pytest.mark.parametrize(
    ("source", "code", "expected"),
    [
        ((LEGACY_CHANNEL, 20102), "0x400", True),
        ((LEGACY_CHANNEL, 20102), "0x411", False),
        ((LEGACY_CHANNEL, 20102), "0x406", False),
        ((OPERATIONAL_CHANNEL, 1052), "0x400", None),
        ((LEGACY_CHANNEL, 20103), "0x400", None),
    ],
)
def test_a_code_is_expected_where_microsoft_lists_it_for_the_id(
    event: MAKE, fields: FIELDS, source: tuple[str, int], code: str, expected: bool | None
) -> None:
    found = fields(event(("DiagnosticCode", code), channel=source[0], event_id=source[1]))
    assert found.get("intune_connector.diagnostic.expected") is expected


@pytest.mark.parametrize("code", ["0x406", "0x407", "0x40A", "0x40F", "0x00000800"])
def test_a_neighbour_of_a_known_code_is_unknown_and_still_ships(event: MAKE, fields: FIELDS, code: str) -> None:
    found = fields(event(("DiagnosticCode", code)))
    assert found["tags"] == ["unknown_code"]
    assert found["intune_connector.diagnostic.code"] == f"0x{int(code, 16):08X}"
    assert "intune_connector.diagnostic.name" not in found


def test_an_unknown_id_of_the_connector_ships_marked_unknown(event: MAKE, fields: FIELDS) -> None:
    found = fields(event(("DeviceId", GUID), event_id=20199, level=3))
    assert (found["event.action"], found["event.outcome"], found["log.level"]) == ("unknown", "unknown", "warning")
    assert found["tags"] == ["unknown_event"]
    assert found["device.id"] == GUID
    assert found["intune_connector.schema"] == "legacy"
    assert not {"event.category", "event.severity", "intune_connector.event_name", "message"} & set(found)


def test_a_channel_is_known_in_any_case(event: MAKE, fields: FIELDS) -> None:
    assert fields(event(channel=LEGACY_CHANNEL.upper()))["intune_connector.event_name"] == "PkcsCertIssue_Failure"


def test_an_event_of_a_neighbour_is_thin(event: MAKE, fields: FIELDS) -> None:
    found = fields(event(("param1", "NDESConnectorSvc"), ("DeviceId", GUID), channel="System", event_id=7036, level=4))
    assert found["log.level"] == "information"
    assert found["winlog.event_data"] == {"param1": "NDESConnectorSvc", "DeviceId": GUID}
    assert found["event.module"] == "intune_connector"
    absent = ("intune_connector.", "error.", "user.", "device.", "message", "event.action", "event.category")
    assert not any(name.startswith(absent) or name == "event.outcome" for name in found)


def test_metric_name_is_kept_only_where_it_is_not_the_events(event: MAKE, fields: FIELDS) -> None:
    same = fields(event(("MetricName", "PkcsCertIssue_Failure")))
    other = fields(event(("MetricName", "PkcsCertIssue_Other")))
    assert "intune_connector.details" not in same
    assert other["intune_connector.details"] == {"Metric.Name": "PkcsCertIssue_Other"}


def test_one_batch_may_mix_generations_and_foreign_lines_and_keeps_its_order(event: MAKE) -> None:
    foreign = Foreign(Position("-", 2), b'{"other":1}')
    events: list[Event | Foreign] = [event(), foreign, event(event_id=1001, channel=ADMIN_CHANNEL)]
    first, passed, last = build_documents(events, load(), EcsSettings(), NOW_S)
    assert passed == Document("", "", b'{"other":1}', -1, Position("-", 2))
    assert b"20102" in first.body
    assert b"PkcsRequestFailure" in last.body


def test_texts_of_the_settings_may_hold_surrogates(event: MAKE, fields: FIELDS) -> None:
    assert fields(event(), tags=("a\udcff",))["tags"] == ["a\N{REPLACEMENT CHARACTER}"]


def test_surrogates_in_an_event_are_replaced_counted_and_tagged(event: MAKE, fields: FIELDS) -> None:
    found = fields(event(("a\ud800", "\udc00b"), computer="h\ud800", replaced=1))
    assert found["winlog.event_data"] == {"a\N{REPLACEMENT CHARACTER}": "\N{REPLACEMENT CHARACTER}b"}
    assert found["intune_connector.replaced_characters"] == 4
    assert found["tags"] == ["replaced_characters"]
