"""Every field of System comes back from every reader."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID
from xml.etree.ElementTree import Element

import pytest

from shipper.testing.evtx_writer import EventSpec, write_log

Read = Callable[[Path], list[tuple[int, Element]]]
Make = Callable[..., EventSpec]

GUID = "{0f67e49f-fe51-4e9f-b490-6f2948cc6027}"
ACTIVITY = "{11111111-2222-3333-4444-555555555555}"
RELATED = "{66666666-7777-8888-9999-aaaaaaaaaaaa}"
TIME = datetime(2026, 11, 20, 9, 30, 1, 123456, tzinfo=UTC)
#: python-evtx divides a FILETIME as a float and may be one microsecond off; the others are exact.
TOLERANCE = {"rust": timedelta(0), "libevtx": timedelta(0), "python-evtx": timedelta(microseconds=1)}

FULL = {
    "provider": "Microsoft-Intune-CertificateConnectors",
    "provider_guid": GUID,
    "event_source_name": "Old Name",
    "event_id": 65535,
    "qualifiers": 49152,
    "version": 3,
    "level": 2,
    "task": 1052,
    "opcode": 11,
    "keywords": 0x8000000000000001,
    "record_id": 2**40,
    "activity_id": ACTIVITY,
    "related_activity_id": RELATED,
    "process_id": 4312,
    "thread_id": 4294967295,
    "user_sid": "S-1-5-21-3623811015-3361044348-30300820-1613",
    "channel": "Microsoft-Intune-CertificateConnectors/Operational",
    "computer": "pki01.corp.example",
}
TEXTS = [
    ("Provider/@Name", "Microsoft-Intune-CertificateConnectors"),
    ("Provider/@EventSourceName", "Old Name"),
    ("EventID", "65535"),
    ("EventID/@Qualifiers", "49152"),
    ("Version", "3"),
    ("Level", "2"),
    ("Task", "1052"),
    ("Opcode", "11"),
    ("EventRecordID", "1099511627776"),
    ("Execution/@ProcessID", "4312"),
    ("Execution/@ThreadID", "4294967295"),
    ("Channel", "Microsoft-Intune-CertificateConnectors/Operational"),
    ("Computer", "pki01.corp.example"),
    ("Security/@UserID", "S-1-5-21-3623811015-3361044348-30300820-1613"),
]


def _system(read: Read, path: Path, event: EventSpec) -> Element:
    write_log(path / "log.evtx", [event])
    [(_, root)] = read(path / "log.evtx")
    system = root.find("System")
    assert system is not None
    return system


def _text(system: Element, where: str) -> str | None:
    name, _, attribute = where.partition("/@")
    element = system.find(name)
    assert element is not None, where
    return element.get(attribute) if attribute else element.text


@pytest.mark.parametrize(("where", "text"), TEXTS, ids=[where for where, _ in TEXTS])
def test_a_field_of_a_manifest_event_comes_back(read: Read, event: Make, tmp_path: Path, where: str, text: str) -> None:
    assert _text(_system(read, tmp_path, event(**FULL)), where) == text


@pytest.mark.parametrize(
    ("where", "guid"),
    [("Provider/@Guid", GUID), ("Correlation/@ActivityID", ACTIVITY), ("Correlation/@RelatedActivityID", RELATED)],
)
def test_a_guid_of_system_comes_back(read: Read, event: Make, tmp_path: Path, where: str, guid: str) -> None:
    assert UUID(_text(_system(read, tmp_path, event(**FULL)), where)) == UUID(guid)


def test_the_keywords_come_back(read: Read, event: Make, tmp_path: Path) -> None:
    assert int(_text(_system(read, tmp_path, event(**FULL)), "Keywords") or "", 16) == 0x8000000000000001


def test_the_time_comes_back(read: Read, reader: str, event: Make, tmp_path: Path) -> None:
    text = _text(_system(read, tmp_path, event(time=TIME)), "TimeCreated/@SystemTime") or ""
    read_back = datetime.fromisoformat(text[:26] + "+00:00")
    assert abs(read_back - TIME) <= TOLERANCE[reader]


@pytest.mark.parametrize("reader", ["libevtx"])
def test_a_filetime_keeps_its_last_digit(read: Read, event: Make, tmp_path: Path) -> None:
    system = _system(read, tmp_path, event(time=134_080_758_011_234_567))
    assert (_text(system, "TimeCreated/@SystemTime") or "").endswith(".123456700Z")


@pytest.mark.parametrize(
    ("where", "text"),
    [
        ("Provider/@Name", "Some Source"),
        ("Channel", "Some Channel"),
        ("Computer", "srv01.corp.example"),
        ("EventID", "7"),
    ],
)
def test_a_constant_of_a_classic_event_comes_back(
    read: Read, event: Make, tmp_path: Path, where: str, text: str
) -> None:
    assert _text(_system(read, tmp_path, event()), where) == text


def test_fields_that_are_absent_have_no_value(read: Read, event: Make, tmp_path: Path) -> None:
    system = _system(read, tmp_path, event())
    attributes = ("EventID/@Qualifiers", "Correlation/@ActivityID", "Execution/@ProcessID", "Security/@UserID")
    assert not any(_text(system, where) for where in attributes)


def test_the_record_id_is_the_number_of_the_record_unless_given(read: Read, event: Make, tmp_path: Path) -> None:
    write_log(tmp_path / "log.evtx", [event(), event()], first_record=501)
    read_back = [(number, root.findtext("System/EventRecordID")) for number, root in read(tmp_path / "log.evtx")]
    assert read_back == [(501, "501"), (502, "502")]


def test_a_time_without_a_zone_is_refused(event: Make, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="without a zone"):
        write_log(tmp_path / "log.evtx", [event(time=datetime(2026, 11, 20))])  # noqa: DTZ001 (the fault under test)
