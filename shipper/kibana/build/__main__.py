"""Writes the saved objects: ``python -m shipper.kibana.build [dashboards/intune-connector.ndjson]``."""

import sys
from pathlib import Path

from shipper.kibana.build import build, encode
from shipper.kibana.spec import load

_FILE = "dashboards/intune-connector.ndjson"

if __name__ == "__main__":
    Path(sys.argv[1] if len(sys.argv) > 1 else _FILE).write_bytes(encode(build(load())))
