"""The corpus: noise, what is planted for each rule, and what its own cases hold."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

import msgspec

from shipper.rules.model import Rule
from shipper.testing.parity.documents import DAY_MS, Draft, Kept, kept
from shipper.testing.parity.noise import noise
from shipper.testing.parity.plants import plants_of
from shipper.testing.parity.scenes import Calendar, Plant

#: A Monday; its first day has no noise but heartbeats.
BEGIN = datetime(2026, 11, 2, tzinfo=UTC)
DAYS = 12
SEED = 20
#: Longer than any rule's ``learn_for``.
SETTLED_AFTER_MS = 4 * DAY_MS


class Corpus(msgspec.Struct, frozen=True):
    """Documents, and what is known of them.

    Attributes:
        begin_ms, end_ms: every document lies in ``[begin, end)``.
        documents: sorted by time; no two of the same millisecond, none ends in 0.
        plants: in the order of the rules.
        ids: the ids of each plant's documents, in its order.
    """

    begin_ms: int
    end_ms: int
    documents: tuple[Kept, ...]
    plants: tuple[Plant, ...]
    ids: Mapping[int, tuple[str, ...]]


def build_corpus(rules: Iterable[Rule], namespace: str, extra: Iterable[Draft] = ()) -> Corpus:
    """Build the corpus for some rules; the same rules give the same corpus but for the namespace.

    Args:
        rules: each gets its plants.
        namespace: of the data streams.
        extra: further documents, such as those of the rules' own cases; their times are moved by milliseconds.
    """
    begin_ms, end_ms = int(BEGIN.timestamp() * 1000), int((BEGIN + timedelta(days=DAYS)).timestamp() * 1000)
    calendar = Calendar(begin_ms, end_ms, begin_ms + SETTLED_AFTER_MS)
    plants = tuple(plant for rule in rules for plant in plants_of(rule, calendar))
    planted: list[Kept] = []
    ids: dict[int, tuple[str, ...]] = {}
    for number, plant in enumerate(plants):
        grown = [kept(draft, len(planted) + place, namespace) for place, draft in enumerate(plant.drafts)]
        ids[number] = tuple(one.id for one in grown)
        planted += grown
    planted += [
        kept(Draft(calendar.at(draft.time_ms), draft.body), 1_000_000 + place, namespace)
        for place, draft in enumerate(extra)
    ]
    everything = [*noise(BEGIN, BEGIN + timedelta(days=1), BEGIN + timedelta(days=DAYS), namespace, SEED), *planted]
    documents = tuple(sorted(everything, key=lambda one: one.time_ms))
    return Corpus(begin_ms, end_ms, documents, plants, ids)
