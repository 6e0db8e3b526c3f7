"""Nothing counts twice: of all events of one request exactly one counts as a request."""

import pytest

from shipper.catalog import ADMIN_CHANNEL, EventEntry, load

CATALOG = load()
UNIFIED = CATALOG.events("unified")
EVENTS = [*CATALOG.events("legacy").values(), *UNIFIED.values()]

#: What a request leaves behind, from the names and descriptions of the events (synthetic: no real log is public).
FLOWS = {
    "PKCS issued": (1002, 1020, 1050, 1100, 1102, 1000),
    "PKCS issued after a try": (1020, 1051, 1050, 1102, 1000),
    "PKCS given up": (1020, 1051, 1051, 1052, 1102, 1001),
    "PKCS not uploaded": (1020, 1050, 1101, 1001),
    "PKCS re-encrypted": (1202, 1220, 1251, 1250, 1300, 1302, 1200),
    "PKCS not decrypted": (1220, 1252, 1201),
    "import": (2202, 2020, 2050, 2100, 2102, 2000),
    "import given up": (2020, 2051, 2052, 2001),
    "revoked": (3002, 3020, 3050, 3100, 3102, 3000),
    "revocation given up": (3020, 3052, 3052, 3051, 3001),
    "SCEP": (4003, 4004, 4006, 4008, 4000),
    "SCEP not verified": (4003, 4005, 4001),
    "SCEP not issued": (4003, 4004, 4007, 4001),
    "SCEP not notified": (4003, 4004, 4006, 4009, 4010, 4002),
}
LEGACY_FLOWS = {
    "PKCS": (20400, 20100, 20300),
    "PKCS refused": (20400, 20102, 20300),
    "PKCS not uploaded": (20400, 20100, 20302),
    "revoked": (20400, 20200, 20300),
    "revocation refused": (20400, 20202, 20302),
    "SCEP": (20500, 20600),
    "SCEP not notified": (20500, 20602),
    "SCEP challenge refused": (20501,),
    "SCEP challenge unverified": (20502,),
}


def ends(ids: tuple[int, ...], schema: str) -> list[EventEntry]:
    known = CATALOG.events("legacy" if schema == "legacy" else "unified")
    return [known[id_] for id_ in ids if known[id_].counts_as == "request"]


@pytest.mark.parametrize("ids", FLOWS.values(), ids=FLOWS)
def test_a_unified_request_counts_once(ids: tuple[int, ...]) -> None:
    assert [event.id for event in ends(ids, "unified")] == [ids[-1]]


@pytest.mark.parametrize("ids", LEGACY_FLOWS.values(), ids=LEGACY_FLOWS)
def test_a_legacy_request_counts_once(ids: tuple[int, ...]) -> None:
    assert len(ends(ids, "legacy")) == 1


def test_every_event_that_counts_as_a_request_ends_some_flow() -> None:
    met = {event.id for ids in FLOWS.values() for event in ends(ids, "unified")}
    met |= {event.id for ids in LEGACY_FLOWS.values() for event in ends(ids, "legacy")}
    assert met == {event.id for event in EVENTS if event.counts_as == "request"}


def test_of_the_unified_channels_admin_alone_counts_requests() -> None:
    assert {event.id for event in UNIFIED.values() if event.counts_as == "request"} == {
        event.id for event in UNIFIED.values() if event.channel == ADMIN_CHANNEL
    }


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: str(event.id))
def test_what_counts_as_a_request_is_final_and_has_an_outcome(event: EventEntry) -> None:
    if event.counts_as == "request":
        assert event.final
        assert event.outcome != "unknown"


@pytest.mark.parametrize("event", UNIFIED.values(), ids=lambda event: str(event.id))
def test_every_request_event_of_admin_has_twins(event: EventEntry) -> None:
    if event.channel == ADMIN_CHANNEL:
        assert event.twins


def test_the_twins_of_a_failed_pkcs_request_are_its_attempts_its_end_and_its_upload() -> None:
    assert UNIFIED[1001].twins == (1051, 1052, 1101)
