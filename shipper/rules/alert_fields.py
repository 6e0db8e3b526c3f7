"""Every field of an alert's document, in one place; ``docs/reference/alert.md`` says where each value comes from.

https://www.elastic.co/guide/en/ecs/8.17/ecs-rule.html, https://www.elastic.co/guide/en/ecs/8.17/ecs-threat.html
"""

import msgspec

from shipper.ecs.fields import (
    Agent,
    Authority,
    CatalogVersion,
    DataStream,
    Date,
    Ecs,
    Identified,
    Keyword,
    Long,
    Text,
)


class AlertEvent(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """``event.*``; ``ingested`` stands first so that its offset is the same in every document."""

    ingested: Date
    kind: Keyword
    module: Keyword
    dataset: Keyword
    provider: Keyword
    code: Keyword | None = None
    id: Keyword
    created: Date
    severity: Long
    reason: Keyword


class AlertRule(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """``rule.*``."""

    id: Keyword
    name: Keyword
    description: Keyword
    category: Keyword
    version: Keyword
    reference: Keyword | None = None


class Attack(msgspec.Struct, frozen=True):
    """``threat.tactic.*`` and ``threat.technique.*``: of each as many ids as names, in the same order."""

    id: tuple[Keyword, ...]
    name: tuple[Keyword, ...]


class Threat(msgspec.Struct, frozen=True):
    """``threat.*``: only where an attack is what the rule may tell of."""

    framework: Keyword
    tactic: Attack
    technique: Attack


class AlertHost(msgspec.Struct, frozen=True):
    """``host.*``: the computer that wrote the events."""

    name: Keyword


class AlertLog(msgspec.Struct, frozen=True):
    """``log.*``."""

    level: Keyword


class AlertError(msgspec.Struct, frozen=True):
    """``error.*``."""

    code: Keyword


class SharedTemplate(msgspec.Struct, frozen=True):
    """``intune_connector.certificate.*``."""

    template_name: Keyword


class SharedCode(msgspec.Struct, frozen=True):
    """``intune_connector.diagnostic.*``."""

    code: Keyword


class SharedError(msgspec.Struct, frozen=True):
    """``intune_connector.error.*``."""

    hresult: Keyword


class AlertDetails(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """``intune_connector.alert.*``: what was found, and what to do."""

    severity: Keyword
    count: Long
    event_ids: tuple[Keyword, ...]
    first_seen: Date
    last_seen: Date
    group: tuple[Keyword, ...] = ()
    group_by: tuple[Keyword, ...] = ()
    cause: Keyword | None = None
    resolution: Keyword | None = None


class AlertConnector(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """``intune_connector.*``."""

    catalog: CatalogVersion
    operation: Keyword | None = None
    diagnostic: SharedCode | None = None
    error: SharedError | None = None
    certificate: SharedTemplate | None = None
    ca: Authority | None = None
    alert: AlertDetails


class AlertDocument(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The whole document; ``event`` stands first, see ``AlertEvent``."""

    event: AlertEvent
    timestamp: Date = msgspec.field(name="@timestamp")
    ecs: Ecs
    data_stream: DataStream
    agent: Agent
    rule: AlertRule
    threat: Threat | None = None
    host: AlertHost | None = None
    log: AlertLog
    message: Text
    intune_connector: AlertConnector
    error: AlertError | None = None
    user: Identified | None = None
    device: Identified | None = None
