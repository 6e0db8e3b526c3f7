"""Writes the sketches: ``python -m shipper.kibana.sketch docs/images``."""

import sys
from pathlib import Path

from shipper.kibana.sketch import sketch
from shipper.kibana.spec import load

if __name__ == "__main__":
    spec = load()
    for name, board in zip(spec.shared.order, spec.boards, strict=True):
        Path(sys.argv[1], f"dashboard-{name}-layout.svg").write_text(sketch(board, spec.shared), encoding="utf-8")
