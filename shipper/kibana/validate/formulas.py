"""Formula columns with their compiled parts, without which Kibana shows an empty box and no error."""

import ast
import re
from collections.abc import Iterator, Mapping

from shipper.kibana.validate.fault import Fault
from shipper.kibana.validate.package import Json, Panel

FORMULA, MATH = "formula", "math"
#: What a formula may ask of the documents: a function, a field or none, a filter or none.
_ASKED = re.compile(r"\b(?:average|count|max|median|min|sum|unique_count)\([\w.@]*(?:,\s*)?(?:kql='(?P<kql>[^']*)')?\)")
_ARITHMETIC = re.compile(r"[\d\s.+\-*/()]+")
#: What Kibana's tinymath calls the four of them: https://github.com/elastic/kibana/tree/v8.12.2/packages/kbn-tinymath
_CALCULATES = frozenset({"add", "subtract", "multiply", "divide"})


def formula_faults(panel: Panel, columns: Mapping[str, Json]) -> Iterator[Fault]:
    """Yield what is wrong with the formulas of a layer."""
    for name, column in columns.items():
        if column.get("operationType") in (FORMULA, MATH):
            yield from (Fault(panel.place, "formula", f"{name} {wrong}") for wrong in _wrong(name, column, columns))


def _wrong(name: str, column: Json, columns: Mapping[str, Json]) -> Iterator[str]:
    parts, said = column.get("references", []), column.get("params", {})
    if not parts or any(part not in columns for part in parts):
        yield "has no compiled parts"
        return
    below = _below(name, columns)
    if name in below:
        yield "refers to itself"
    if column["operationType"] == FORMULA:
        yield from _formula(said, [columns[part] for part in below if part in columns])
    else:
        yield from _math(said.get("tinymathAst"), parts)


def _below(name: str, columns: Mapping[str, Json]) -> list[str]:
    """Return what a column refers to, over all steps; itself among it where that leads back."""
    found: dict[str, None] = {}
    waiting = [name]
    while waiting:
        parts = [part for part in columns.get(waiting.pop(), {}).get("references", []) if part not in found]
        found.update(dict.fromkeys(parts))
        waiting += parts
    return list(found)


def _formula(said: Json, parts: list[Json]) -> Iterator[str]:
    text = said.get("formula")
    if not text or said.get("isFormulaBroken") is not False:
        yield "has no formula, or one that is called broken"
        return
    if not _calculates(_ASKED.sub("1", text)):
        yield f"has a formula that cannot be read: {text}"
    asked = {found["kql"] for found in _ASKED.finditer(text) if found["kql"]}
    if asked != {part["filter"].get("query") for part in parts if "filter" in part}:
        yield "has a formula that asks for something else than its compiled parts"


def _calculates(text: str) -> bool:
    """Say whether numbers and the signs between them make a calculation."""
    try:
        return bool(_ARITHMETIC.fullmatch(text)) and ast.parse(text.strip(), mode="eval") is not None
    except SyntaxError:
        return False


def _math(tree: object, parts: list[str]) -> Iterator[str]:
    if set(_named(tree)) != set(parts):
        yield "calculates with other columns than it refers to"
    yield from (f"calculates by {name}, which Kibana does not know" for name in _functions(tree)
                if name not in _CALCULATES)  # fmt: skip


def _named(tree: object) -> Iterator[str]:
    """Yield the columns that a parsed formula names; numbers name none."""
    if isinstance(tree, str):
        yield tree
    elif isinstance(tree, dict):
        for part in tree.get("args", []):
            yield from _named(part)


def _functions(tree: object) -> Iterator[str]:
    if isinstance(tree, dict):
        if tree.get("type") == "function":
            yield str(tree.get("name"))
        for part in tree.get("args", []):
            yield from _functions(part)
