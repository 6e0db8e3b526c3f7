"""For tests that break things on purpose: a shipper that can be killed, a line that can be cut, a ledger that counts.

    expected = event_ids(events)
    with Shipper(["ship", str(log), "--to", url, "--json"]) as shipper:
        time.sleep(0.3)
        shipper.kill()
    ...
    assert balance(expected, scan(access, "logs-intune_connector.events-lab")).is_even

Linux alone: it looks into ``/proc``.
"""

from shipper.testing.chaos.breakable import Breakable
from shipper.testing.chaos.disk import SmallDisk
from shipper.testing.chaos.driver import Ended, Shipper
from shipper.testing.chaos.growth import Growth, Pace, Written, failure, ids_of
from shipper.testing.chaos.ledger import Balance, Found, Log, balance, event_ids, indexed, lines_found, scan
from shipper.testing.chaos.proxy import Fault, Proxy
from shipper.testing.chaos.reckoning import Reckoning, Told, reckon, told_of
from shipper.testing.chaos.report import Line, table
from shipper.testing.chaos.sight import searchable, wait_until_searchable
from shipper.testing.chaos.trial import Trial, wait_until

__all__ = [
    "Balance",
    "Breakable",
    "Ended",
    "Fault",
    "Found",
    "Growth",
    "Line",
    "Log",
    "Pace",
    "Proxy",
    "Reckoning",
    "Shipper",
    "SmallDisk",
    "Told",
    "Trial",
    "Written",
    "balance",
    "event_ids",
    "failure",
    "ids_of",
    "indexed",
    "lines_found",
    "reckon",
    "scan",
    "searchable",
    "table",
    "told_of",
    "wait_until",
    "wait_until_searchable",
]
