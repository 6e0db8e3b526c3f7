"""The grid: 48 columns, nothing on top of anything."""

from collections import Counter
from collections.abc import Iterator
from itertools import combinations

from shipper.kibana.validate.fault import Fault
from shipper.kibana.validate.package import Item, Package, Panel

_COLUMNS = 48
_KEYS = frozenset("xywhi")


def check(package: Package) -> Iterator[Fault]:
    """Yield what is wrong with places."""
    for board in package.of_kind("dashboard"):
        yield from _board(board)


def _board(board: Item) -> Iterator[Fault]:
    counted = Counter(panel.name for panel in board.panels)
    yield from (Fault(f"{board.place}/{name}", "id", "is the name of two panels")
                for name, times in counted.items() if times > 1)  # fmt: skip
    placed = []
    for panel in board.panels:
        faults = list(_place(panel))
        yield from faults
        if not faults:
            placed.append(panel)
    for one, other in combinations(placed, 2):
        if _overlap(one, other):
            yield Fault(one.place, "grid", f"lies on {other.name}")


def _place(panel: Panel) -> Iterator[Fault]:
    grid = panel.body.get("gridData", {})
    if set(grid) != _KEYS or not all(isinstance(grid[key], int) for key in "xywh"):
        yield Fault(panel.place, "grid", "gridData has to have x, y, w, h and i, and nothing else")
        return
    if grid["i"] != panel.name:
        yield Fault(panel.place, "grid", "gridData.i is not its panelIndex")
    if min(grid["x"], grid["y"]) < 0 or min(grid["w"], grid["h"]) < 1 or grid["x"] + grid["w"] > _COLUMNS:
        yield Fault(panel.place, "grid", f"does not fit into {_COLUMNS} columns")


def _overlap(one: Panel, other: Panel) -> bool:
    a, b = one.body["gridData"], other.body["gridData"]
    beside = a["x"] + a["w"] <= b["x"] or b["x"] + b["w"] <= a["x"]
    below = a["y"] + a["h"] <= b["y"] or b["y"] + b["h"] <= a["y"]
    return not (beside or below)
