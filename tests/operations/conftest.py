"""Readings and clocks for tests of what is told of a run."""

from collections.abc import Callable
from typing import Any

import pytest

from shipper.operations.vitals import Reading
from shipper.pipeline import Counts


class HandMovedClock:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> HandMovedClock:
    return HandMovedClock()


@pytest.fixture
def reading() -> Callable[..., Reading]:
    """Return a maker of readings of a run that goes well, but for what is said."""

    def make(**said: Any) -> Reading:
        return Reading(**{"state": "running", "counts": Counts(), "uptime_s": 10.0, "turned_s": 0.1, **said})

    return make
