"""The logs that are measured: synthetic, made once, kept in the cache folder."""

import sys
from pathlib import Path

from shipper.testing import bench_logs


def connector_log(cache: Path, records: int) -> Path:
    """Return a log of connector events of both generations, about 1.1 KB each."""
    path = cache / f"connector-{records}.evtx"
    if not path.exists():
        print("writing", path, file=sys.stderr)
        bench_logs.write_connector_log(path, records=records)
    return path


def mixed_log(cache: Path, size_bytes: int) -> Path:
    """Return a log of ``size_bytes`` in which 1 % of the chunks hold connector events."""
    path = cache / f"mixed-{size_bytes}.evtx"
    if not path.exists():
        print("writing", path, file=sys.stderr)
        bench_logs.write_mixed_log(path, size_bytes=size_bytes, connector_chunk_share=0.01)
    return path
