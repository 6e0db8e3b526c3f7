"""Real logs of Windows, whole and damaged (provenance: SOURCES.md beside them). None comes from a connector."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Reader = Callable[..., Any]

#: File: records read, records lost that can be counted, problems. Beside some, what the wheel reads on its own.
EXPECTED = {
    "2-system-Microsoft-Windows-LiveId%4Operational.evtx": (399, 0, 0),
    "2-vss_0-Microsoft-Windows-RemoteDesktopServices-RdpCoreTS%4Operational.evtx": (1968, 7, 9),  # wheel: 1,910
    "2-vss_0-Microsoft-Windows-TerminalServices-RemoteConnectionManager%4Operational.evtx": (1795, 0, 1),  # 1,774
    "2-vss_7-System.evtx": (1160, 0, 0),
    "Application_no_crc32.evtx": (17, 0, 0),
    "E_ShadowCopy6_windows_system32_winevt_logs_Microsoft-Windows-CAPI2%4Operational.evtx": (459, 0, 0),
    "E_Windows_system32_winevt_logs_Microsoft-Windows-CAPI2%4Operational.evtx": (340, 0, 0),
    "E_Windows_system32_winevt_logs_Microsoft-Windows-Shell-Core%4Operational.evtx": (1146, 0, 0),
    # In the next two the wheel makes one event more out of the first bytes of a record whose rest was never written.
    "Microsoft-Windows-HelloForBusiness%4Operational.evtx": (5, 15, 1),
    "Microsoft-Windows-LanguagePackSetup%4Operational.evtx": (16, 4, 1),
    "Security_short_selected.evtx": (7, 0, 0),
    "Security_with_size_t.evtx": (636, 0, 0),
    "System.evtx": (5009, 0, 0),
    "System2.evtx": (283, 1, 1),  # cut off inside a chunk, of which the wheel reads nothing: 194
    "dns_log_malformed.evtx": (5, 0, 0),
    "issue_201.evtx": (1, 0, 0),
    "issue_38.evtx": (1, 0, 0),
    "issue_39.evtx": (394, 0, 0),
    "issue_43.evtx": (1730, 0, 0),
    "new-user-security.evtx": (4, 0, 0),
    "post-Security.evtx": (126, 0, 0),
    "sample-with-irregular-bool-values.evtx": (3028, 0, 0),
    "sample-with-zero-data-size-event.evtx": (449, 1, 1),  # wheel: 335
    "sample_with_a_bad_chunk_magic.evtx": (298, 251, 87),  # wheel: 270
    "security.evtx": (2261, 0, 0),
    "security_bad_string_cache.evtx": (2261, 0, 0),
    "sysmon.evtx": (358, 0, 1),  # garbage in the slots behind the last chunk
    "system.evtx": (1881, 0, 0),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_real_log_gives_every_record_that_can_be_read(shared: Path, read: Reader, name: str) -> None:
    result = read(shared / "evtx" / name)
    assert (len(result.events), result.lost, len(result.problems)) == EXPECTED[name]


def test_every_real_log_is_among_the_cases(shared: Path) -> None:
    assert {path.name for path in (shared / "evtx").glob("*.evtx")} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_every_event_of_a_real_log_has_its_identity(shared: Path, read: Reader, name: str) -> None:
    events = read(shared / "evtx" / name).events
    assert [event.position for event in events if event.missing or not event.time.endswith("Z")] == []


def test_real_lone_surrogates_are_counted(shared: Path, read: Reader) -> None:
    # In a hash that Sysmon cut short, and in two values of a policy change that are no texts but are marked as such.
    assert sum(event.replaced for event in read(shared / "evtx" / "issue_43.evtx").events) == 1
    assert sum(event.replaced for event in read(shared / "evtx" / "System2.evtx").events) == 2
