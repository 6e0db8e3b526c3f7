"""Brings data streams that exist already to the mapping that their template now has."""

from collections.abc import Sequence
from urllib.parse import quote

import msgspec

from shipper.assets import Body
from shipper.errors import SinkError
from shipper.setup.canonical import canonical, covers
from shipper.setup.finding import Finding
from shipper.sinks.elasticsearch.server import Answer, Server

#: A mapping of an index of its own may differ from what the template says without this; it is the data stream's.
_OF_THE_STREAM = "_data_stream_timestamp"


class _DataStream(msgspec.Struct):
    name: str
    backing_indices: list[str]


class _Resolved(msgspec.Struct):
    data_streams: list[_DataStream] = []


class _Composed(msgspec.Struct):
    mappings: Body = {}


class _Simulated(msgspec.Struct):
    template: _Composed


class _Index(msgspec.Struct):
    mappings: Body = {}


def update(server: Server, patterns: Sequence[str]) -> list[Finding]:
    """Update every backing index of every data stream that ``patterns`` name; roll over where that is refused.

    Returns:
        One finding per backing index, and one more for each data stream that was rolled over.
    """
    answer = _done(server, server.ask("GET", f"/_resolve/index/{quote(','.join(patterns), safe='*,')}"))
    findings: list[Finding] = []
    for stream in answer.decoded(_Resolved).data_streams:
        findings.extend(_updated(server, stream))
    return findings


def _updated(server: Server, stream: _DataStream) -> list[Finding]:
    simulated = _done(server, server.ask("POST", f"/_index_template/_simulate_index/{quote(stream.name)}"))
    wanted = simulated.decoded(_Simulated).template.mappings
    wanted.pop(_OF_THE_STREAM, None)
    findings = [_index(server, index, wanted) for index in stream.backing_indices]
    if findings[-1].result == "kept":
        _done(server, server.ask("POST", f"/{quote(stream.name)}/_rollover"))
        findings.append(Finding("data_stream", stream.name, "rolled over", "a new backing index has the new mapping"))
    return findings


def _index(server: Server, index: str, wanted: Body) -> Finding:
    path = f"/{quote(index)}/_mapping"
    there = _done(server, server.ask("GET", path)).decoded(dict[str, _Index])[index].mappings
    if covers(canonical(there), canonical(wanted)):
        return Finding("index", index, "unchanged")
    answer = server.ask("PUT", path, msgspec.json.encode(wanted))
    if answer.ok:
        return Finding("index", index, "updated")
    return Finding("index", index, "kept", f"its mapping cannot be changed: {answer.error().reason}")


def _done(server: Server, answer: Answer) -> Answer:
    if not answer.ok:
        raise SinkError(f"refuses: {answer.error().reason}", where=server.target)
    return answer
