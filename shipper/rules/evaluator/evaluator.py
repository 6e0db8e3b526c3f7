"""The evaluator: one watcher a rule, the documents that concern it, and the time."""

from collections.abc import Iterable, Sequence

import msgspec

from shipper.rules.alert import Alert
from shipper.rules.evaluator.counting import Counting
from shipper.rules.evaluator.dispatch import Dispatch
from shipper.rules.evaluator.follow_up import FollowUps
from shipper.rules.evaluator.matching import Matching
from shipper.rules.evaluator.novelty import Novelty
from shipper.rules.evaluator.settings import EvaluatorCounts, EvaluatorSettings
from shipper.rules.evaluator.silence import Silences
from shipper.rules.evaluator.snapshot import pack, unpack
from shipper.rules.evaluator.waiting import Waiting
from shipper.rules.evaluator.watching import Clock, Surroundings, Watched, Watcher
from shipper.rules.model import Count, Match, New, Rule, Seen, Silence, Unanswered

_DEFAULT = EvaluatorSettings()


_EXPIRE_EVERY_MS = 60_000


class Evaluator:
    """Evaluates rules as documents come.

    Documents may come somewhat out of order, and more than once; a document counts once. The time is told: it is that
    of the clock where the documents are those of now, and that of the documents where they are of a time past. No two
    of its methods may run at once.

    Attributes:
        counts: what it has done, and what it had to forget.
    """

    def __init__(self, rules: Iterable[Rule], settings: EvaluatorSettings = _DEFAULT) -> None:
        self.counts = EvaluatorCounts()
        self._most_ahead_ms = settings.most_ahead_ms
        self._clock = Clock()
        around = Surroundings(settings, self.counts, self._clock)
        self._watchers = [_watcher(rule, around) for rule in rules]
        self._timed = [one for one in self._watchers if isinstance(one, Waiting)]
        self._dispatch = Dispatch(self._watchers)
        self._begun = False

    def see(self, seen: Sequence[Seen]) -> list[Alert]:
        """Take documents, and return what they raise, in their order and then in that of the rules."""
        alerts: list[Alert] = []
        clock, concerns = self._clock, self._dispatch.concerns
        for one in seen:
            self.counts.seen += 1
            if not self._begun:
                self._begin(one.time_ms)
            ahead = clock.known and one.time_ms > clock.now_ms + self._most_ahead_ms
            self.counts.ahead += ahead
            for watcher, role, test in concerns(one):
                if (test is None or test(one)) and not (ahead and watcher.remembers):
                    alerts += watcher.see(one, role)
        return alerts

    def finish(self, now_ms: int) -> list[Alert]:
        """Let it be ``now_ms``, where no document from before it is on the way; return what is overdue then."""
        for waiting in self._timed:
            waiting.wait_no_more()
        return self.advance(now_ms)

    def advance(self, now_ms: int) -> list[Alert]:
        """Let it be ``now_ms``, and return what is overdue then, sorted by the time at which it was due.

        An alert tells what an execution at the moment at which it was due finds among the documents that have come by
        now: so call this only when those up to ``now_ms`` are there. Of what came when it was overdue already, it is
        told ``lateness_ms`` later, since what answers it may be right behind. Time may go back, as where a clock is put
        right, or one log is read after another; nothing is told twice.
        """
        expires = self._clock.known and now_ms // _EXPIRE_EVERY_MS > self._clock.now_ms // _EXPIRE_EVERY_MS
        self._tell(now_ms)
        alerts: list[Alert] = []
        for waiting in self._timed:
            alerts += waiting.advance(now_ms)
        if expires:
            for watcher in self._watchers:
                watcher.expire(now_ms)
        alerts.sort(key=lambda alert: (alert.at_ms, alert.rule.id, alert.finding.group))
        return alerts

    def snapshot(self) -> bytes:
        """Return all that is remembered; its size is bounded by the settings."""
        return pack(self._clock.now_ms if self._clock.known else None, [watcher.keep() for watcher in self._watchers])

    def restore(self, packed: bytes) -> tuple[str, ...]:
        """Remember what a snapshot holds of the rules at hand; call it before anything else.

        Returns:
            the ids of the rules that begin anew, since it holds nothing of them in this version.

        Raises:
            StateError: it is damaged, or of another version of the shipper; nothing is remembered then.
        """
        snapshot = unpack(packed)
        if snapshot.now_ms is not None:
            self._clock.now_ms, self._clock.known = snapshot.now_ms, True
        kept = {(one.rule_id, one.rule_version): one for one in snapshot.watched}
        return tuple(one.rule.id for one in self._watchers if not _restored(one, kept))

    def _begin(self, time_ms: int) -> None:
        """Note when the rules that nothing is known of began to be watched for."""
        self._begun = True
        for watcher in self._watchers:
            if watcher.since_ms is None:
                watcher.since_ms = time_ms

    def _tell(self, now_ms: int) -> None:
        if not self._clock.known:
            for watcher in self._watchers:
                watcher.start(now_ms)
        self._clock.now_ms, self._clock.known = now_ms, True
        if not self._begun:
            self._begin(now_ms)


def _restored(watcher: Watcher, kept: dict[tuple[str, int], Watched]) -> bool:
    found = kept.get((watcher.rule.id, watcher.rule.version))
    if found is None:
        return False
    try:
        watcher.restore(found)
    except msgspec.MsgspecError:
        return False
    return True


def _watcher(rule: Rule, around: Surroundings) -> Watcher:
    match rule.looks_for:
        case Match():
            return Matching(rule, around)
        case Count():
            return Counting(rule, rule.looks_for, around)
        case New():
            return Novelty(rule, rule.looks_for, around)
        case Unanswered():
            return FollowUps(rule, rule.looks_for, around)
        case Silence():
            return Silences(rule, rule.looks_for, around)
