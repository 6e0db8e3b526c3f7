"""Names that the targets give to the same thing."""

import uuid
from collections.abc import Iterable
from typing import Literal

from shipper.catalog import CONNECTOR_CHANNELS, LEGACY_CHANNEL, load
from shipper.rules.conditions import values_of
from shipper.rules.model import Rule, Scalar

AUTHOR = "intune-connector-shipper"
LICENSE = "Apache-2.0"
Generation = Literal["legacy", "unified"]
#: What UUIDs of the rules are derived from, so that they never change; the URL need not lead anywhere.
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://intune-connector-shipper.example/rules")


def identifier(rule: Rule, purpose: str) -> str:
    """Return the UUID under which a target knows a rule; another one for each purpose."""
    return str(uuid.uuid5(_NAMESPACE, f"{purpose}/{rule.id}"))


def generations(rule: Rule) -> tuple[Generation, ...]:
    """Return the generations of the connector whose events a rule's condition may meet.

    Told by schema, channel or event ids where the condition names them, else both; none for heartbeats and for other
    channels.
    """
    if rule.reads == "metrics":
        return ()
    equals = rule.where.equals
    said = values_of(equals.get("intune_connector.schema", ()))
    if said:
        return _ordered(str(schema) for schema in said)
    if "winlog.channel" in equals:
        channels = values_of(equals["winlog.channel"])
        return _ordered(_generation(str(channel)) for channel in channels if channel in CONNECTOR_CHANNELS)
    return _by_ids(values_of(equals.get("event.code", ())))


def _by_ids(ids: tuple[Scalar, ...]) -> tuple[Generation, ...]:
    catalog = load()
    numbers = [int(value) for value in ids if str(value).isdecimal()]
    found = [schema for schema in _BOTH if any(number in catalog.events(schema) for number in numbers)]
    return tuple(found) or _BOTH


def _generation(channel: str) -> str:
    return "legacy" if channel == LEGACY_CHANNEL else "unified"


def _ordered(said: Iterable[str]) -> tuple[Generation, ...]:
    there = set(said)
    return tuple(generation for generation in _BOTH if generation in there)


_BOTH: tuple[Generation, ...] = ("legacy", "unified")
