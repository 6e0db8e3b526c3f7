"""An alert as a document of ``logs-intune_connector.alerts-*``: pure, and never fails on what an event holds."""

from collections.abc import Callable, Mapping
from typing import TypeVar

import msgspec

from shipper import __version__, catalog
from shipper.catalog import Language
from shipper.ecs.envelope import AGENT_TYPE
from shipper.ecs.fields import ECS_VERSION, Agent, Authority, CatalogVersion, DataStream, Ecs, Identified
from shipper.ecs.settings import EcsSettings
from shipper.ecs.surrogates import without_surrogates
from shipper.model import INGESTED_PLACEHOLDER, Document, Position
from shipper.rules.advice import advice
from shipper.rules.alert import Alert
from shipper.rules.alert_fields import (
    AlertConnector,
    AlertDetails,
    AlertDocument,
    AlertError,
    AlertEvent,
    AlertHost,
    AlertLog,
    AlertRule,
    Attack,
    SharedCode,
    SharedError,
    SharedTemplate,
    Threat,
)
from shipper.rules.instants import to_text
from shipper.rules.model import Match, Rule
from shipper.rules.reason import reason

MODULE = "intune_connector"
DATASET = "intune_connector.alerts"
#: Where ``event.ingested`` stands in every body.
INGESTED_AT = len(b'{"event":{"ingested":"')
#: An alert of thousands of documents names the first hundred.
MOST_IDS = 100
_LEVELS = {"low": "information", "medium": "warning", "high": "error", "critical": "critical"}
_FRAMEWORK = "MITRE ATT&CK"

_Part = TypeVar("_Part")


def alert_document(
    alert: Alert, *, namespace: str, lang: Language, agent: EcsSettings, created_ms: int | None = None
) -> Document:
    """Build the document of an alert; its ``_id`` is the alert's.

    Args:
        alert: what was raised.
        namespace: last part of the data stream's name.
        lang: of what a person reads.
        agent: who raised it: the name, id and run of these settings.
        created_ms: when, milliseconds since 1970; by default the alert's own time, so that the same alert has the same
            bytes.
    """
    told = reason(alert, lang)
    shown = _Shown(alert.shown)
    document = AlertDocument(
        event=_event(alert, to_text(alert.at_ms if created_ms is None else created_ms), told, shown),
        timestamp=to_text(alert.at_ms),
        ecs=Ecs(ECS_VERSION),
        data_stream=DataStream("logs", DATASET, namespace),
        agent=_agent(agent),
        rule=_rule(alert.rule, lang),
        threat=_threat(alert.rule),
        host=shown.part("host.name", AlertHost),
        log=AlertLog(_LEVELS[alert.rule.severity]),
        message=told,
        intune_connector=_connector(alert, lang, shown),
        error=shown.part("error.code", AlertError),
        user=shown.part("user.id", Identified),
        device=shown.part("device.id", Identified),
    )
    body = msgspec.json.encode(document)
    position = Position(f"rule {alert.rule.id}", -1)
    return Document(alert.id, f"logs-{DATASET}-{namespace}", body, INGESTED_AT, position)


class _Shown:
    """What all documents of an alert share, as parts of its own."""

    def __init__(self, shown: Mapping[str, str]) -> None:
        self._shown = {field: _encodable(value) for field, value in shown.items()}

    def text(self, field: str) -> str | None:
        return self._shown.get(field)

    def part(self, field: str, kind: Callable[[str], _Part]) -> _Part | None:
        return kind(self._shown[field]) if field in self._shown else None


def _agent(settings: EcsSettings) -> Agent:
    return Agent(
        AGENT_TYPE,
        __version__,
        settings.agent_name or None,
        settings.agent_id or None,
        settings.agent_ephemeral_id or None,
    )


def _event(alert: Alert, created: str, told: str, shown: _Shown) -> AlertEvent:
    return AlertEvent(
        ingested=INGESTED_PLACEHOLDER,
        kind="alert",
        module=MODULE,
        dataset=DATASET,
        provider=AGENT_TYPE,
        code=shown.text("event.code"),
        id=alert.id,
        created=created,
        severity=alert.rule.risk_score,
        reason=told,
    )


def _rule(rule: Rule, lang: Language) -> AlertRule:
    return AlertRule(
        id=rule.id,
        name=rule.text[lang].name,
        description=rule.text[lang].why,
        category=rule.nature,
        version=str(rule.version),
        reference=rule.references[0] if rule.references else None,
    )


def _threat(rule: Rule) -> Threat | None:
    if not rule.threat:
        return None
    tactics = {one.tactic_id: one.tactic for one in rule.threat}
    techniques = {one.technique_id: one.technique for one in rule.threat}
    return Threat(
        _FRAMEWORK,
        Attack(tuple(tactics), tuple(tactics.values())),
        Attack(tuple(techniques), tuple(techniques.values())),
    )


def _connector(alert: Alert, lang: Language, shown: _Shown) -> AlertConnector:
    return AlertConnector(
        catalog=CatalogVersion(catalog.load().version),
        operation=shown.text("intune_connector.operation"),
        diagnostic=shown.part("intune_connector.diagnostic.code", SharedCode),
        error=shown.part("intune_connector.error.hresult", SharedError),
        certificate=shown.part("intune_connector.certificate.template_name", SharedTemplate),
        ca=shown.part("intune_connector.ca.name", Authority),
        alert=_details(alert, lang),
    )


def _details(alert: Alert, lang: Language) -> AlertDetails:
    finding, advised = alert.finding, advice(alert, catalog.load(), lang)
    grouped = not isinstance(alert.rule.looks_for, Match)
    return AlertDetails(
        severity=alert.rule.severity,
        count=finding.count,
        event_ids=tuple(map(_encodable, finding.ids[:MOST_IDS])),
        first_seen=to_text(finding.first_ms),
        last_seen=to_text(finding.last_ms),
        group=tuple(map(_encodable, finding.group)) if grouped else (),
        group_by=alert.rule.by if grouped else (),
        cause=advised.cause or None,
        resolution=advised.resolution or None,
    )


def _encodable(text: str) -> str:
    """Return a text as UTF-8 can carry it; no document of ours has another, those of a test may."""
    return without_surrogates(text)[0]
