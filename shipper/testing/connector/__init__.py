"""Connector events as they might be: SYNTHETIC, because no verbatim payload of either connector is public.

What is documented is kept: ids, names, levels, channels, diagnostic codes, which facts an event carries, and the
envelope ``{"Metric":{"Dimensions":{...},"Name":...,"Value":0}}`` with its chain of ``[Exception Message: "..."]``,
which is that of a sibling connector. What is invented: the spelling of keys and field names, the legacy source name,
the GUID of the unified provider, task numbers, every host, person, device and certificate.
"""

from shipper.testing.connector.dice import Dice, Request
from shipper.testing.connector.events import Flow, legacy_event, unified_event

__all__ = ["Dice", "Flow", "Request", "legacy_event", "unified_event"]
