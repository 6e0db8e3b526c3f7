"""What the targets have to know of a field: its type, whether ECS has it, whether it may hold a list."""

from shipper.rules.fields import mapped_field
from shipper.rules.model import Rule
from shipper.rules.seeing import fields_of

#: Fields that hold several values in one document (docs/reference/document.md); every other has one at most.
MULTI_VALUED = frozenset(
    {
        "event.category",
        "event.type",
        "intune_connector.exceptions",
        "related.hash",
        "related.hosts",
        "related.user",
        "tags",
        "winlog.keywords",
    }
)
#: Sets of fields that ECS does not have: ours, and Winlogbeat's.
_NOT_ECS = ("intune_connector.", "winlog.")


def type_of(rule: Rule, field: str) -> str:
    """Return the type under which ``mappings/`` has a field of the data stream that a rule reads."""
    mapped = mapped_field(rule.reads, field)
    return mapped.kind if mapped else "keyword"


def is_ecs(field: str) -> bool:
    """Say whether the Elastic Common Schema defines a field."""
    return not field.startswith(_NOT_ECS)


def looked_at(rule: Rule) -> tuple[str, ...]:
    """Return every field that a rule names, each once: those of its conditions, then those it groups and counts by."""
    return tuple(dict.fromkeys(fields_of(rule)))
