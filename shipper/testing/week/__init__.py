"""The connector logs of a plausible week that ends now: three servers, both generations, and planted incidents.

Everything in them is SYNTHETIC; ``shipper.testing.connector`` says what is documented and what is invented, and so does
the README that is written beside the logs. The same end and seed give the same bytes.
"""

from shipper.testing.week.outline import Incident, LogFile, Week
from shipper.testing.week.writing import write_week

__all__ = ["Incident", "LogFile", "Week", "write_week"]
