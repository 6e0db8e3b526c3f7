"""Which alerts were raised a short time ago, so that nobody is told of one thing over and over."""

import msgspec

from shipper.rules.evaluator.groups import Group, Groups

#: So many alerts of one group are remembered.
_MOST_OF_ONE = 64


class Raised(msgspec.Struct, frozen=True, order=True, gc=False, array_like=True):
    """An alert that was raised."""

    at_ms: int
    id: str


class Quiet:
    """The alerts of one rule that were raised, by group.

    Whatever would raise an alert again is within ``quiet_ms`` of one that was raised, or has its id: so documents that
    are given a second time raise nothing new.
    """

    def __init__(self, quiet_ms: int, most_groups: int) -> None:
        self._quiet_ms = quiet_ms
        self.groups: Groups[tuple[Raised, ...]] = Groups(most_groups)

    def covers(self, group: Group, at_ms: int) -> bool:
        """Say whether an alert was raised a short time before, or after."""
        raised = self.groups.get(group)
        return raised is not None and any(abs(at_ms - one.at_ms) < self._quiet_ms for one in raised)

    def ends_ms(self, group: Group, at_ms: int) -> int:
        """Return the first time from ``at_ms`` on at which an alert may be raised."""
        for one in sorted(self.groups.get(group) or ()):
            if abs(at_ms - one.at_ms) < self._quiet_ms:
                at_ms = one.at_ms + self._quiet_ms
        return at_ms

    def has(self, group: Group, alert_id: str) -> bool:
        """Say whether this very alert was raised."""
        return any(one.id == alert_id for one in self.groups.get(group) or ())

    def note(self, group: Group, at_ms: int, alert_id: str, now_ms: int) -> int:
        """Remember that an alert was raised, and return how many groups were forgotten for it."""
        raised = (*(self.groups.get(group) or ()), Raised(at_ms, alert_id))
        return len(self.groups.put(group, raised[-_MOST_OF_ONE:], now_ms))
