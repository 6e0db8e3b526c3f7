"""Which target can say which rule, in what form, and why not where it cannot."""

from collections.abc import Callable, Iterable
from typing import Literal, TypeVar

import msgspec

from shipper.rules.model import Rule
from shipper.rules.targets import elastalert, kibana, sigma
from shipper.rules.targets.said import Unsayable

Target = Literal["own", "Kibana", "Sigma", "ElastAlert 2"]
Said = TypeVar("Said")
TARGETS: tuple[Target, ...] = ("own", "Kibana", "Sigma", "ElastAlert 2")


class Cell(msgspec.Struct, frozen=True):
    """How a target says a rule.

    Attributes:
        form: the type of rule that it becomes there; empty where it cannot be said.
        reason: why it cannot, a sentence; empty where it can.
    """

    form: str = ""
    reason: str = ""


def row(rule: Rule) -> dict[Target, Cell]:
    """Return how each target says a rule."""
    return {
        "own": Cell(type(rule.looks_for).__name__.lower()),
        "Kibana": _cell(kibana.body(rule), lambda said: str(said["type"])),
        "Sigma": _cell(sigma.sigma(rule), lambda _: sigma.form(rule)),
        "ElastAlert 2": _cell(elastalert.body(rule), lambda said: str(said["type"])),
    }


def reasons(rules: Iterable[Rule], target: Target) -> dict[str, list[str]]:
    """Return why a target cannot say some rules: the ids by reason."""
    found: dict[str, list[str]] = {}
    for rule in rules:
        cell = row(rule)[target]
        if cell.reason:
            found.setdefault(cell.reason, []).append(rule.id)
    return found


def _cell(said: Said | Unsayable, form: Callable[[Said], str]) -> Cell:
    return Cell(reason=said.reason) if isinstance(said, Unsayable) else Cell(form(said))
