"""Every matching document is an alert, unless its group is to be quiet."""

import msgspec

from shipper.rules.alert import Alert, alert_id
from shipper.rules.conditions import groups_of
from shipper.rules.evaluator.quiet import Quiet
from shipper.rules.evaluator.remembered import remembered
from shipper.rules.evaluator.watching import Raisings, Role, Surroundings, Watcher
from shipper.rules.model import Rule, Seen


class Matching(Watcher):
    """Watches for documents that match; remembers nothing of them but the alerts."""

    remembers = False

    def __init__(self, rule: Rule, around: Surroundings) -> None:
        super().__init__(rule, around)
        self._single = Quiet(0, self._settings.most_single)

    def see(self, seen: Seen, role: Role) -> list[Alert]:
        """Return the alert of a document; one that belongs to no group is a group of its own."""
        del role
        group = next(iter(groups_of(self._by, seen)), ()) if self._by else ()
        parts = (*group, str(seen.time_ms // self._quiet_ms)) if group and self._quiet_ms else (seen.id,)
        quiet, group = (self._quiet, group) if group else (self._single, (seen.id,))
        if self._is_quiet(quiet, group, seen.time_ms):
            return []
        identity = alert_id(self.rule.id, *parts)
        if not self._is_first(quiet, group, seen.time_ms, identity):
            return []
        return [self._alert((seen.id,), [remembered(seen)], seen.time_ms, identity)]

    def start(self, now_ms: int) -> None:
        """Learn the time, which was not known until now."""
        super().start(now_ms)
        self._single.groups.start(now_ms)

    def expire(self, now_ms: int) -> None:
        """Forget alerts that were raised long ago."""
        super().expire(now_ms)
        self._single.groups.expire(now_ms - self._settings.remember_ms)

    def _keep(self) -> object:
        return list(self._single.groups)

    def _restore(self, kept: msgspec.Raw) -> None:
        for group, touched_ms, raised in msgspec.msgpack.decode(kept, type=Raisings):
            self._single.groups.put(group, raised, touched_ms)
