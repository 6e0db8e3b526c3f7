"""Portions into the store, and the account of what was read."""

from collections.abc import Callable, Iterable

import msgspec

from shipper.model import UNCOUNTED
from shipper.report.findings import Reading
from shipper.report.sifter import Portion
from shipper.report.store import Store

_PROBLEMS_SHOWN = 12


def gather(
    portions: Iterable[Portion],
    names: tuple[str, ...],
    store: Store,
    tell: Callable[[int, int], None],
    latest_ms: int | None = None,
) -> Reading:
    """Keep every row, settle the store, and return what was read.

    Args:
        portions: what the inputs hold.
        names: of the inputs.
        store: fresh.
        tell: hears, as it goes, how many events and how many bytes of the inputs have been read.
        latest_ms: events after it have a wrong time and are left out: ``Store.settle``.

    Raises:
        ShipperError: as ``Store.add`` and whatever reading raises.
    """
    reading, events, size_bytes = Reading(names), 0, 0
    for portion in portions:
        store.add(portion.rows)
        reading = _and(reading, portion)
        events += len(portion.rows)
        size_bytes += portion.size_bytes
        tell(events, size_bytes)
    store.settle(latest_ms)
    return msgspec.structs.replace(reading, doubles=store.doubles, later=store.later)


def _and(reading: Reading, portion: Portion) -> Reading:
    return Reading(
        reading.names,
        reading.outside + portion.outside,
        reading.foreign + portion.foreign,
        reading.filtered + portion.filtered,
        reading.skipped + portion.skipped,
        reading.unreadable + sum(max(problem.records, 0) for problem in portion.problems),
        reading.uncounted + sum(problem.records == UNCOUNTED for problem in portion.problems),
        (*reading.problems, *portion.problems)[:_PROBLEMS_SHOWN],
    )
