"""The one place that calls the Rust ``evtx`` wheel.

Source: https://docs.rs/evtx and https://pypi.org/project/evtx/ (0.14: ``skip_errors``)
"""

import io
import warnings
from collections.abc import Iterator
from typing import TypedDict, cast

from evtx import PyEvtxParser, PyRecordsIterator

from shipper.sources.evtx.image import FILE_HEADER


class Row(TypedDict):
    """One record as the wheel gives it.

    Keys:
        event_record_id: the number in the record header.
        timestamp: its FILETIME: ``2026-11-24T09:30:00.1234567Z UTC``, trailing zeros of the fraction left out.
        data: JSON or XML.
    """

    event_record_id: int
    timestamp: str
    data: str


class Unruly(Exception):  # noqa: N818 - between two modules, never shown as an error
    """The wheel gave up on a chunk; it can be asked for what it can read of it."""


def read_json(image: bytearray) -> list[Row]:
    """Return the records of a chunk's image as JSON.

    Raises:
        Unruly: at least one record cannot be decoded.
    """
    try:
        return _listed(_parser(image, skip_errors=False).records_json())
    except (RuntimeError, OSError, ValueError) as error:
        raise Unruly(str(error)) from error


def read_what_can_be_read(image: bytearray, *, as_xml: bool = False) -> tuple[list[Row], list[str]]:
    """Return the records of a chunk's image that can be decoded, and what the wheel says of the others."""
    # Warnings are the wheel's only way to tell. This runs for damaged chunks alone, so the filter is set rarely.
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            parser = _parser(image, skip_errors=True)
            rows = _listed(parser.records() if as_xml else parser.records_json())
        except (RuntimeError, OSError, ValueError) as error:
            return [], [str(error)]
    return rows, [str(warning.message) for warning in caught]


def _parser(image: bytearray, *, skip_errors: bool) -> PyEvtxParser:
    # One thread: a chunk is the wheel's own unit of work, and processes share the work here.
    # `indent` concerns XML; `separate_json_attributes` would halve the speed.
    file = io.BytesIO(FILE_HEADER + image)
    return PyEvtxParser(file, number_of_threads=1, indent=False, skip_errors=skip_errors)


def _listed(records: PyRecordsIterator) -> list[Row]:
    rows: list[Row] = list(cast("Iterator[Row]", records))
    return rows
