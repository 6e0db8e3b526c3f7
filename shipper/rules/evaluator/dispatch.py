"""Which rules a document concerns: most conditions speak of what the event id decides, and few ids occur."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeAlias

import msgspec

from shipper.rules.conditions import is_of, meets
from shipper.rules.evaluator.compiled import Test, compiled, split
from shipper.rules.evaluator.watching import Role, Watcher
from shipper.rules.model import Condition, Scalar, Seen, Unanswered
from shipper.rules.seeing import fields_of

#: Fields that hold few values over all documents, mostly since the event id decides them.
_FEW_VALUED = frozenset({
    "event.dataset", "event.code", "event.kind", "event.action", "event.outcome", "event.category", "event.type",
    "event.severity", "log.level", "intune_connector.schema", "intune_connector.event_name",
    "intune_connector.operation", "intune_connector.stage", "intune_connector.final", "intune_connector.counts_as",
})  # fmt: skip
#: Hostile documents have ever new values; what is remembered stays bounded.
_MOST_KEYS = 4096

_Key: TypeAlias = tuple[tuple[Scalar, ...] | None, ...]


class Concern(NamedTuple):
    """A rule that may look at a document.

    Attributes:
        test: what is left to be asked of it; ``None`` for nothing.
    """

    watcher: Watcher
    role: Role
    test: Test | None


class _Plan(msgspec.Struct, frozen=True):
    watcher: Watcher
    role: Role
    few: Condition
    rest: Test | None


class Dispatch:
    """Finds the concerns of a document; what it remembers changes no answer."""

    def __init__(self, watchers: Sequence[Watcher]) -> None:
        named = {field for watcher in watchers for field in fields_of(watcher.rule)}
        self._fields = tuple(sorted(_FEW_VALUED & {*named, "event.dataset"}))
        self._plans = tuple(plan for watcher in watchers for plan in self._planned(watcher))
        self._known: dict[_Key, tuple[Concern, ...]] = {}

    def concerns(self, seen: Seen) -> tuple[Concern, ...]:
        """Return the rules that may look at a document, in their order, openings before answers."""
        key = tuple(map(seen.fields.get, self._fields))
        known = self._known.get(key)
        if known is None:
            if len(self._known) >= _MOST_KEYS:
                self._known.clear()
            known = self._known[key] = tuple(
                Concern(plan.watcher, plan.role, plan.rest)
                for plan in self._plans
                if is_of(plan.watcher.rule.reads, seen) and meets(plan.few, seen)
            )
        return known

    def _planned(self, watcher: Watcher) -> Iterator[_Plan]:
        for role, condition in _roles(watcher):
            few, rest = split(condition, self._fields)
            yield _Plan(watcher, role, few, compiled(rest))


def _roles(watcher: Watcher) -> Iterator[tuple[Role, Condition]]:
    yield "where", watcher.rule.where
    if isinstance(watcher.rule.looks_for, Unanswered):
        yield "answer", watcher.rule.looks_for.answer
