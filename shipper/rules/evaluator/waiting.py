"""What the watchers for what stays away have in common: when a group is judged."""

from abc import abstractmethod

from shipper.rules.alert import Alert
from shipper.rules.evaluator.groups import Group
from shipper.rules.evaluator.schedule import Schedule
from shipper.rules.evaluator.watching import Surroundings, Watcher
from shipper.rules.model import Rule


class Waiting(Watcher):
    """Judges a group at the time at which something of it was due.

    Nothing may come after it that would have the group judged again. So where it is to be quiet then, it is judged when
    the quiet time ends; and where that time is past already when its document comes, as with a host that is read later
    than others, it is judged only when what comes right behind it has come, too.
    """

    def __init__(self, rule: Rule, around: Surroundings) -> None:
        super().__init__(rule, around)
        self._schedule = Schedule()

    def advance(self, now_ms: int) -> list[Alert]:
        """Return the alerts of the groups of which nothing came until it was due."""
        if not self._schedule.is_due(now_ms):
            return []
        return [alert for group, due_ms in self._schedule.due(now_ms) for alert in self._judge(group, due_ms)]

    def wait_no_more(self) -> None:
        """Judge what is overdue at the next ``advance``: nothing more comes."""
        self._schedule.wait_no_more()

    @abstractmethod
    def _judge(self, group: Group, due_ms: int) -> list[Alert]:
        """Return what an execution at ``due_ms`` raises of a group, and plan the next."""

    def _plan(self, group: Group, due_ms: int, *, judged: bool = False) -> None:
        """Have a group judged at ``due_ms``, or when its quiet time ends.

        Args:
            group: which.
            due_ms: the first millisecond at which an execution finds it.
            judged: it has just been judged: what was due meanwhile is judged at once.
        """
        due_ms, clock = self._quiet.ends_ms(group, due_ms), self._clock
        is_late = clock.known and due_ms <= clock.now_ms and not judged
        self._schedule.put(group, due_ms, clock.now_ms + self._settings.lateness_ms if is_late else due_ms)
