"""The case ``index-cost``: what our mapping costs beside a dynamic mapping of the same documents, on one real node.

Both are filled with the same request bodies, one request at a time, in turn; both refresh every second. Sizes are those
of the files, read after a flush, and again after all segments have been merged into one.
"""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
from inputs import connector_log
from measure import Figures

from shipper import assets, setup
from shipper.sinks.elasticsearch import Connection
from shipper.testing.engine import Elasticsearch

SHIPPER = str(Path(sys.executable).with_name("shipper"))
RECORDS = 100_000
BATCH_DOCS = 2000
STREAM = "logs-intune_connector.events"
#: Sizes are cached for ten seconds otherwise.
FRESH_SIZES = {"index": {"store": {"stats_refresh_interval": "0s"}}}


class Cost(msgspec.Struct, frozen=True):
    """What it took to index all documents.

    Attributes:
        wall_s: from the first request to the refresh after the last.
        cpu_s: of the node's process, in that time.
        as_written_bytes: size of the index before merging.
        merged_bytes: the same as one segment.
    """

    wall_s: float
    cpu_s: float
    as_written_bytes: int
    merged_bytes: int


class NodeLine:
    """One connection to a node, without anything around it."""

    def __init__(self, url: str) -> None:
        place = urlsplit(url)
        self._line = HTTPConnection(str(place.hostname), place.port, timeout=600)

    def call(self, method: str, path: str, body: bytes | Mapping[str, Any] | None = None) -> Any:
        """Send one request and return the decoded answer."""
        encoded = body if isinstance(body, bytes) or body is None else msgspec.json.encode(body)
        self._line.request(method, path, encoded, {"Content-Type": "application/json"})
        answer = self._line.getresponse()
        content = msgspec.json.decode(answer.read())
        if answer.status >= HTTPStatus.BAD_REQUEST or content.get("errors"):
            raise RuntimeError(f"{method} {path}: {answer.status} {str(content)[:500]}")
        return content

    def cpu_s(self) -> float:
        """Return the CPU time of the node's process so far."""
        nodes = self.call("GET", "/_nodes/stats/process?filter_path=nodes.*.process.cpu.total_in_millis")["nodes"]
        return float(sum(node["process"]["cpu"]["total_in_millis"] for node in nodes.values())) / 1000

    def size_bytes(self, index: str) -> int:
        """Return the size of the files of ``index``."""
        self.call("POST", f"/{index}/_flush")
        return int(self.call("GET", f"/{index}/_stats/store")["_all"]["primaries"]["store"]["size_in_bytes"])


def fill(line: NodeLine, index: str, bodies: Sequence[bytes]) -> Cost:
    """Index ``bodies`` and say what it cost."""
    cpu_s, began = line.cpu_s(), time.perf_counter()
    for body in bodies:
        line.call("POST", f"/{index}/_bulk?filter_path=errors", body)
    line.call("POST", f"/{index}/_refresh")
    wall_s, cpu_s = time.perf_counter() - began, line.cpu_s() - cpu_s
    as_written_bytes = line.size_bytes(index)
    line.call("POST", f"/{index}/_forcemerge?max_num_segments=1")
    line.call("POST", f"/{index}/_refresh")
    return Cost(wall_s, cpu_s, as_written_bytes, line.size_bytes(index))


def ours(line: NodeLine, number: int, bodies: Sequence[bytes]) -> Cost:
    """Fill a data stream of our template."""
    return fill(line, f"{STREAM}-bench{number}", bodies)


def theirs(line: NodeLine, number: int, bodies: Sequence[bytes]) -> Cost:
    """Fill an index whose mapping Elasticsearch makes up from the documents."""
    index = f"dynamic-{number}"
    line.call("PUT", f"/{index}", {"settings": {"index": {"refresh_interval": "1s", **FRESH_SIZES["index"]}}})
    return fill(line, index, bodies)


def bodies_of(documents: Path) -> list[bytes]:
    """Return the documents of an NDJSON file as request bodies."""

    class Id(msgspec.Struct):
        id: str

    class Line(msgspec.Struct):
        event: Id

    decoder = msgspec.json.Decoder(Line)
    lines = [
        b'{"create":{"_id":"%b"}}\n%b' % (decoder.decode(line).event.id.encode(), line)
        for line in documents.read_bytes().splitlines(keepends=True)
    ]
    return [b"".join(lines[start : start + BATCH_DOCS]) for start in range(0, len(lines), BATCH_DOCS)]


def prepare(url: str) -> None:
    """Install our templates, with sizes that are not cached."""
    NodeLine(url).call("PUT", f"/_component_template/{STREAM}@custom", {"template": {"settings": FRESH_SIZES}})
    setup.install(Connection(url=url), assets.mappings(), namespace="default", agree=lambda _changes: True)


def rows(setting: Any, row: Callable[..., Any]) -> Iterator[Any]:
    """Yield the rows of the table; ``setting`` and ``row`` are those of ``run.py``."""
    records = setting.records(RECORDS)
    documents = setting.scratch / "index-cost.ndjson"
    log = connector_log(setting.cache, records)
    subprocess.run([SHIPPER, "ship", str(log), "--to", f"ndjson:{documents}"], check=True, stderr=subprocess.DEVNULL)
    bodies = bodies_of(documents)
    with Elasticsearch() as engine:
        node = engine.start(heap_mb=2048)
        prepare(node.url)
        line = NodeLine(node.url)
        ours(line, 0, bodies), theirs(line, 0, bodies)  # warms the node up, uncounted
        pairs = [(ours(line, number, bodies), theirs(line, number, bodies)) for number in range(1, setting.runs + 1)]
    mine, other = _median([pair[0] for pair in pairs]), _median([pair[1] for pair in pairs])
    work = f"{records:,} documents of {documents.stat().st_size / records:,.0f} bytes"
    beside = "dynamic mapping of the same bodies, LZ4"
    wall = statistics.median(theirs.wall_s / ours.wall_s for ours, theirs in pairs)
    cpu = statistics.median(theirs.cpu_s / ours.cpu_s for ours, theirs in pairs)
    yield row(
        f"index speed, {work}", beside, "> 1x", wall, _figures(mine), _figures(other),
        f"by CPU time of the node {cpu:.2f}; MB is the index as written",
    )  # fmt: skip
    merged, written = mine.merged_bytes / other.merged_bytes, mine.as_written_bytes / other.as_written_bytes
    yield row(
        f"size on disk, {work}, one segment", beside, "<= 0.6x the bytes", merged, None, None,
        f"{mine.merged_bytes / records:,.0f} beside {other.merged_bytes / records:,.0f} bytes a document; "
        f"before merging {written:.2f}",
    )  # fmt: skip


def _median(costs: Sequence[Cost]) -> Cost:
    return Cost(
        statistics.median(cost.wall_s for cost in costs),
        statistics.median(cost.cpu_s for cost in costs),
        int(statistics.median(cost.as_written_bytes for cost in costs)),
        int(statistics.median(cost.merged_bytes for cost in costs)),
    )


def _figures(cost: Cost) -> Figures:
    return Figures(cost.wall_s, cost.cpu_s, cost.as_written_bytes / 1e6)
