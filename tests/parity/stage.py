"""What all tests of parity share: rules and what they are compiled to, the corpus, and what is found in it."""

import random
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TypeAlias

import msgspec

from shipper.assets import Body
from shipper.rules.evaluator import Evaluator, in_event_time
from shipper.rules.execution import execute
from shipper.rules.loading import load_rules
from shipper.rules.model import Count, Match, New, Rule, Seen, Silence, Unanswered
from shipper.rules.seeing import Viewer, fields_of
from shipper.rules.spans import parse_span
from shipper.testing.parity import Corpus, Oracle, kibana
from shipper.testing.parity.documents import DAY_MS, HOUR_MS
from shipper.testing.parity.oracle import Found
from shipper.testing.parity.possible import is_possible
from shipper.testing.parity.searches import Searches

RULES = load_rules()
Span: TypeAlias = tuple[int, int]
#: By rule: (time, group, ids) of each alert.
Told: TypeAlias = dict[str, list[tuple[int, tuple[str, ...], tuple[str, ...]]]]
#: Of documents far back that have nothing to do with a rule, one in so many is looked at all the same.
THINNED = 10
#: Executions of each rule that nothing was planted for.
FREE_EXECUTIONS = 4


class Stage:
    """The corpus, seen by each side.

    Args:
        corpus: what is there.
        oracle: its meaning.
        seen: as the shipper's rules see it, by time.
        searches: where it is indexed.
        compiled: the rules as Kibana imports them, by id.
    """

    def __init__(
        self, corpus: Corpus, oracle: Oracle, seen: Sequence[Seen], searches: Searches, compiled: dict[str, Body]
    ) -> None:
        self.corpus, self.oracle, self.seen, self.searches, self.compiled = corpus, oracle, seen, searches, compiled
        self._times = [one.time_ms for one in seen]
        self._asked: dict[tuple[str, Span], Found] = {}
        self._concerns: dict[str, frozenset[str]] = {}

    def meant(self, rule: Rule, span: Span) -> Found:
        """Return what an execution is to find."""
        return self.oracle.find(rule, *span)

    def own(self, rule: Rule, span: Span) -> Found:
        """Return what ``execute`` finds.

        It is given the documents that it may need, and some before and after; what lies further back than an hour and
        has nothing to do with the rule is thinned out, since ``execute`` is made to be read and not to be fast.
        """
        t0_ms, t1_ms = span
        begin, middle, end = (
            bisect_left(self._times, time_ms)
            for time_ms in (
                min(t0_ms, t1_ms) - _reach_ms(rule) - 6 * HOUR_MS,
                min(t0_ms, t1_ms) - HOUR_MS,
                t1_ms + HOUR_MS,
            )
        )
        concerned = self._concerned(rule)
        far = [
            one for number, one in enumerate(self.seen[begin:middle]) if number % THINNED == 0 or one.id in concerned
        ]
        return {finding.group: finding.ids for finding in execute(rule, far + list(self.seen[middle:end]), *span)}

    def _concerned(self, rule: Rule) -> frozenset[str]:
        """Return the ids of all documents that are of the rule, or its follow-ups."""
        if rule.id not in self._concerns:
            everything = (self.corpus.begin_ms, self.corpus.end_ms)
            places = self.oracle.matching(rule, *everything) + self.oracle.answering(rule, *everything)
            self._concerns[rule.id] = frozenset(self.oracle.ids(places))
        return self._concerns[rule.id]

    def in_kibana(self, rule: Rule, span: Span) -> Found:
        """Return what the compiled rule finds; the same execution is run once."""
        if (rule.id, span) not in self._asked:
            self._asked[rule.id, span] = kibana.run(self.searches, rule, self.compiled[rule.id], *span)
        return self._asked[rule.id, span]

    @cached_property
    def impossible(self) -> frozenset[int]:
        """The times of planted documents that the shipper cannot write: their outcome, say, is not that of their id."""
        return frozenset(one.time_ms for one in self.corpus.documents if not is_possible(one))

    def chosen(self, rule: Rule) -> set[int]:
        """Return the times of all documents of the rule, of those in a group where it makes groups."""
        places = self.oracle.matching(rule, self.corpus.begin_ms, self.corpus.end_ms)
        grouped = self.oracle.groups(rule, places).values()
        chosen = places if isinstance(rule.looks_for, Match) else [place for members in grouped for place in members]
        return {self.oracle.time_ms(place) for place in chosen}

    def planted(self, rule: Rule) -> list[Span]:
        """Return the executions that scenes were planted for."""
        return [(plant.t0_ms, plant.t1_ms) for plant in self.corpus.plants if plant.rule_id == rule.id]

    def free(self, rule: Rule) -> list[Span]:
        """Return executions at any time, of the length that suits the rule; a match has one over everything, too."""
        chance = random.Random(rule.id)  # noqa: S311 (a test that can be repeated)
        everything = [(self.corpus.begin_ms, self.corpus.end_ms)] if isinstance(rule.looks_for, Match) else []
        length_ms = parse_span(rule.looks_for.within) if isinstance(rule.looks_for, Count) else 6 * HOUR_MS
        days = range(self.corpus.begin_ms // DAY_MS + 1, self.corpus.end_ms // DAY_MS)
        # Working hours: then most happens.
        begins = [
            chance.choice(days) * DAY_MS + chance.randrange(6 * HOUR_MS, 16 * HOUR_MS, 10)
            for _ in range(FREE_EXECUTIONS)
        ]
        return everything + [(begin_ms, begin_ms + length_ms) for begin_ms in begins]


class Difference(msgspec.Struct, frozen=True):
    """Where two sides disagree about a group: the ids that the one finds, and the other."""

    span: Span
    group: tuple[str, ...]
    meant: tuple[str, ...]
    found: tuple[str, ...]


def differences(span: Span, meant: Found, found: Found) -> Iterator[Difference]:
    """Yield the groups that are not the same on both sides."""
    for group in sorted(meant.keys() | found.keys()):
        if meant.get(group) != found.get(group):
            yield Difference(span, group, meant.get(group, ()), found.get(group, ()))


def make_stage(corpus: Corpus, rules: Sequence[Rule], searches: Searches, compiled: dict[str, Body]) -> Stage:
    """Look at the corpus from each side, as far as the rules need."""
    viewer = Viewer(rules)
    viewed = (viewer.view(one.body, one.id) for one in corpus.documents)
    oracle = Oracle(corpus.documents, {field for rule in rules for field in fields_of(rule)})
    return Stage(corpus, oracle, [one for one in viewed if one is not None], searches, compiled)


def alerts_of(rules: Sequence[Rule], stage: Stage) -> Told:
    """Return what an evaluator tells while the corpus goes by, in order."""
    told: Told = {rule.id: [] for rule in rules}
    for alert in in_event_time(Evaluator(rules), stage.seen, stage.corpus.end_ms):
        told[alert.rule.id].append((alert.at_ms, alert.finding.group, alert.finding.ids))
    return told


def _reach_ms(rule: Rule) -> int:
    match rule.looks_for:
        case New(not_seen_for=span) | Unanswered(look_back=span) | Silence(look_back=span):
            return parse_span(span)
        case _:
            return 0
