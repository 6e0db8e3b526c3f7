"""What a rule's condition means in Windows' own words: which event ids of which channels.

Much of a document follows from channel and event id alone, by the catalog: outcome, operation, whether it is final. A
SIEM that has the events but not the shipper knows ids and channels only; so a condition on such fields becomes the list
of the ids that have them.
"""

from collections.abc import Callable, Iterator, Mapping

import msgspec

from shipper.catalog import CONNECTOR_CHANNELS, LEGACY_CHANNEL, EventEntry, Schema, load
from shipper.rules.conditions import values_of
from shipper.rules.model import Condition, Scalar, Values

#: Fields that follow from channel and id, and what of a catalog's entry they are.
_FOLLOWS: Mapping[str, Callable[[EventEntry], tuple[Scalar, ...]]] = {
    "event.action": lambda event: (event.action,),
    "event.category": lambda event: event.category,
    "event.code": lambda event: (str(event.id),),
    "event.outcome": lambda event: (event.outcome,),
    "event.severity": lambda event: (event.severity,),
    "event.type": lambda event: event.type,
    "intune_connector.counts_as": lambda event: (event.counts_as,),
    "intune_connector.event_name": lambda event: (event.name,),
    "intune_connector.final": lambda event: (event.final,),
    "intune_connector.operation": lambda event: (event.operation,),
    "intune_connector.schema": lambda event: (event.schema,),
    "intune_connector.stage": lambda event: (event.stage,),
    "log.level": lambda event: (event.level,),
}
#: A document that has one of these is of an event that the catalog knows.
_KNOWN_BY = frozenset(
    {
        "intune_connector.counts_as",
        "intune_connector.event_name",
        "intune_connector.final",
        "intune_connector.operation",
        "intune_connector.stage",
    }
)
_BY_SCHEMA = {"intune_connector.schema", "event.code"}
_CHANNELS: dict[Schema, tuple[str, ...]] = {
    "legacy": (LEGACY_CHANNEL,),
    "unified": tuple(channel for channel in CONNECTOR_CHANNELS if channel != LEGACY_CHANNEL),
}


class Events(msgspec.Struct, frozen=True):
    """Event ids of channels.

    Attributes:
        schema: which generation's.
        channels: any of these.
        ids: any of these, ascending.
    """

    schema: Schema
    channels: tuple[str, ...]
    ids: tuple[int, ...]


def in_windows_words(condition: Condition) -> tuple[tuple[Events, ...], Condition]:
    """Return the events that a condition is confined to, and what it says beside that.

    Returns:
        no events, and the condition as it is, where it does not say that the event is one that the catalog knows.
    """
    if not (_KNOWN_BY & condition.equals.keys() or condition.equals.keys() >= _BY_SCHEMA):
        return (), condition
    found = (_events(condition, schema) for schema in _CHANNELS)
    return tuple(events for events in found if events.ids), _without_what_follows(condition)


def _events(condition: Condition, schema: Schema) -> Events:
    entries = load().events(schema).values()
    ids = (event.id for event in entries if _fits(condition, event))
    return Events(schema, _CHANNELS[schema], tuple(sorted(ids)))


def _fits(condition: Condition, event: EventEntry) -> bool:
    return (
        all(_has_one(event, field, values) for field, values in _following(condition.equals))
        and not any(_has_one(event, field, values) for field, values in _following(condition.equals_none))
        and not any(field in _FOLLOWS for field in condition.missing)
        and all(event.severity >= least for field, least in condition.at_least.items() if field in _FOLLOWS)
    )


def _following(compared: Mapping[str, Values]) -> Iterator[tuple[str, Values]]:
    return ((field, values) for field, values in compared.items() if field in _FOLLOWS)


def _has_one(event: EventEntry, field: str, values: Values) -> bool:
    return any(value in values_of(values) for value in _FOLLOWS[field](event))


def _without_what_follows(condition: Condition) -> Condition:
    return msgspec.structs.replace(
        condition,
        equals={field: values for field, values in condition.equals.items() if field not in _FOLLOWS},
        equals_none={field: values for field, values in condition.equals_none.items() if field not in _FOLLOWS},
        exists=tuple(field for field in condition.exists if field not in _FOLLOWS),
        missing=tuple(field for field in condition.missing if field not in _FOLLOWS),
        at_least={field: least for field, least in condition.at_least.items() if field not in _FOLLOWS},
    )
