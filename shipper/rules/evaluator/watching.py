"""What the watchers of all kinds of rules have in common: when they began, what they raised, how they are kept."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Literal, TypeAlias

import msgspec

from shipper.rules.alert import Alert, alert_id
from shipper.rules.evaluator.groups import Group
from shipper.rules.evaluator.quiet import Quiet, Raised
from shipper.rules.evaluator.remembered import Remembered, common, finding
from shipper.rules.evaluator.settings import EvaluatorCounts, EvaluatorSettings
from shipper.rules.model import Rule, Seen
from shipper.rules.spans import parse_span

#: As what a document meets a rule.
Role: TypeAlias = Literal["where", "answer"]


#: Alerts that were raised, as they are kept: group, when it was touched, which.
Raisings: TypeAlias = list[tuple[Group, int, tuple[Raised, ...]]]


class Clock(msgspec.Struct):
    """The time that an evaluator was last told, shared by its watchers.

    Attributes:
        now_ms: milliseconds since 1970.
        known: it has been told any.
    """

    now_ms: int = 0
    known: bool = False


class Surroundings(msgspec.Struct, frozen=True):
    """What all watchers of an evaluator share."""

    settings: EvaluatorSettings
    counts: EvaluatorCounts
    clock: Clock


class Watched(msgspec.Struct, frozen=True, array_like=True):
    """What a watcher remembers, as it is kept.

    Attributes:
        rule_id, rule_version: whose it is.
        since_ms: the time from which on the rule has been watched for.
        raised: (group, when it was touched, alerts raised).
        kept: what only its kind knows, encoded.
    """

    rule_id: str
    rule_version: int
    since_ms: int | None
    raised: Raisings
    kept: msgspec.Raw


class Watcher(ABC):
    """Watches for what one rule looks for.

    Attributes:
        rule: which one.
        since_ms: the time from which on it has been watched for; ``None`` before the first document.
        remembers: whether it remembers documents, so that one whose time is far ahead would do harm.
    """

    remembers = True

    def __init__(self, rule: Rule, around: Surroundings) -> None:
        self.rule = rule
        self.since_ms: int | None = None
        self._by = rule.by
        self._settings = around.settings
        self._counts = around.counts
        self._clock = around.clock
        self._quiet_ms = quiet_ms = parse_span(rule.quiet_for)
        self._quiet = Quiet(quiet_ms, around.settings.most_groups)
        self._remember_raised_ms = max(quiet_ms, around.settings.remember_ms)

    @abstractmethod
    def see(self, seen: Seen, role: Role) -> list[Alert]:
        """Take a document that meets the rule, and return what it raises."""

    def advance(self, now_ms: int) -> list[Alert]:
        """Return what the passing of time raises."""
        del now_ms
        return []

    def start(self, now_ms: int) -> None:
        """Learn the time, which was not known until now."""
        self._quiet.groups.start(now_ms)

    def expire(self, now_ms: int) -> None:
        """Forget what can be in no finding any more."""
        self._quiet.groups.expire(now_ms - self._remember_raised_ms)

    def keep(self) -> Watched:
        """Return what is remembered."""
        kept = msgspec.Raw(msgspec.msgpack.encode(self._keep()))
        return Watched(self.rule.id, self.rule.version, self.since_ms, list(self._quiet.groups), kept)

    def restore(self, watched: Watched) -> None:
        """Remember what was kept.

        Raises:
            msgspec.MsgspecError: it is of another kind of rule; nothing is remembered then.
        """
        self._restore(watched.kept)
        self.since_ms = watched.since_ms
        for group, touched_ms, raised in watched.raised:
            self._quiet.groups.put(group, raised, touched_ms)
        self._resume()

    @abstractmethod
    def _keep(self) -> object:
        """Return what this kind remembers, as msgspec encodes it."""

    @abstractmethod
    def _restore(self, kept: msgspec.Raw) -> None:
        """Remember what ``_keep`` returned."""

    def _resume(self) -> None:  # noqa: B027 (most kinds have nothing to do)
        """Go on where all is remembered."""

    def _raise(self, group: Group, matched: Sequence[Remembered], at_ms: int, *parts: str) -> list[Alert]:
        """Return the alert of a group, or nothing where it is to be quiet."""
        if self._is_quiet(self._quiet, group, at_ms):
            return []
        identity = alert_id(self.rule.id, *group, *parts)
        if not self._is_first(self._quiet, group, at_ms, identity):
            return []
        return [self._alert(group, matched, at_ms, identity)]

    def _is_quiet(self, quiet: Quiet, group: Group, at_ms: int) -> bool:
        covered = quiet.covers(group, at_ms)
        self._counts.quiet += covered
        return covered

    def _is_first(self, quiet: Quiet, group: Group, at_ms: int, identity: str) -> bool:
        """Say whether an alert was not raised before, and remember that it is now."""
        if quiet.has(group, identity):
            self._counts.quiet += 1
            return False
        forgotten = quiet.note(group, at_ms, identity, self._clock.now_ms)
        self._counts.evicted_raised += forgotten if quiet is self._quiet else 0
        return True

    def _alert(self, group: Group, matched: Sequence[Remembered], at_ms: int, identity: str) -> Alert:
        self._counts.alerts += 1
        return Alert(self.rule, finding(self.rule, group, matched), at_ms, identity, common(matched))
