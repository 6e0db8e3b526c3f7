"""What stands in every document of one event id, looked up once."""

import msgspec

from shipper.catalog import CONNECTOR_CHANNELS, LEGACY_CHANNEL, Catalog, EventEntry, Language, Schema
from shipper.ecs.fields import CatalogVersion, EventFields, Log
from shipper.model import INGESTED_PLACEHOLDER, Event

MODULE = "intune_connector"
DATASET = "intune_connector.events"

#: ``event.action`` and ``event.outcome`` of an event id of the connector that the catalog does not know.
UNKNOWN = "unknown"
#: Hostile logs may name any channel; memory stays bounded.
_MOST_CACHED = 4096

#: https://learn.microsoft.com/windows/win32/wes/eventmanifestschema-leveltype-complextype, 0 being "always logged"
_LEVELS = {0: "information", 1: "critical", 2: "error", 3: "warning", 4: "information", 5: "verbose"}

_SCHEMAS: dict[str, Schema] = {
    channel.casefold(): "legacy" if channel == LEGACY_CHANNEL else "unified" for channel in CONNECTOR_CHANNELS
}


class Standing(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What the channel, the id and (only where the catalog is silent) the level of an event decide.

    Attributes:
        schema: the generation of the connector; ``None`` for an event that is not the connector's.
        entry: what the catalog says; ``None`` for an unknown id and for what is not the connector's.
        code: the event id as text.
        event: the ``event`` part as far as it stands.
        outcome: ``event.outcome``.
        log: the ``log`` part, encoded.
        description: what the catalog tells people of it; empty where it knows nothing.
        catalog, event_name, operation, stage, final, counts_as: as in ``intune_connector``.
    """

    schema: Schema | None
    entry: EventEntry | None
    code: str
    event: EventFields
    outcome: str | None = None
    log: msgspec.Raw | None = None
    description: str = ""
    catalog: CatalogVersion
    event_name: str | None = None
    operation: str | None = None
    stage: str | None = None
    final: bool | None = None
    counts_as: str | None = None


class Standings:
    """Remembers what stands for (channel, event id, level); what it remembers changes no answer."""

    def __init__(self, catalog: Catalog, lang: Language) -> None:
        self._catalog = catalog
        self._version = CatalogVersion(catalog.version)
        self._lang = lang
        self._known: dict[tuple[str, int, int | None], Standing] = {}

    def of(self, event: Event) -> Standing:
        """Return what stands for ``event``."""
        key = (event.channel, event.event_id, event.level)
        standing = self._known.get(key)
        if standing is None:
            if len(self._known) >= _MOST_CACHED:
                self._known.clear()
            standing = self._known[key] = self._look_up(*key)
        return standing

    def _look_up(self, channel: str, event_id: int, level: int | None) -> Standing:
        schema = schema_of(channel)
        entry = self._catalog.event(channel, event_id) if schema else None
        if entry is not None:
            return self._explained(entry)
        unknown = UNKNOWN if schema else None
        return Standing(
            schema=schema,
            entry=None,
            code=str(event_id),
            event=_event_part(event_id, action=unknown, outcome=unknown),
            outcome=unknown,
            log=_log(None if level is None else _LEVELS.get(level)),
            catalog=self._version,
        )

    def _explained(self, entry: EventEntry) -> Standing:
        return Standing(
            schema=entry.schema,
            entry=entry,
            code=str(entry.id),
            event=_event_part(
                entry.id,
                action=entry.action,
                category=entry.category,
                type=entry.type,
                outcome=entry.outcome,
                severity=entry.severity,
            ),
            outcome=entry.outcome,
            log=_log(entry.level),
            description=entry.text[self._lang].description,
            catalog=self._version,
            event_name=entry.name,
            operation=entry.operation,
            stage=entry.stage,
            final=entry.final,
            counts_as=entry.counts_as,
        )


def schema_of(channel: str) -> Schema | None:
    """Return the generation of the connector that writes ``channel``; ``None`` where it is none of its channels."""
    return _SCHEMAS.get(channel.casefold())


def _event_part(
    event_id: int,
    *,
    action: str | None,
    outcome: str | None,
    category: tuple[str, ...] = (),
    type: tuple[str, ...] = (),  # noqa: A002 (the name of the field)
    severity: int | None = None,
) -> EventFields:
    """Return ``event`` with what differs from event to event left blank."""
    return EventFields(
        ingested=INGESTED_PLACEHOLDER,
        kind="event",
        module=MODULE,
        dataset=DATASET,
        provider="",
        code=str(event_id),
        id="",
        created="",
        action=action,
        category=category,
        type=type,
        outcome=outcome,
        severity=severity,
    )


def _log(level: str | None) -> msgspec.Raw | None:
    return None if level is None else msgspec.Raw(msgspec.json.encode(Log(level)))
