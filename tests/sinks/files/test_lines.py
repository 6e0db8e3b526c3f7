"""Stamping and joining."""

import re
from collections.abc import Callable

from shipper.model import INGESTED_WIDTH, Document
from shipper.sinks.lines import as_lines, stamp_now


def test_lines_say_what_stamped_documents_say(documents: Callable[[int], list[Document]]) -> None:
    stamp = b"2026-11-24T09:30:00.000Z"
    assert as_lines(documents(5), stamp).split(b"\n")[:-1] == [document.stamped(stamp) for document in documents(5)]


def test_the_stamp_has_the_width_of_its_place() -> None:
    assert re.fullmatch(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", stamp_now())
    assert len(stamp_now()) == INGESTED_WIDTH
