"""Everything that a report says, before it is put into words."""

from datetime import datetime

import msgspec

from shipper.model import Problem
from shipper.report.alerts import Alerts
from shipper.report.questions.affected import Affected, affected
from shipper.report.questions.causes import Causes, causes
from shipper.report.questions.connectors import Connector, State, connectors
from shipper.report.questions.quality import Quality, quality
from shipper.report.questions.scope import Scope
from shipper.report.questions.stages import Stage, stages
from shipper.report.questions.timeline import Column, Heat, heat_by_cause, heat_by_host, timeline
from shipper.report.store import Store


class Reading(msgspec.Struct, frozen=True):
    """What was read, and what was not.

    Attributes:
        names: inputs as they were given, or the data stream.
        outside: documents outside the period that was asked for.
        foreign: lines that are no documents of ours.
        filtered: records of other channels.
        skipped: records in chunks passed over without decoding.
        unreadable: records that could not be decoded.
        uncounted: damaged places in which nobody knows how many are lost.
        problems: the first of those.
        doubles: events that came more than once, and count once.
        later: events that claim to be from the time after the report was made, and are left out.
    """

    names: tuple[str, ...]
    outside: int = 0
    foreign: int = 0
    filtered: int = 0
    skipped: int = 0
    unreadable: int = 0
    uncounted: int = 0
    problems: tuple[Problem, ...] = ()
    doubles: int = 0
    later: int = 0


class Findings(msgspec.Struct, frozen=True):
    """The answers, and from what and when they are.

    Attributes:
        made_at: aware.
        is_live: the data stream was read, so that connectors are judged up to now.
    """

    made_at: datetime
    is_live: bool
    reading: Reading
    scope: Scope
    connectors: tuple[Connector, ...]
    causes: Causes
    timeline: tuple[Column, ...]
    by_host: Heat
    by_cause: Heat
    stages: tuple[Stage, ...]
    devices: Affected
    users: Affected
    templates: Affected
    authorities: Affected
    alerts: Alerts
    quality: Quality

    def in_state(self, state: State) -> tuple[Connector, ...]:
        """Return the connectors in that state."""
        return tuple(connector for connector in self.connectors if connector.state == state)


def findings(
    store: Store, scope: Scope, reading: Reading, alerts: Alerts, made_at: datetime, *, is_live: bool
) -> Findings:
    """Ask every question of a settled store."""
    return Findings(
        made_at,
        is_live,
        reading,
        scope,
        connectors(store, scope.end_ms),
        causes(store),
        timeline(store, scope),
        heat_by_host(store, scope),
        heat_by_cause(store, scope),
        stages(store),
        affected(store, "device"),
        affected(store, "user"),
        affected(store, "template"),
        affected(store, "ca"),
        alerts,
        quality(store),
    )
