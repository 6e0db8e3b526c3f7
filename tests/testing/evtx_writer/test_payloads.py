"""EventData of both kinds, UserData and RenderingInfo come back from every reader."""

from collections.abc import Callable
from pathlib import Path
from xml.etree.ElementTree import Element as XmlElement

import pytest

from shipper.testing.evtx_writer import Element, EventSpec, Rendering, u32, write_log

Read = Callable[[Path], list[tuple[int, XmlElement]]]
Make = Callable[..., EventSpec]
GUID = "{0f67e49f-fe51-4e9f-b490-6f2948cc6027}"


def _read_one(read: Read, tmp_path: Path, event: EventSpec) -> XmlElement:
    write_log(tmp_path / "log.evtx", [event])
    [(_, root)] = read(tmp_path / "log.evtx")
    return root


def _leaves(element: XmlElement | None) -> list[tuple[str, str]]:
    assert element is not None
    return [(leaf.tag, leaf.text or "") for leaf in element.iter() if not len(leaf)]


@pytest.mark.parametrize("texts", [("one",), ("",), ("one", "", "three"), ('{"Metric":{"Value":0}}',)])
def test_the_strings_of_a_classic_event_come_back_in_order(
    read: Read, event: Make, tmp_path: Path, texts: tuple[str, ...]
) -> None:
    root = _read_one(read, tmp_path, event(data=tuple((None, text) for text in texts)))
    assert [(data.get("Name"), data.text or "") for data in root.iter("Data")] == [(None, text) for text in texts]


def test_the_binary_of_a_classic_event_comes_back(read: Read, reader: str, event: Make, tmp_path: Path) -> None:
    root = _read_one(read, tmp_path, event(data=((None, "one"),), binary=b"\x01\x02"))
    assert root.findtext("EventData/Binary") == ("AQI=" if reader == "python-evtx" else "0102")


def test_an_unnamed_typed_value_comes_back(read: Read, event: Make, tmp_path: Path) -> None:
    root = _read_one(read, tmp_path, event(data=((None, "text"), (None, u32(5)))))
    assert [(data.get("Name"), data.text) for data in root.iter("Data")] == [(None, "text"), (None, "5")]


def test_named_and_unnamed_values_may_stand_side_by_side(read: Read, event: Make, tmp_path: Path) -> None:
    root = _read_one(read, tmp_path, event(data=(("Named", "a"), (None, "b"))))
    assert [(data.get("Name"), data.text) for data in root.iter("Data")] == [("Named", "a"), (None, "b")]


def test_an_event_without_data_has_no_event_data(read: Read, event: Make, tmp_path: Path) -> None:
    assert _read_one(read, tmp_path, event()).find("EventData") is None


def test_user_data_comes_back_with_its_levels(read: Read, event: Make, tmp_path: Path) -> None:
    inner = Element("Inner", children=(Element("Number", u32(5)), Element("Text", "b")))
    user_data = Element("EventXML", attributes=(("xmlns", "Event_NS"),), children=(Element("First", "a"), inner))
    root = _read_one(read, tmp_path, event(provider_guid=GUID, user_data=user_data))
    assert _leaves(root.find("UserData/EventXML")) == [("First", "a"), ("Number", "5"), ("Text", "b")]
    assert root.findtext("UserData/EventXML/Inner/Number") == "5"


def test_rendering_info_comes_back(read: Read, event: Make, tmp_path: Path) -> None:
    rendering = Rendering(
        "The message", "Error", "PkcsIssuedFailure", "Info", "Operational", "Connectors", ("k1", "k2")
    )
    root = _read_one(read, tmp_path, event(data=(("Field", "a"),), rendering=rendering))
    info = root.find("RenderingInfo")
    assert info is not None
    assert info.get("Culture") == "en-US"
    assert _leaves(info) == [
        ("Message", "The message"),
        ("Level", "Error"),
        ("Task", "PkcsIssuedFailure"),
        ("Opcode", "Info"),
        ("Channel", "Operational"),
        ("Provider", "Connectors"),
        ("Keyword", "k1"),
        ("Keyword", "k2"),
    ]


def test_rendering_info_stands_without_event_data_too(read: Read, event: Make, tmp_path: Path) -> None:
    root = _read_one(read, tmp_path, event(rendering=Rendering("The message")))
    assert root.findtext("RenderingInfo/Message") == "The message"


def test_binary_beside_named_values_is_refused(event: Make, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="classic"):
        write_log(tmp_path / "log.evtx", [event(data=(("Field", "a"),), binary=b"\x01")])
