"""What a person is told who has an alert of a rule before them: Markdown, from the rule and the catalog."""

from collections.abc import Iterable, Iterator

from shipper.catalog import Language, load
from shipper.catalog.explanation import Explanation, explain
from shipper.rules.model import Rule
from shipper.rules.targets.kql import timeless_kql

_HEADINGS: dict[Language, tuple[str, str, str, str, str]] = {
    "en": ("Why this matters", "First steps", "What to do", "What this rule cannot see", "See the events"),
    "it": ("Perché è importante", "Primi passi", "Cosa fare", "Cosa questa regola non vede", "Vedere gli eventi"),
}
#: KQL cannot say the hours of a day.
_WITHOUT_HOURS: dict[Language, str] = {
    "en": "This query cannot say hours: it shows the events of other hours, which the rule leaves out, too.",
    "it": "Questa query non può indicare gli orari: mostra anche gli eventi di altre ore, che la regola esclude.",
}


def guide(rule: Rule, language: Language = "en") -> str:
    """Return the investigation guide of a rule."""
    why, first, what, limits, see = _HEADINGS[language]
    text = rule.text[language]
    sections = (
        (why, text.why),
        (first, _lines(_numbered(text.first_steps))),
        (what, "\n\n".join(_advice(rule, language))),
        (limits, _lines(_listed(rule.limits))),
        (see, "\n\n".join(_see(rule, language))),
    )
    return "\n\n".join(f"## {heading}\n\n{body}" for heading, body in sections if body) + "\n"


def explanations(rule: Rule, language: Language) -> list[Explanation]:
    """Return what the catalog knows of a rule's ``advice_from``, each entry once."""
    found = [one for word in rule.advice_from for one in explain(load(), word, language)]
    return list({(one.kind, one.id): one for one in found}.values())


def _see(rule: Rule, language: Language) -> Iterator[str]:
    if rule.where.outside:
        yield _WITHOUT_HOURS[language]
    yield f"```\n{timeless_kql(rule)}\n```"


def _advice(rule: Rule, language: Language) -> Iterator[str]:
    """Yield a title and its steps for each advice; entries whose advice is the same share one."""
    shared: dict[tuple[tuple[str, ...], tuple[str, ...]], list[Explanation]] = {}
    for one in explanations(rule, language):
        shared.setdefault((one.causes, one.resolution), []).append(one)
    for (causes, resolution), entries in shared.items():
        yield ", ".join(f"**{entry.id} {entry.name}**" for entry in entries)
        yield from filter(None, (_lines(_listed(causes)), _lines(_numbered(resolution))))


def _lines(lines: Iterable[str]) -> str:
    return "\n".join(lines)


def _numbered(steps: Iterable[str]) -> list[str]:
    return [f"{number}. {step}" for number, step in enumerate(steps, 1)]


def _listed(sentences: Iterable[str]) -> list[str]:
    return [f"- {sentence}" for sentence in sentences]
