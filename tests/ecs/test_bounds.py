"""Hostile payloads cost no more than their length in time, and nothing lasting in memory."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from shipper.catalog import LEGACY_CHANNEL
from shipper.ecs.details import read_details
from shipper.ecs.keys import ROUTES
from shipper.model import Event

#: Plenty on a busy machine for a megabyte, far too little for its square.
ENOUGH_S = 5.0
SIZE = 1_000_000


@pytest.mark.parametrize(
    "piece",
    [
        '[Exception Message: "',
        '"]',
        "Key: value; ",
        "a" * 60 + " ",
        "a: ",
        ", a-b",
        "{",
        '{"a":',
        '"a":"',
        "\\",
        "Device ID ",
        "0x",
        "0x0000000",
        "\r\n",
        "- ",
        "[",
        "\ud800",
    ],
)
def test_a_megabyte_of_anything_is_read_in_time(event: Callable[..., Event], piece: str) -> None:
    # If some search were quadratic, this would take minutes.
    text = piece * (SIZE // len(piece))
    started_s = time.perf_counter()
    read_details(event((None, text)))
    read_details(event(("DiagnosticText", text), (text, "x")))
    assert time.perf_counter() - started_s < ENOUGH_S


def test_hostile_logs_fill_no_memory_and_change_no_answer(
    event: Callable[..., Event], fields: Callable[..., dict[str, Any]]
) -> None:
    plain = event(("DeviceId", "d"), ("DiagnosticCode", "0x400"), ("ErrorCode", "0x800706BA"))
    before = fields(plain)
    for number in range(5000):
        code = f"0x{number + 0x1000:08X}"
        hresult = f"0x{0x8000_0000 + number:08X}"
        data = ((f"k{number}", "v"), ("DiagnosticCode", code), ("ErrorCode", hresult))
        fields(event(*data, channel=LEGACY_CHANNEL))
        fields(event(channel=f"channel {number}", computer=f"host{number}"))
    assert len(ROUTES) <= 4096
    assert fields(plain) == before
