"""Post ready-made bulk bodies with nothing around it: what the Elasticsearch sink is measured against.

usage: bare_post.py HOST PORT IN_FLIGHT FOLDER, where FOLDER holds one file a request body; BARE_PATH is the path.
"""

import http.client
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import local

host, port, in_flight, folder = sys.argv[1:]
path = os.environ["BARE_PATH"]
connections = local()


def post(body: Path) -> None:
    """Send one body and read its answer."""
    if not hasattr(connections, "http"):
        connections.http = http.client.HTTPConnection(host, int(port), timeout=120)
    connections.http.request("POST", path, body.read_bytes(), {"Content-Type": "application/x-ndjson"})
    answer = connections.http.getresponse()
    text = answer.read()
    if answer.status != 200 or b'"errors":true' in text:
        raise SystemExit(f"{answer.status}: {text[:500]!r}")


with ThreadPoolExecutor(int(in_flight)) as pool:
    list(pool.map(post, sorted(Path(folder).iterdir())))
