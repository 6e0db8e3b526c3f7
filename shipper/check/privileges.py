"""What the credentials may do: all that shipping needs, and nothing beyond.

What shipping needs stands in ``mappings/security/role/intune_connector_shipper.json``, which a user can PUT by hand.
"""

from collections.abc import Mapping, Sequence

import msgspec

from shipper import assets
from shipper.check.finding import Finding, Findings
from shipper.sinks.elasticsearch.server import Server

#: What each privilege of the role is for.
PURPOSES = {
    "monitor": "version, clock, and which template would make a data stream",
    "auto_configure": "the first document makes the data stream",
    "create_doc": "documents are added",
    "read": "whether a document is already in an older backing index is asked for",
    "view_index_metadata": "whether the mapping is ours is looked at",
}
#: What shipping never needs, strongest first: holding one of these is worth knowing.
_BEYOND_CLUSTER = ("all", "manage", "manage_security", "manage_index_templates", "manage_pipeline")
_BEYOND_INDEX = ("all", "manage", "delete_index", "delete", "write", "index")
_ALERTS = "logs-intune_connector.alerts-*"
_NOT_THERE = (400, 404, 405)
_REMEDY = "give it the role of mappings/security/role/intune_connector_shipper.json"


class _Grant(msgspec.Struct, frozen=True):
    names: tuple[str, ...]
    privileges: tuple[str, ...]


class _Role(msgspec.Struct, frozen=True):
    cluster: tuple[str, ...] = ()
    indices: tuple[_Grant, ...] = msgspec.field(default=(), name="indices")


class _Held(msgspec.Struct):
    username: str = ""
    cluster: dict[str, bool] = {}
    index: dict[str, dict[str, bool]] = {}


def examine(server: Server, namespace: str, *, alerts: bool = False) -> Findings:
    """Ask which privileges the credentials have; yield each that is missing, and what is more than needed.

    Args:
        server: which Elasticsearch.
        namespace: last part of the data streams' names.
        alerts: alerts go there, too.

    Source: https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-security-has-privileges

    Raises:
        SinkError: the server cannot be asked.
    """
    role = _needed(namespace, alerts=alerts)
    answer = server.ask("POST", "/_security/user/_has_privileges", _question(role))
    if not answer.ok:
        yield _unknown(server, answer.status, answer.error().reason)
        return
    held = answer.decoded(_Held)
    missing = list(_missing(role, held))
    yield from missing
    if not missing:
        yield Finding("ok", f"{held.username} has every privilege that shipping needs", server.target)
    beyond = _beyond(role, held)
    if beyond:
        yield Finding("note", f"{held.username} may do more than shipping needs: {beyond}", server.target, _REMEDY)


def _needed(namespace: str, *, alerts: bool) -> _Role:
    """Return the packed role, its patterns narrowed to one namespace: more than that need not be granted."""
    file = assets.folder("mappings") / "security" / "role" / "intune_connector_shipper.json"
    role = msgspec.json.decode(file.read_bytes(), type=_Role)
    grants = tuple(
        _Grant(tuple(name.replace("*", namespace) for name in grant.names), grant.privileges)
        for grant in role.indices
        if alerts or _ALERTS not in grant.names
    )
    return _Role(role.cluster, grants)


def _question(role: _Role) -> bytes:
    indices = [_Grant(grant.names, (*grant.privileges, *_BEYOND_INDEX)) for grant in role.indices]
    return msgspec.json.encode({"cluster": (*role.cluster, *_BEYOND_CLUSTER), "index": indices})


def _unknown(server: Server, status: int, reason: str) -> Finding:
    if status in _NOT_THERE:
        return Finding(
            "note",
            "security is switched off there: whoever reaches it may read and change everything",
            server.target,
            "switch it on (xpack.security.enabled) unless nobody else can reach it",
        )
    return Finding("warning", f"the privileges cannot be asked for: {reason}", server.target, _REMEDY)


def _missing(role: _Role, held: _Held) -> Findings:
    for privilege in role.cluster:
        if not held.cluster.get(privilege):
            yield _lacking(privilege, "on the cluster", held.username)
    for grant in role.indices:
        for name in grant.names:
            for privilege in grant.privileges:
                if not held.index.get(name, {}).get(privilege):
                    yield _lacking(privilege, f"on {name}", held.username)


def _lacking(privilege: str, place: str, who: str) -> Finding:
    purpose = PURPOSES.get(privilege, "shipping")
    return Finding("failure", f"{who} lacks the privilege {privilege}: {purpose}", place, _REMEDY)


def _beyond(role: _Role, held: _Held) -> str:
    """Return what is held beyond the role, the strongest of each kind: it includes the others."""
    cluster = _strongest(_BEYOND_CLUSTER, held.cluster)
    names = [name for grant in role.indices for name in grant.names]
    found = dict.fromkeys(filter(None, (_strongest(_BEYOND_INDEX, held.index.get(name, {})) for name in names)))
    parts = [f"{cluster} on the cluster"] if cluster else []
    return "; ".join([*parts, *(f"{privilege} on the data streams" for privilege in found)])


def _strongest(privileges: Sequence[str], held: Mapping[str, bool]) -> str:
    return next((privilege for privilege in privileges if held.get(privilege)), "")
