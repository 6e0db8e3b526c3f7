"""Which channels ``--channels`` asks for."""

import pytest

from shipper import catalog
from shipper.channels import CONNECTOR_CHANNELS, ChannelFilter, parse_channels
from shipper.errors import UsageError
from shipper.model import Event, Position

LEGACY, ADMIN, OPERATIONAL = CONNECTOR_CHANNELS
SCM = "Service Control Manager"


def event(channel: str, provider: str, event_id: int, *texts: str) -> Event:
    return Event(Position("x", 1), provider, event_id, channel, "pc", 1, "", 0, tuple((None, text) for text in texts))


def neighbours() -> ChannelFilter:
    return parse_channels("neighbours", catalog.load().neighbours)


def test_the_connector_s_channels_are_those_of_the_catalog() -> None:
    assert CONNECTOR_CHANNELS == catalog.CONNECTOR_CHANNELS


@pytest.mark.parametrize("channel", CONNECTOR_CHANNELS)
def test_connector_means_both_generations_whatever_the_case(channel: str) -> None:
    assert parse_channels("connector").accepts(channel.upper(), "any", 1)


def test_connector_leaves_other_channels_out() -> None:
    assert not parse_channels("connector").accepts("Application", "NDESConnector", 1)


def test_all_wants_everything_and_searches_for_nothing() -> None:
    everything = parse_channels("all")
    assert everything.accepts("Security", "any", 1)
    assert everything.needles() == ()


def test_names_are_taken_as_channels() -> None:
    wanted = parse_channels(" Setup , Application")
    assert wanted.accepts("setup", "any", 1)
    assert not wanted.accepts(LEGACY, "any", 1)


def test_names_may_stand_beside_the_connector() -> None:
    wanted = parse_channels("connector,Setup")
    assert wanted.accepts("Setup", "any", 1)
    assert wanted.accepts(ADMIN, "any", 1)


@pytest.mark.parametrize("text", ["", " , "])
def test_no_name_is_bad_usage(text: str) -> None:
    with pytest.raises(UsageError, match="no channel"):
        parse_channels(text)


@pytest.mark.parametrize(
    ("channel", "provider", "event_id", "wanted"),
    [
        ("Application", "ndesconnector", 1, True),
        ("Application", "ESENT", 1, False),
        ("Microsoft-AzureADConnect-AgentUpdater/Admin", "any", 7, True),
        ("System", "Microsoft-Windows-Eventlog", 104, True),
        ("System", "Microsoft-Windows-Eventlog", 105, False),
        ("Security", "Microsoft-Windows-Eventlog", 1102, True),
        (ADMIN, "any", 1051, True),
    ],
)
def test_a_neighbour_is_a_channel_a_provider_and_its_ids(
    channel: str, provider: str, event_id: int, *, wanted: bool
) -> None:
    assert neighbours().accepts(channel, provider, event_id) is wanted


def test_a_stopped_service_is_admitted_only_when_it_is_one_of_the_connector_s() -> None:
    binary = "PfxCreateLegacyConnectorSvc/1".encode("utf-16-le").hex().upper()
    assert neighbours().admits(event("System", SCM, 7036, "PFX Create", "stopped", binary))
    assert neighbours().admits(event("System", SCM, 7031, "pfxcertificateconnectorsvc"))
    assert not neighbours().admits(event("System", SCM, 7036, "Windows Update", "stopped"))


def test_the_filter_decides_a_channel_at_once_unless_a_neighbour_has_a_say() -> None:
    assert neighbours().decides(LEGACY) is True
    assert neighbours().decides("Application") is None
    assert neighbours().decides("Setup") is False


def test_needles_are_utf_16_and_channels_of_one_provider_share_one() -> None:
    assert parse_channels("connector").needles() == (
        "Microsoft Intune Connector".encode("utf-16-le"),
        "Microsoft-Intune-CertificateConnectors/".encode("utf-16-le"),
    )


def test_needles_keep_the_spelling_of_the_user() -> None:
    assert parse_channels("My-Log/Admin").needles() == ("My-Log/Admin".encode("utf-16-le"),)


def test_a_neighbour_s_needle_is_its_provider_because_every_chunk_holds_its_channel() -> None:
    needles = neighbours().needles()
    assert "NDESConnector".encode("utf-16-le") in needles
    assert "Application".encode("utf-16-le") not in needles


@pytest.mark.parametrize(("word", "near"), [("conector", "connector"), ("neighbors", "neighbours"), ("al", "all")])
def test_a_slip_is_refused_with_the_word_that_was_meant(word: str, near: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_channels(word)
    assert near in caught.value.hint


@pytest.mark.parametrize("name", ["Application", "System", "Security", "ForwardedEvents"])
def test_the_name_of_a_channel_is_no_slip(name: str) -> None:
    assert parse_channels(name).names == (name,)
