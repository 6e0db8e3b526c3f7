"""The documents of cases: what a case says, what the catalog says of the event, and what every document has."""

from typing import Any, TypeAlias

import msgspec

from shipper.catalog import UNIFIED_PROVIDER, EventEntry, load
from shipper.rules.instants import to_text
from shipper.rules.model import DATASETS, Reads

HOST, SHIPPER = "pki01.contoso.example", "shipper01.contoso.example"
_LEGACY_PROVIDER = "Microsoft Intune Connector"
_US = "intune-connector-shipper"

#: Fields by their dotted names; ``None`` for one that is not to be there.
Fields: TypeAlias = dict[str, Any]


class Stamp(msgspec.Struct, frozen=True):
    """What tells a document from others.

    Attributes:
        id: its ``_id``: rule id, number of the case and name, joined by dots.
        time_ms: milliseconds since 1970.
        reads: which data stream it is of.
        namespace: of that data stream.
    """

    id: str
    time_ms: int
    reads: Reads
    namespace: str


def document_body(stamp: Stamp, own: Fields) -> bytes:
    """Return the document, encoded; what a case says goes before what the catalog says of the event."""
    fields = _of_all(stamp) | _of_stream(stamp, own) | _of_event(own) | own
    body: Fields = {}
    for name, value in fields.items():
        if value is not None:
            _put(body, name, value)
    return msgspec.json.encode(body)


def _put(body: Fields, name: str, value: object) -> None:
    *above, last = name.split(".")
    for step in above:
        body = body.setdefault(step, {})
    body[last] = value


def _of_all(stamp: Stamp) -> Fields:
    time = to_text(stamp.time_ms)
    return {
        "event.ingested": time,
        "event.module": "intune_connector",
        "event.dataset": DATASETS[stamp.reads],
        "event.provider": _US,
        "event.id": stamp.id,
        "event.created": time,
        "@timestamp": time,
        "ecs.version": "8.17.0",
        "data_stream.dataset": DATASETS[stamp.reads],
        "data_stream.namespace": stamp.namespace,
        "agent.type": _US,
        "agent.name": SHIPPER,
        "labels.case": "/".join(stamp.id.split(".")[:2]),
    }


def _of_stream(stamp: Stamp, own: Fields) -> Fields:
    if stamp.reads == "metrics":
        return {"event.kind": "metric", "data_stream.type": "metrics", "host.name": SHIPPER}
    return {
        "event.kind": "event",
        "data_stream.type": "logs",
        "host.name": HOST,
        "winlog.event_id": own.get("event.code"),
    }


def _of_event(own: Fields) -> Fields:
    """Return what the catalog says of the event, where it is one of the connector's."""
    entry = _entry(own)
    if entry is None:
        return {}
    return {
        "event.provider": _LEGACY_PROVIDER if entry.schema == "legacy" else UNIFIED_PROVIDER,
        "winlog.channel": entry.channel,
        "event.action": entry.action,
        "event.category": entry.category,
        "event.type": entry.type,
        "event.outcome": entry.outcome,
        "event.severity": entry.severity,
        "log.level": entry.level,
        "intune_connector.schema": entry.schema,
        "intune_connector.event_name": entry.name,
        "intune_connector.operation": entry.operation,
        "intune_connector.stage": entry.stage,
        "intune_connector.final": entry.final,
        "intune_connector.counts_as": entry.counts_as,
    }


def _entry(own: Fields) -> EventEntry | None:
    """Return the connector's event of that id; an event that names its own provider is somebody else's."""
    if "event.code" not in own or "event.provider" in own:
        return None
    catalog, event_id = load(), int(own["event.code"])
    return catalog.events("legacy").get(event_id) or catalog.events("unified").get(event_id)
