"""Formula columns with their compiled parts, without which Kibana shows an empty box and no error."""

from collections.abc import Iterator, Mapping

from shipper.kibana.validate.fault import Fault
from shipper.kibana.validate.package import Json, Panel

FORMULA, MATH = "formula", "math"


def formula_faults(panel: Panel, columns: Mapping[str, Json]) -> Iterator[Fault]:
    """Yield what is wrong with the formulas of a layer."""
    for name, column in columns.items():
        if column.get("operationType") in (FORMULA, MATH):
            yield from (Fault(panel.place, "formula", f"{name} {wrong}") for wrong in _wrong(column, columns))


def _wrong(column: Json, columns: Mapping[str, Json]) -> Iterator[str]:
    parts, said = column.get("references", []), column.get("params", {})
    if not parts or any(part not in columns for part in parts):
        yield "has no compiled parts"
    if column["operationType"] == FORMULA and (not said.get("formula") or said.get("isFormulaBroken") is not False):
        yield "has no formula, or one that is called broken"
    if column["operationType"] == MATH and set(_named(said.get("tinymathAst"))) != set(parts):
        yield "calculates with other columns than it refers to"


def _named(tree: object) -> Iterator[str]:
    """Yield the columns that a parsed formula names; numbers name none."""
    if isinstance(tree, str):
        yield tree
    elif isinstance(tree, dict):
        for part in tree.get("args", []):
            yield from _named(part)
