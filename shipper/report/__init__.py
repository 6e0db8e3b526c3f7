"""The report: one page of HTML that says how the connectors are, for everyone without Kibana.

    portions -> store (SQLite) -> questions, rules -> findings -> words, charts -> page

``shipper.pipeline.sifting`` makes the portions, ``shipper.cli.report`` puts it all together.
"""

from shipper.report.findings import Findings, Reading, findings
from shipper.report.gathering import gather
from shipper.report.ours import is_ours
from shipper.report.sifter import Period, Portion, Sifter
from shipper.report.slim import FIELDS, Slim
from shipper.report.store import Store

__all__ = [
    "FIELDS",
    "Findings",
    "Period",
    "Portion",
    "Reading",
    "Sifter",
    "Slim",
    "Store",
    "findings",
    "gather",
    "is_ours",
]
