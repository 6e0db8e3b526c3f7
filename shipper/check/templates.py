"""Templates and data streams: as this version of the shipper has them, or drifted away."""

from collections.abc import Iterator, Sequence
from urllib.parse import quote

import msgspec

from shipper import assets
from shipper.assets import Asset, Body
from shipper.check.finding import Finding, Findings, Status
from shipper.config import Config
from shipper.errors import MappingError
from shipper.setup import Change, plan
from shipper.sinks.elasticsearch import ownership
from shipper.sinks.elasticsearch.server import Server

#: So many field names are shown.
_NAMES_SHOWN = 5


class _Index(msgspec.Struct):
    mappings: Body = {}


def examine(server: Server, settings: Config) -> Findings:
    """Yield what differs between the packed templates and the installed ones, and between them and the data streams.

    Raises:
        SinkError: the server cannot be asked.
    """
    packed = assets.mappings()
    found = [finding for change in plan(server, packed) for finding in _drifted(change, server.target)]
    yield from found
    if not found:
        yield Finding("ok", f"{len(packed)} templates are as this version has them", server.target)
    for dataset in _written(settings):
        yield from _data_stream(server, packed, dataset, settings)


def _written(settings: Config) -> list[str]:
    """Return which index templates govern what a run writes."""
    heartbeats = ["metrics-intune_connector.shipper"] if settings.operations.heartbeat_s else []
    alerts = ["logs-intune_connector.alerts"] if "index" in settings.alerts.alerts_to else []
    return ["logs-intune_connector.events", *heartbeats, *alerts]


def _drifted(change: Change, target: str) -> Findings:
    remedy = f"shipper setup --to {target}"
    if change.action == "create":
        yield Finding("failure", "is not installed", change.asset.name, remedy)
    elif change.action == "update":
        yield Finding("warning", "is that of another version of the shipper", change.asset.name, remedy)
    elif change.action == "overwrite":
        yield Finding(
            "warning",
            "was changed by hand",
            change.asset.name,
            f"{remedy} shows how; keep what is yours in the @custom component template",
        )


def _data_stream(server: Server, packed: Sequence[Asset], dataset: str, settings: Config) -> Findings:
    name = f"{dataset}-{settings.ship.namespace}"
    try:
        ownership.check(server, name)
    except MappingError as error:
        status: Status = "warning" if settings.elasticsearch.allow_foreign_mapping else "failure"
        yield Finding(status, error.message, name, error.hint)
        return
    wanted = _fields(_mapping(packed, dataset))
    indices = _backing_indices(server, name)
    behind = [finding for index, mapping in indices for finding in _behind(index, wanted, mapping)]
    yield from behind
    if not behind:
        yield Finding("ok", "has our mapping" if indices else "will be made with our mapping", name)


def _mapping(packed: Sequence[Asset], dataset: str) -> Body:
    """Return the mapping that our components add up to, without what somebody adds in ``@custom``."""
    bodies = {asset.name: asset.body for asset in packed}
    merged: Body = {}
    for component in bodies[dataset]["composed_of"]:
        _merge(merged, bodies.get(component, {}).get("template", {}).get("mappings", {}))
    return merged


def _merge(into: Body, more: Body) -> None:
    for key, value in more.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict):
            _merge(into[key], value)
        else:
            into[key] = msgspec.json.decode(msgspec.json.encode(value))


def _backing_indices(server: Server, name: str) -> list[tuple[str, Body]]:
    answer = server.ask("GET", f"/{quote(name)}/_mapping")
    if not answer.ok:
        return []
    return [(index, found.mappings) for index, found in sorted(answer.decoded(dict[str, _Index]).items())]


def _behind(index: str, wanted: set[str], mapping: Body) -> Findings:
    missing = sorted(wanted - _fields(mapping))
    if missing:
        names = ", ".join(missing[:_NAMES_SHOWN]) + (", ..." if len(missing) > _NAMES_SHOWN else "")
        yield Finding("warning", f"lacks {len(missing)} fields of this version: {names}", index, "shipper setup")


def _fields(mapping: Body) -> set[str]:
    return set(_named(mapping, ""))


def _named(mapping: Body, above: str) -> Iterator[str]:
    for name, field in mapping.get("properties", {}).items():
        yield above + name
        yield from _named(field, f"{above}{name}.")
