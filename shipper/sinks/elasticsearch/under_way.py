"""Requests that Elasticsearch is still carrying out although nobody waits for their answer any more."""

import secrets
from itertools import count

import msgspec

from shipper.errors import AuthenticationError
from shipper.sinks.elasticsearch.asking import answered
from shipper.sinks.elasticsearch.server import Server

#: Begins the names of all our requests, which Elasticsearch keeps with the tasks it makes of them. Source:
#: https://www.elastic.co/docs/reference/elasticsearch/rest-apis/api-conventions#x-opaque-id
PREFIX = "intune-connector-shipper/"
_HEADER = "X-Opaque-Id"
_TASKS = "/_tasks?actions=indices:data/write/bulk*&filter_path=nodes.*.tasks.*.headers"


class _Task(msgspec.Struct):
    headers: dict[str, str] = {}


class _Node(msgspec.Struct):
    tasks: dict[str, _Task] = {}


class _Nodes(msgspec.Struct):
    nodes: dict[str, _Node] = {}


class Names:
    """Names for the requests of one run, each used once."""

    def __init__(self) -> None:
        self.own = f"{PREFIX}{secrets.token_hex(8)}/"
        self._numbers = count(1)

    def next(self) -> str:
        """Return the next one."""
        return f"{self.own}{next(self._numbers)}"


def under_way(server: Server) -> frozenset[str]:
    """Return the names of all bulk requests of shippers that are being carried out.

    Needs the privilege ``monitor``; without it there is no telling, and none are returned.

    Raises:
        Unanswered: there is no answer now.
    """
    try:
        nodes = answered(server, "GET", _TASKS).decoded(_Nodes).nodes.values()
    except AuthenticationError:
        return frozenset()
    names = (task.headers.get(_HEADER, "") for node in nodes for task in node.tasks.values())
    return frozenset(name for name in names if name.startswith(PREFIX))
