"""What a shipper remembers between runs: one folder, one process at a time, how far each log has been delivered."""

from shipper.state.alerts import AlertsFile
from shipper.state.checkpoint import Checkpoint, CheckpointFile
from shipper.state.folder import StateFolder
from shipper.state.stored import Log, Stored, read_stored

__all__ = ["AlertsFile", "Checkpoint", "CheckpointFile", "Log", "StateFolder", "Stored", "read_stored"]
