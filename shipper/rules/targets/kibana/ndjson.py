"""The rules as one file for Kibana's import; it may come without the summary that an export ends with."""

from collections.abc import Iterable

import msgspec

from shipper.rules.model import Rule
from shipper.rules.targets.kibana.body import body
from shipper.rules.targets.said import Unsayable


def ndjson(rules: Iterable[Rule], *, suppress: bool = False) -> bytes:
    """Return one line a rule, in the order given; a rule that Kibana cannot say is left out."""
    bodies = (body(rule, suppress=suppress) for rule in rules)
    return b"".join(msgspec.json.encode(one) + b"\n" for one in bodies if not isinstance(one, Unsayable))
