"""Installs templates and brings existing data streams up to date: everything is compared before anything is changed."""

from collections.abc import Callable, Sequence

import msgspec

from shipper.assets import Asset
from shipper.errors import SinkError, UsageError
from shipper.setup import streams
from shipper.setup.canonical import sealed
from shipper.setup.finding import Finding, Result
from shipper.setup.plan import Action, Change, plan
from shipper.sinks.elasticsearch import ownership
from shipper.sinks.elasticsearch.connection import Connection
from shipper.sinks.elasticsearch.server import Server

_RESULTS: dict[Action, Result] = {
    "create": "created",
    "update": "updated",
    "overwrite": "overwritten",
    "leave": "unchanged",
}


def install(
    connection: Connection,
    assets: Sequence[Asset],
    *,
    namespace: str,
    agree: Callable[[Sequence[Change]], bool],
) -> list[Finding]:
    """Install ``assets``, update the data streams they govern, and check that they govern those of ``namespace``.

    Args:
        connection: where to.
        assets: from ``shipper.assets.mappings``, in their order.
        namespace: its data streams are looked at last, existing or not.
        agree: asked once with every change that would overwrite somebody else's; false leaves everything as it is.

    Returns:
        One finding per asset, then those of the data streams.

    Raises:
        UsageError: ``agree`` said no; nothing has been changed.
        MappingError: another template goes before ours.
        SinkError: unreachable, not supported, or a change was refused.
    """
    server = Server(connection)
    try:
        server.version()
        changes = plan(server, assets)
        _agreed(changes, agree)
        findings = [_applied(server, change) for change in changes]
        templates = [asset for asset in assets if asset.kind == "index_template"]
        findings += streams.update(server, [f"{template.name}-*" for template in templates])
        for template in templates:
            ownership.check(server, f"{template.name}-{namespace}")
    finally:
        server.close()
    return findings


def _agreed(changes: Sequence[Change], agree: Callable[[Sequence[Change]], bool]) -> None:
    foreign = [change for change in changes if change.action == "overwrite"]
    if foreign and not agree(foreign):
        names = ", ".join(change.asset.name for change in foreign)
        raise UsageError(
            f"changed by hand, and nothing has been overwritten: {names}",
            hint="keep your changes in the @custom component template, or overwrite them with --yes",
        )


def _applied(server: Server, change: Change) -> Finding:
    asset = change.asset
    if change.action != "leave":
        answer = server.ask("PUT", asset.path, msgspec.json.encode(sealed(asset.body)))
        if not answer.ok:
            raise SinkError(f"refuses {asset.name}: {answer.error().reason}", where=server.target)
    return Finding(asset.kind, asset.name, _RESULTS[change.action])
