"""The tables of ``docs/reference/rules.md``, made from the rules so that the page cannot drift from them."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from shipper.rules.model import Rule
from shipper.rules.targets import sigma
from shipper.rules.targets.kibana import schedule, technique_url
from shipper.rules.targets.matrix import TARGETS, Cell, reasons, row
from shipper.rules.targets.words import in_words

_BLOCK = re.compile(r"(<!-- table: (?P<name>[\w-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def refreshed(page: str, rules: Sequence[Rule]) -> str:
    """Return the page with every table between ``<!-- table: NAME -->`` and ``<!-- end -->`` made anew.

    Raises:
        KeyError: the page names a table that does not exist.
    """
    return _BLOCK.sub(lambda block: f"{block[1]}\n{TABLES[block['name']](rules)}\n\n{block[3]}", page)


def _rules(rules: Sequence[Rule]) -> str:
    head = ("rule", "name", "severity", "nature", "looks for", "ATT&CK")
    return _table(head, (_rule_row(rule) for rule in rules))


def _rule_row(rule: Rule) -> tuple[str, ...]:
    techniques = dict.fromkeys(f"[{one.technique_id}]({technique_url(one.technique_id)})" for one in rule.threat)
    severity = f"{rule.severity} ({rule.risk_score})"
    return (
        f"`{rule.id}`", rule.text["en"].name, severity, rule.nature, in_words(rule), " ".join(techniques),
    )  # fmt: skip


def _matrix(rules: Sequence[Rule]) -> str:
    numbers = {reason: number for number, (_, reason) in enumerate(_all_reasons(rules), 1)}
    head = ("rule", *TARGETS, "Sigma needs")
    return _table(head, (_matrix_row(rule, numbers) for rule in rules))


def _matrix_row(rule: Rule, numbers: dict[str, int]) -> tuple[str, ...]:
    cells = row(rule)
    shown = (_shown(cell, numbers) for cell in cells.values())
    return (f"`{rule.id}`", *shown, _needs(rule) if cells["Sigma"].form else "")


def _shown(cell: Cell, numbers: dict[str, int]) -> str:
    return cell.form or f"no ({numbers[cell.reason]})"


def _needs(rule: Rule) -> str:
    if rule.reads == "metrics":
        return "heartbeats"
    return "Windows' events" if sigma.works_on_raw_events(rule) else "the shipper's fields"


def _reasons(rules: Sequence[Rule]) -> str:
    rows = ((str(number), target, reason) for number, (target, reason) in enumerate(_all_reasons(rules), 1))
    return _table(("no", "target", "why"), rows)


def _all_reasons(rules: Sequence[Rule]) -> Iterator[tuple[str, str]]:
    return ((target, reason) for target in TARGETS for reason in reasons(rules, target))


def _schedules(rules: Sequence[Rule]) -> str:
    return _table(("rule", "type", "every", "looks at", "quiet for"), (_schedule_row(rule) for rule in rules))


def _schedule_row(rule: Rule) -> tuple[str, ...]:
    runs, kind = schedule(rule), row(rule)["Kibana"]
    return (f"`{rule.id}`", kind.form or "no", runs.interval, runs.begin.removeprefix("now-"), rule.quiet_for)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    return "\n".join(_line(cells) for cells in (head, ("---",) * len(head), *rows))


def _line(cells: tuple[str, ...]) -> str:
    escaped = (cell.replace("|", "\\|") for cell in cells)
    return f"| {' | '.join(escaped)} |"


#: Every table by the name under which the page asks for it.
TABLES: dict[str, Callable[[Sequence[Rule]], str]] = {
    "rules": _rules,
    "matrix": _matrix,
    "reasons": _reasons,
    "schedules": _schedules,
}
