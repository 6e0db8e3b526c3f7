"""The case ``elasticsearch``: one log into a real node, beside the same bodies posted ready-made."""

import itertools
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
from measure import Command, Pair, run_pair

from shipper.config import Elasticsearch as Defaults
from shipper.testing.engine import Elasticsearch

SHIPPER = str(Path(sys.executable).with_name("shipper"))
BARE_POST = Path(__file__).with_name("bare_post.py")


class _Id(msgspec.Struct):
    id: str


class _Line(msgspec.Struct):
    event: _Id


def run_case(log: Path, scratch: Path, runs: int) -> tuple[Pair, str]:
    """Measure both on one open node; every run writes a data stream of its own.

    Returns:
        the pairs, and a note on what is not alike.
    """
    bodies = scratch / "bodies"
    count = _write_bodies(log, bodies)
    with Elasticsearch() as engine:
        node = engine.start(heap_mb=2048)
        _run([SHIPPER, "setup", "--to", node.url, "--yes"])
        place = urlsplit(node.url)
        numbers = itertools.count()
        ours_env: dict[str, str] = {}
        theirs_env: dict[str, str] = {}
        ours = Command(
            "shipper",
            [SHIPPER, "ship", str(log), "--to", node.url, "--state", str(scratch / "state")],
            before=_next(ours_env, "SHIPPER_NAMESPACE", "ours{}", numbers),
            environment=ours_env,
        )
        theirs = Command(
            "bare loop",
            [
                sys.executable,
                str(BARE_POST),
                str(place.hostname),
                str(place.port),
                str(Defaults().in_flight),
                str(bodies),
            ],
            before=_next(theirs_env, "BARE_PATH", "/logs-intune_connector.events-bare{}/_bulk", numbers),
            environment=theirs_env,
        )
        pair = run_pair(ours, theirs, runs)
    return pair, f"{count} request bodies, {Defaults().in_flight} in flight; the node runs on the same processors"


def _next(environment: dict[str, str], name: str, pattern: str, numbers: "itertools.count[int]") -> Callable[[], None]:
    def choose() -> None:
        environment[name] = pattern.format(next(numbers))

    return choose


def _write_bodies(log: Path, folder: Path) -> int:
    """Write one file a bulk request, cut as the sink cuts them, and return how many."""
    folder.mkdir()
    documents = folder.parent / "documents.ndjson"
    _run([SHIPPER, "ship", str(log), "--to", f"ndjson:{documents}"])
    decoder, limits = msgspec.json.Decoder(_Line), Defaults()
    lines: list[bytes] = []
    size_bytes = files = 0
    with documents.open("rb") as file:
        for line in file:
            if lines and (len(lines) // 2 >= limits.batch_docs or size_bytes + len(line) > limits.batch_bytes):
                (folder / f"{files:05}").write_bytes(b"".join(lines))
                files, lines, size_bytes = files + 1, [], 0
            lines += (b'{"create":{"_id":"%s"}}\n' % decoder.decode(line).event.id.encode(), line)
            size_bytes += len(line)
    (folder / f"{files:05}").write_bytes(b"".join(lines))
    return files + 1


def _run(words: list[str]) -> None:
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
