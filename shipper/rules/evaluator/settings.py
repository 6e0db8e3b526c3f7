"""How much an evaluator remembers, and what it tells of itself."""

import msgspec

_MINUTE_MS = 60_000
_HOUR_MS = 60 * _MINUTE_MS


class EvaluatorSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The bounds of an evaluator.

    Attributes:
        lateness_ms: by how much a document may come behind later ones of its group and still count.
        most_ahead_ms: a document further ahead of the time than this has a wrong clock: only matches look at it.
        remember_ms: how long it is remembered that an alert was raised, or that something was answered; a stretch of
            documents that is given again within this time raises nothing new.
        most_groups: groups per rule.
        most_documents: documents per group.
        most_remembered: documents per rule, over all its groups.
        most_values: combinations of values per rule that looks for new ones.
        most_single: alerts per rule that are remembered where each document is a group of its own.
    """

    lateness_ms: int = 10 * _MINUTE_MS
    most_ahead_ms: int = 24 * _HOUR_MS
    remember_ms: int = 25 * _HOUR_MS
    most_groups: int = 10_000
    most_documents: int = 1_000
    most_remembered: int = 100_000
    most_values: int = 100_000
    most_single: int = 1_000


class EvaluatorCounts(msgspec.Struct):
    """What an evaluator has done since it was made.

    Attributes:
        seen: documents.
        alerts: raised.
        quiet: alerts not raised, since one for their group was raised a short time before, or the same one was.
        late: times that a document came too late to count for a rule.
        ahead: documents that only matches looked at, since their time was far ahead.
        evicted_groups: groups forgotten for want of room; an alert about them may be missed.
        evicted_documents: documents forgotten, likewise.
        evicted_values: values forgotten; they count as new when they come again.
        evicted_raised: groups of which it is forgotten that an alert was raised; another may be.
    """

    seen: int = 0
    alerts: int = 0
    quiet: int = 0
    late: int = 0
    ahead: int = 0
    evicted_groups: int = 0
    evicted_documents: int = 0
    evicted_values: int = 0
    evicted_raised: int = 0
