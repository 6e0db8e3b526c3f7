"""KQL of the documents that a rule looks at: Kibana's rules, and every "see the events" of a person.

Grammar: https://www.elastic.co/docs/reference/query-languages/kql. A value in double quotes is compared as it stands,
wildcards included; in it only the backslash, the quote and white space other than blanks are escaped.
"""

from collections.abc import Iterator

from shipper.rules.conditions import values_of
from shipper.rules.model import DATASETS, Condition, Match, Rule, Scalar, Values

#: Tag of documents that were old when they were shipped; no rule looks at them.
BACKFILL = "backfill"
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\t": "\\t", "\r": "\\r", "\n": "\\n"})


def matched_kql(rule: Rule) -> str | None:
    """Return the KQL of all documents that a rule matches, the opening ones of ``unanswered``.

    Returns:
        ``None`` where the rule names hours, which KQL cannot.
    """
    return None if rule.where.outside else timeless_kql(rule)


def timeless_kql(rule: Rule) -> str:
    """Return the KQL of all documents that a rule matches, and of those that only its hours leave out."""
    return " and ".join(_clauses(rule))


def quoted(text: str) -> str:
    """Return ``text`` as a KQL literal that means exactly it."""
    return f'"{text.translate(_ESCAPES)}"'


def _clauses(rule: Rule) -> Iterator[str]:
    yield _is("event.dataset", DATASETS[rule.reads])
    yield f"not {_is('tags', BACKFILL)}"
    yield from _condition(rule.where)
    if not isinstance(rule.looks_for, Match):
        yield from (f"{field}: *" for field in rule.by if field not in rule.where.exists)


def _condition(condition: Condition) -> Iterator[str]:
    yield from (_is(field, values) for field, values in condition.equals.items())
    yield from (f"not {_is(field, values)}" for field, values in condition.equals_none.items())
    yield from (f"{field}: *" for field in condition.exists)
    yield from (f"not {field}: *" for field in condition.missing)
    yield from (f"{field} >= {least}" for field, least in condition.at_least.items())


def _is(field: str, values: Values) -> str:
    literals = [_literal(value) for value in values_of(values)]
    return f"{field}: {literals[0]}" if len(literals) == 1 else f"{field}: ({' or '.join(literals)})"


def _literal(value: Scalar) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else quoted(value)
