"""Looks at everything a shipper depends on and says what it found; changes nothing, anywhere."""

from shipper.check.examination import examine
from shipper.check.finding import Finding, Status

__all__ = ["Finding", "Status", "examine"]
