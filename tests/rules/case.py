"""The cases of the shipped rules: ``load_cases("ca-unreachable")`` and ``all_cases()``.

`shipper.testing.rule_cases` tells what a case is and how its documents look; the files are in ``cases/``. Every
document has an ``_id`` of its own and the label ``case``, and names the data stream of ``namespace`` that it belongs
to: all of them can be indexed at once.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from shipper.rules.loading import load_rules
from shipper.rules.model import Rule
from shipper.testing import rule_cases
from shipper.testing.rule_cases import Case

FOLDER = Path(__file__).parent / "cases"


@cache
def rules() -> dict[str, Rule]:
    """Return the shipped rules by id."""
    return {rule.id: rule for rule in load_rules()}


def load_cases(rule_id: str, namespace: str = "default") -> list[Case]:
    """Return the cases of a shipped rule."""
    return rule_cases.load_cases(rules()[rule_id], FOLDER, namespace)


def all_cases(namespace: str = "default") -> Iterator[Case]:
    """Yield the cases of all shipped rules."""
    for rule_id in rules():
        yield from load_cases(rule_id, namespace)
