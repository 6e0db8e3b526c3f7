"""The proof that nothing was lost or doubled: what the sources hold against what Elasticsearch holds.

Both sides, and the dead letters, are entered into a ``Ledger`` by the events' ``_id``; ``compare`` draws the balance.
"""

from shipper.audit.at_source import SourceAccount, read_source
from shipper.audit.balance import compare
from shipper.audit.dead import read_dead_letters
from shipper.audit.in_elasticsearch import StreamAccount, read_stream
from shipper.audit.ledger import Duplicate, Ledger, Missing
from shipper.audit.missed import Missed, MissedRecords
from shipper.audit.numbering import Numbers, Range
from shipper.audit.period import Period
from shipper.audit.report import DeadReason, Report, Row, Side, StoredNotice
from shipper.audit.verdict import Verdict, judge

__all__ = [
    "DeadReason",
    "Duplicate",
    "Ledger",
    "Missed",
    "MissedRecords",
    "Missing",
    "Numbers",
    "Period",
    "Range",
    "Report",
    "Row",
    "Side",
    "SourceAccount",
    "StoredNotice",
    "StreamAccount",
    "Verdict",
    "compare",
    "judge",
    "read_dead_letters",
    "read_source",
    "read_stream",
]
