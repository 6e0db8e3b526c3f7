"""Event XML as Windows' own tools write it."""

from collections.abc import Callable
from typing import Any

import pytest

Element = Callable[..., bytes]
Reader = Callable[..., Any]

RENDERING = (
    "<RenderingInfo Culture='it-IT'><Message>riga uno\r\nriga due</Message><Level>Errore</Level><Task>Compito</Task>"
    "<Opcode>Informazioni</Opcode><Keywords><Keyword>Classico</Keyword></Keywords></RenderingInfo>"
)


def test_an_element_becomes_the_event_it_holds(read: Reader, element: Element) -> None:
    (event,) = read(element()).events
    assert (event.channel, event.event_id, event.record_id) == ("Microsoft Intune Connector", 20102, 4711)
    assert (event.computer, event.provider) == ("ndes01.contoso.com", "Intune Connector (synthetic)")
    assert event.data == ((None, "DiagnosticCode: 0x00000400"),)
    assert (event.qualifiers, event.version, event.level, event.task, event.opcode) == (0, 0, 2, 0, 0)
    assert (event.process_id, event.thread_id, event.user_sid) == (0, 0, "S-1-5-18")
    assert event.missing == ()


def test_the_keywords_mask_has_16_digits(read: Reader, element: Element) -> None:
    assert [event.keywords for event in read(element()).events] == ["0x0080000000000000"]


def test_what_the_collector_rendered_is_read(read: Reader, element: Element) -> None:
    (event,) = read(element(after=RENDERING)).events
    assert event.message == "riga uno\nriga due"
    assert (event.level_name, event.task_name, event.opcode_name) == ("Errore", "Compito", "Informazioni")
    assert event.keyword_names == ("Classico",)


def test_data_keeps_names_order_and_empty_values(read: Reader, element: Element) -> None:
    data = "<Data Name='b'>1</Data><Data Name='a'/><Data></Data><Data> x </Data><Binary>00FF</Binary>"
    (event,) = read(element(data=data)).events
    assert event.data == (("b", "1"), ("a", ""), (None, ""), (None, " x "), ("Binary", "00FF"))


def test_an_empty_binary_is_left_out(read: Reader, element: Element) -> None:
    assert [event.data for event in read(element(data="<Data>x</Data><Binary></Binary>")).events] == [((None, "x"),)]


def test_user_data_is_flattened_to_dotted_paths(read: Reader, element: Element) -> None:
    after = (
        "<UserData><LogFileCleared xmlns='http://manifests.microsoft.com/win/2004/08/windows/eventlog'>"
        "<SubjectUserName>joe</SubjectUserName><Channel>System</Channel><Empty/><A b='c'><D>e</D></A>"
        "</LogFileCleared></UserData>"
    )
    (event,) = read(element(after=after)).events
    assert event.user_data == (
        ("LogFileCleared.SubjectUserName", "joe"),
        ("LogFileCleared.Channel", "System"),
        ("LogFileCleared.Empty", ""),
        ("LogFileCleared.A.b", "c"),
        ("LogFileCleared.A.D", "e"),
    )


@pytest.mark.parametrize("record_id", ["", "<EventRecordID/>", "<EventRecordID>x</EventRecordID>"])
def test_a_missing_record_id_is_named_and_the_element_kept(read: Reader, element: Element, record_id: str) -> None:
    text = element(record_id=record_id)
    (event,) = read(text).events
    assert (event.missing, event.raw) == (("record_id",), text.decode())


def test_the_source_name_stands_in_for_an_absent_provider_name(read: Reader, element: Element) -> None:
    text = element().replace(b"Provider Name=", b"Provider EventSourceName=")
    assert [event.provider for event in read(text).events] == ["Intune Connector (synthetic)"]


def test_an_event_identifier_above_16_bits_is_split(read: Reader, element: Element) -> None:
    text = element().replace(b"<EventID Qualifiers='0'>20102", b"<EventID>%d" % (0xC000 << 16 | 20102))
    assert [(event.event_id, event.qualifiers) for event in read(text).events] == [(20102, 0xC000)]


def test_the_element_is_kept_when_asked_for(read: Reader, element: Element) -> None:
    assert [event.raw for event in read(element(), keep_raw=True).events] == [element().decode()]


def test_an_element_of_an_unwanted_channel_is_counted(read: Reader, element: Element) -> None:
    given = read(element(channel="System") + element(), "connector")
    assert (given.filtered, len(given.events)) == (1, 1)
