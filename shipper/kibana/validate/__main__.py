"""Validates a file of saved objects: ``python -m shipper.kibana.validate FILE``; 1 where anything is wrong."""

import sys
from pathlib import Path

import msgspec

from shipper.harmless import neutralise
from shipper.kibana.validate import load_fields, validate


def main(file: Path) -> int:
    """Write each fault to standard output, one a line."""
    objects = [msgspec.json.decode(line) for line in file.read_bytes().splitlines() if line.strip()]
    faults = validate(objects, load_fields())
    sys.stdout.writelines(f"{neutralise(str(fault))}\n" for fault in faults)
    sys.stdout.write(f"{len(objects)} objects, {len(faults)} faults\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
