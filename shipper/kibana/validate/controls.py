"""Controls: lists of values of fields that have values to list."""

from collections.abc import Iterator

from shipper.kibana.validate.fault import Fault
from shipper.kibana.validate.package import Item, Package

#: Stands for a control's name where it is about all of them.
_ALL = "controls"


def check(package: Package) -> Iterator[Fault]:
    """Yield what is wrong with controls."""
    for board in package.of_kind("dashboard"):
        yield from (Fault(f"{board.place}/{name}", "control", wrong) for name, wrong in _board(board, package))


def _board(board: Item, package: Package) -> Iterator[tuple[str, str]]:
    controls = board.inside.get("controlGroupInput.panelsJSON", {})
    orders = [one.get("order") for one in controls.values()]
    if sorted(orders) != list(range(len(orders))):
        yield _ALL, "their order is not 0, 1, 2"
    for name, one in controls.items():
        said = one.get("explicitInput", {})
        if one.get("type") != "optionsListControl" or said.get("id") != name:
            yield name, "is no options list under its own id"
        if said.get("selectedOptions"):
            yield name, "comes with a choice already made"
        view = board.pointed.get(f"controlGroup_{name}:optionsListDataView", {}).get("id", "")
        field = package.view_fields(view).get(str(said.get("fieldName")))
        if field is None or not field.aggregated:
            yield name, f"{said.get('fieldName')} is no field whose values can be listed"
