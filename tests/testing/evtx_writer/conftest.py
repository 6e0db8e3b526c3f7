"""Three readers that share no code, each giving (record number, Event element) in the order of the file.

Where a reader renders a value in its own way, the tests say so in a table; only the shape is evened out here.
"""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement, fromstring

import evtx
import Evtx.Evtx
import pyevtx
import pytest

from shipper.testing.evtx_writer import EventSpec

Records = list[tuple[int, Element]]
_NAMESPACE = re.compile(r"^\{[^}]*\}")
_INDENT = re.compile(r"\n *")
_ARRAY_ITEM = re.compile(r"<string>(.*?)</string>\n", re.DOTALL)

TIME = datetime(2026, 11, 20, 9, 30, 1, 123456, tzinfo=UTC)


def _rust(path: Path) -> Iterator[tuple[int, str]]:
    for record in evtx.PyEvtxParser(str(path)).records():
        assert record is not None
        yield record["event_record_id"], record["data"].partition("?>")[2]


def _python_evtx(path: Path) -> Iterator[tuple[int, str]]:
    """Read every chunk there is, as the header of a live log counts too few."""
    with Evtx.Evtx.Evtx(str(path)) as log:
        for chunk in log.get_file_header().chunks(include_inactive=True):
            if chunk.check_magic():
                yield from ((record.record_num(), record.xml()) for record in chunk.records())


def _libevtx(path: Path) -> Iterator[tuple[int, str]]:
    log = pyevtx.file()
    log.open(str(path))
    try:
        for index in range(log.number_of_records):
            record = log.get_record(index)
            yield record.identifier, record.get_xml_string().rstrip("\0\n")
    finally:
        log.close()


READERS = {"rust": _rust, "python-evtx": _python_evtx, "libevtx": _libevtx}


@pytest.fixture(params=READERS)
def reader(request: pytest.FixtureRequest) -> str:
    """Name the reader."""
    return str(request.param)


@pytest.fixture
def read(reader: str) -> Callable[[Path], Records]:
    """Return a function that reads a log whole."""

    def records(path: Path) -> Records:
        return [(number, _element(xml)) for number, xml in READERS[reader](path)]

    return records


@pytest.fixture
def event() -> Callable[..., EventSpec]:
    """Return a maker of events that takes only what a test is about."""

    def make(**fields: object) -> EventSpec:
        return EventSpec(
            **{  # type: ignore[arg-type]  # the tests give the fields their types
                "provider": "Some Source",
                "event_id": 7,
                "channel": "Some Channel",
                "computer": "srv01.corp.example",
                "time": TIME,
                **fields,
            }
        )

    return make


def _element(xml: str) -> Element:
    """Parse, drop namespaces, and give each string of an array a Data of its own, as Windows shows it."""
    root = fromstring(xml)  # noqa: S314 (rendered from bytes that the tests wrote)
    for element in root.iter():
        element.tag = _NAMESPACE.sub("", element.tag)
        if not len(element) and _INDENT.fullmatch(element.text or ""):
            element.text = None  # the Rust reader indents what is empty
    for data in root.findall("EventData"):
        _split_arrays(data)
    return root


def _split_arrays(parent: Element) -> None:
    for child in list(parent):
        items = _ARRAY_ITEM.findall(child.text or "")
        if items:
            parent.remove(child)
        for item in items:
            SubElement(parent, child.tag, child.attrib).text = item
