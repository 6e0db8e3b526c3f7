"""What an installation would change, found out without changing anything."""

import difflib
from collections.abc import Sequence
from typing import Literal, TypeAlias

import msgspec

from shipper.assets import Asset, Body
from shipper.errors import SinkError
from shipper.setup.canonical import canonical, is_sealed
from shipper.sinks.elasticsearch.server import Server

Action: TypeAlias = Literal["create", "update", "overwrite", "leave"]

_NOT_FOUND = 404


class Change(msgspec.Struct, frozen=True):
    """What would happen to one object.

    Attributes:
        asset: what it is to be.
        action: ``overwrite`` where somebody else changed it, ``leave`` where nothing differs.
        diff: unified, from what is there to what it is to be; empty where nothing is there.
    """

    asset: Asset
    action: Action
    diff: str = ""


def plan(server: Server, assets: Sequence[Asset]) -> list[Change]:
    """Compare each asset with what the server has; one change per asset, same order.

    Raises:
        SinkError: the server cannot be asked.
    """
    return [_change(asset, _installed(server, asset)) for asset in assets]


def _installed(server: Server, asset: Asset) -> Body | None:
    answer = server.ask("GET", asset.path)
    if answer.status == _NOT_FOUND:
        return None
    if not answer.ok:
        raise SinkError(f"cannot be asked for {asset.name}: {answer.error().reason}", where=server.target)
    listed = answer.decoded(dict[str, list[Body]])
    found: Body = listed[f"{asset.kind}s"][0][asset.kind]
    return found


def _change(asset: Asset, installed: Body | None) -> Change:
    if installed is None:
        return Change(asset, "create")
    there, wanted = canonical(installed), canonical(asset.body)
    if there == wanted:
        return Change(asset, "leave")
    return Change(asset, "update" if is_sealed(installed) else "overwrite", _diff(asset.name, there, wanted))


def _diff(name: str, there: Body, wanted: Body) -> str:
    lines = difflib.unified_diff(
        _lines(there), _lines(wanted), f"{name} (in the cluster)", f"{name} (to be installed)", n=3, lineterm=""
    )
    return "\n".join(lines)


def _lines(body: Body) -> list[str]:
    return msgspec.json.format(msgspec.json.encode(body), indent=2).decode().splitlines()
