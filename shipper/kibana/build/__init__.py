"""From the spec to Kibana's saved objects: ``dashboards/intune-connector.ndjson``.

The format is that of Kibana 8.12, which later releases migrate when the file is imported.
"""

from shipper.kibana.build.everything import build
from shipper.kibana.build.lines import encode

__all__ = ["build", "encode"]
