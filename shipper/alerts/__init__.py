"""Who is told of alerts: an outbox that keeps them until every outlet has taken them, and the outlets."""

from shipper.alerts.courier import Courier
from shipper.alerts.memory import Memory, decode_memory, encode_memory
from shipper.alerts.outbox import Letter, Outbox
from shipper.alerts.outlet import TAKEN, Outlet, Refused, Taken, Unavailable

__all__ = [
    "TAKEN",
    "Courier",
    "Letter",
    "Memory",
    "Outbox",
    "Outlet",
    "Refused",
    "Taken",
    "Unavailable",
    "decode_memory",
    "encode_memory",
]
