"""What files need that must survive: private, written whole or not at all, and one writer at a time."""

from shipper.durable.faults import explained
from shipper.durable.lock import Holder, Lock
from shipper.durable.writing import make_private_folder, open_private, publish, sync_folder, write_all, write_whole

__all__ = [
    "Holder",
    "Lock",
    "explained",
    "make_private_folder",
    "open_private",
    "publish",
    "sync_folder",
    "write_all",
    "write_whole",
]
