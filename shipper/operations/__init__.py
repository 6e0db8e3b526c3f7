"""How a run is watched from outside: its vitals, metrics and health over HTTP, heartbeats, and lines of a log."""

from shipper.operations.opening import Watch, open_watch
from shipper.operations.pauses import Pauses
from shipper.operations.vitals import Reading, Vitals

__all__ = ["Pauses", "Reading", "Vitals", "Watch", "open_watch"]
