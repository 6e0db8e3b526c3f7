"""What the inputs hold, entered into the ledger."""

from collections.abc import Callable, Iterator

import msgspec

from shipper.audit.ledger import Ledger, Sighting, Which
from shipper.audit.period import Period, fraction_us
from shipper.ecs.host import host_parts
from shipper.ecs.identity import document_id
from shipper.ecs.surrogates import without_surrogates
from shipper.model import UNCOUNTED, Batch, Event, Position, Problem
from shipper.sources import Source

_US = 1_000_000
#: So many problems are told one by one; the rest is counted.
MOST_PROBLEMS = 1_000


class SourceAccount(msgspec.Struct, frozen=True):
    """What the inputs hold beside the events that are compared.

    Attributes:
        filtered: events of other channels, or of other times.
        skipped: records in chunks that were passed over, since they hold other channels only.
        unreadable: records that are there and cannot be read.
        uncounted: damaged places of unknown loss, and inputs that cannot be read at all.
        problems: where these are, the first of them.
    """

    filtered: int = 0
    skipped: int = 0
    unreadable: int = 0
    uncounted: int = 0
    problems: tuple[Problem, ...] = ()

    @property
    def whole(self) -> bool:
        """Say whether everything could be read."""
        return not self.unreadable and not self.uncounted


def read_source(source: Source, ledger: Ledger, period: Period, tell: Callable[[int, int], None]) -> SourceAccount:
    """Read every event of ``source`` and enter those of ``period``.

    Args:
        source: the same as for shipping.
        ledger: where they are entered.
        period: which times are compared.
        tell: hears, as it goes, how many events and how many bytes of the source have been read.

    Raises:
        SourceError: the source cannot be read at all.
    """
    sums = dict.fromkeys(("filtered", "skipped", "unreadable", "uncounted"), 0)
    problems: list[Problem] = []
    events = size_bytes = 0
    for batch in _batches(source):
        sightings = [_sighting(event) for event in batch.events if isinstance(event, Event)]
        wanted = [one for one in sightings if period.holds(one.time_us)]
        ledger.enter(Which.SOURCE, wanted)
        sums["filtered"] += batch.filtered + len(batch.events) - len(wanted)
        sums["skipped"] += batch.skipped
        for problem in batch.problems:
            sums["uncounted" if problem.records == UNCOUNTED else "unreadable"] += abs(problem.records)
            if len(problems) < MOST_PROBLEMS:
                problems.append(msgspec.structs.replace(problem, position=_spelled(problem.position)))
        events += len(wanted)
        size_bytes += batch.size_bytes
        tell(events, size_bytes)
    return SourceAccount(**sums, problems=tuple(problems))


def _batches(source: Source) -> Iterator[Batch]:
    for unit in source.plan():
        yield from source.read(unit)


def _sighting(event: Event) -> Sighting:
    return Sighting(
        document_id(event),
        without_surrogates(host_parts(event.computer).name)[0],
        without_surrogates(event.channel)[0],
        None if "record_id" in event.missing else event.record_id,
        event.time_s * _US + fraction_us(event.time),
        _spelled(event.position),
    )


def _spelled(position: Position) -> Position:
    """Escape a file's name that is no UTF-8: it could not be kept."""
    if position.source.isprintable():
        return position
    name = position.source.encode("utf-8", "backslashreplace").decode()
    return msgspec.structs.replace(position, source=name)
