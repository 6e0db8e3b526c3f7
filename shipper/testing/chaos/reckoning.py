"""Logs that lose records by their nature: what is in the index and what a notice tells of must make up all of them.

A circular log overwrites what nobody has read yet, a cleared one takes it along. What is lost that way is no fault of
the shipper, as long as it says so; what it says must not cover up what it could have read.
"""

from collections import Counter
from collections.abc import Sequence

import msgspec

from shipper.testing.chaos.ledger import NOTICES, Balance, Found, balance, scan
from shipper.testing.engine import Access


class Told(msgspec.Struct, frozen=True):
    """What a document tells of a log itself.

    Attributes:
        action: ``event.action``.
        last_read: number of the record before which everything had been read.
        first_missed, last_missed: what is told to be missing; -1 in a notice of another kind.
        missed: how many; -1 where nothing is told.
    """

    action: str
    last_read: int
    first_missed: int = -1
    last_missed: int = -1
    missed: int = -1

    @property
    def numbers(self) -> range:
        """The numbers that are told to be missing."""
        return range(self.first_missed, self.last_missed + 1) if self.first_missed >= 0 else range(0)


class Reckoning(msgspec.Struct, frozen=True):
    """All records that were written, each in one of the places where it may be.

    Attributes:
        found: the balance, in which lost is only what nothing tells of.
        reported: records that are not in the index, and of which a notice tells.
        contradicted: records that are in the index, and of which a notice tells that they are missing.
        untrue: notices that tell of records which were never written, or of a number that their range does not have.
        gaps, clears: how many notices of each kind there are.
    """

    found: Balance
    reported: int
    contradicted: int
    untrue: int
    gaps: int
    clears: int

    @property
    def is_even(self) -> bool:
        """Whether every record is in the index once or in one gap, and never in both."""
        return self.found.is_even and self.contradicted == self.untrue == 0


def told_of(access: Access, data_stream: str) -> list[Told]:
    """Return what the documents of a data stream tell of the log itself; at most 10,000.

    Raises:
        OSError: the node cannot be reached.
    """
    access.request("POST", f"/{data_stream}/_refresh")
    query = {"size": 10_000, "query": {"terms": {"event.action": sorted(NOTICES)}}}
    _, answer = access.request("POST", f"/{data_stream}/_search", query)
    sources = [hit["_source"] for hit in answer["hits"]["hits"]]
    return [Told(each["event"]["action"], **each["intune_connector"]["log"]) for each in sources]


def reckon(access: Access, data_stream: str, generations: Sequence[Sequence[str]]) -> Reckoning:
    """Scan a data stream and hold it against what was written.

    Args:
        access: the node.
        data_stream: its name.
        generations: ``_id`` of each record in the order of their numbers, from 1; a log that was cleared has several.

    Raises:
        ValueError: a gap is told where there are several generations: it does not tell which.
    """
    return reckoned(generations, scan(access, data_stream), told_of(access, data_stream))


def reckoned(generations: Sequence[Sequence[str]], found: Sequence[Found], told: Sequence[Told]) -> Reckoning:
    """Hold what is in the index, and what is told, against what was written; pure. See ``reckon``."""
    there = {document.id for document in found}
    held = [{number for number, id_ in enumerate(ids, 1) if id_ in there} for ids in generations]
    gaps = [each for each in told if each.action == "records-missed"]
    if gaps and len(generations) > 1:
        raise ValueError("a gap in a log that was cleared: it does not tell of which numbers")
    clears = [each for each in told if each.action == "log-cleared"]
    reported = [{number for gap in gaps for number in gap.numbers}, *(set[int]() for _ in generations[1:])]
    reported = _with_cleared(generations, held, reported, clears)
    plain = balance([id_ for ids in generations for id_ in ids], found)
    return Reckoning(
        msgspec.structs.replace(plain, lost=sum(map(_lost, generations, held, reported))),
        sum(len(told_ - held_) for told_, held_ in zip(reported, held, strict=True)),
        sum(len(told_ & held_) for told_, held_ in zip(reported, held, strict=True)),
        sum(gap.missed != len(gap.numbers) or gap.last_missed > len(generations[0]) for gap in gaps),
        len(gaps),
        len(clears),
    )


def _lost(ids: Sequence[str], held: set[int], reported: set[int]) -> int:
    return len(set(range(1, len(ids) + 1)) - held - reported)


def _with_cleared(
    generations: Sequence[Sequence[str]], held: Sequence[set[int]], reported: Sequence[set[int]], clears: Sequence[Told]
) -> list[set[int]]:
    """Add what was cleared away behind the last record that was read, where a notice tells of just that record."""
    last_read = Counter(clear.last_read for clear in clears)
    completed: list[set[int]] = []
    for index, ids in enumerate(generations):
        last = max(held[index], default=0)
        told = index < len(generations) - 1 and last_read[last] > 0
        last_read[last] -= told
        completed.append(reported[index] | set(range(last + 1, len(ids) + 1)) if told else reported[index])
    return completed
