"""Which documents the shipper can write: much follows from channel and event id, and plants break that on purpose."""

from collections.abc import Callable, Mapping

import msgspec

from shipper.catalog import CONNECTOR_CHANNELS, EventEntry, load
from shipper.rules.model import Scalar
from shipper.testing.parity.documents import Kept, get

#: What the catalog decides by channel and id (docs/reference/document.md, the rows that say "id").
FOLLOWS: Mapping[str, Callable[[EventEntry], tuple[Scalar, ...]]] = {
    "event.action": lambda entry: (entry.action,),
    "event.outcome": lambda entry: (entry.outcome,),
    "intune_connector.counts_as": lambda entry: (entry.counts_as,),
    "intune_connector.event_name": lambda entry: (entry.name,),
    "intune_connector.final": lambda entry: (entry.final,),
    "intune_connector.operation": lambda entry: (entry.operation,),
    "intune_connector.schema": lambda entry: (entry.schema,),
    "intune_connector.stage": lambda entry: (entry.stage,),
    "log.level": lambda entry: (entry.level,),
}
_OF_KNOWN_EVENTS = [name for name in FOLLOWS if name.startswith("intune_connector.") and not name.endswith(".schema")]


def is_possible(document: Kept) -> bool:
    """Say whether the shipper could have written a document: what follows from channel and id is as it has to be."""
    body = msgspec.json.decode(document.body)
    channel, code = get(body, "winlog.channel"), get(body, "event.code")
    ours = bool(channel and code and str(channel[0]) in CONNECTOR_CHANNELS and str(code[0]).isdecimal())
    entry = load().event(str(channel[0]), int(str(code[0]))) if ours else None
    if entry is None:
        return not any(get(body, field) for field in _OF_KNOWN_EVENTS)
    return all(get(body, field) == said(entry) for field, said in FOLLOWS.items())
