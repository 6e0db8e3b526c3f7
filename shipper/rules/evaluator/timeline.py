"""Documents of a time past: the time is theirs."""

from collections.abc import Iterable, Iterator

from shipper.rules.alert import Alert
from shipper.rules.evaluator.evaluator import Evaluator
from shipper.rules.model import Seen


def in_event_time(evaluator: Evaluator, seen: Iterable[Seen], until_ms: int) -> Iterator[Alert]:
    """Yield what documents raise when the time passes as they tell it, and then up to ``until_ms``.

    Args:
        evaluator: takes the documents one by one, each when its time has come.
        seen: documents in the order of their time. Of logs of several hosts that come one after another, rules whose
            groups are within a host are evaluated as well; for the others, merge the logs by time.
        until_ms: no document moves the time beyond it (its clock is wrong); the end of the period for a report of a
            time past, the time of day for one of now.
    """
    for one in seen:
        yield from evaluator.advance(min(one.time_ms, until_ms))
        yield from evaluator.see((one,))
    yield from evaluator.finish(until_ms)
