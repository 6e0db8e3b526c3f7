"""Detection rules of Kibana's Security app: NDJSON for its import, one rule a line."""

from shipper.rules.targets.kibana.body import OURS, PREFIX, body
from shipper.rules.targets.kibana.ndjson import ndjson
from shipper.rules.targets.kibana.schedule import Schedule, schedule
from shipper.rules.targets.kibana.threat import technique_url

__all__ = ["OURS", "PREFIX", "Schedule", "body", "ndjson", "schedule", "technique_url"]
