"""Elasticsearch itself: which it is, and whether its clock and ours agree."""

import time

import msgspec

from shipper.check.finding import Finding, Findings
from shipper.sinks.elasticsearch.server import Server

#: More than this between two clocks is a warning, in seconds.
_SKEW_S = 60.0


def examine(server: Server) -> Findings:
    """Yield what the server is; the first request, so its credentials are judged here.

    Raises:
        SinkError: it is none, or none that is supported.
        AuthenticationError: the credentials are refused.
    """
    version = server.version()
    if version is None:
        yield Finding(
            "warning",
            "its version may not be asked for, so whether it is supported is not known",
            server.target,
            "grant the cluster privilege monitor",
        )
    else:
        yield Finding("ok", f"Elasticsearch {version}", server.target)


class _Statistics(msgspec.Struct):
    timestamp: int


class _Nodes(msgspec.Struct):
    nodes: dict[str, _Statistics] = {}


def examine_clock(server: Server) -> Findings:
    """Compare the clock of the node that answers with ours: ``event.ingested`` is written by ours.

    Elasticsearch sends no ``Date`` header; the statistics of a node carry its time in milliseconds.
    Source: https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-nodes-stats
    """
    before = time.time()
    answer = server.ask("GET", "/_nodes/_local/stats/breaker?filter_path=nodes.*.timestamp")
    after = time.time()
    clocks = [node.timestamp / 1000 for node in answer.decoded(_Nodes).nodes.values()] if answer.ok else []
    if not clocks:
        yield Finding("note", "its clock cannot be asked for", server.target)
        return
    yield _compared(clocks[0] - (before + after) / 2, (after - before) / 2, server.target)


def _compared(ahead_s: float, uncertain_s: float, target: str) -> Finding:
    if abs(ahead_s) - uncertain_s <= _SKEW_S:
        return Finding("ok", "its clock and this machine's agree", target)
    direction = "behind" if ahead_s > 0 else "ahead of"
    return Finding(
        "warning",
        f"this machine's clock is {abs(ahead_s):,.0f} s {direction} that of Elasticsearch",
        target,
        "synchronise both (NTP): detection rules look at event.ingested, which is this machine's time",
    )
