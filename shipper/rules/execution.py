"""One execution of a rule over documents that are all there: the definition of what the rule finds.

The evaluator, and what is compiled for others, are held to this in tests; nothing here is made to be fast.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

from shipper.rules.conditions import groups_of, is_of, meets, selects, text_of
from shipper.rules.model import Count, Finding, Match, New, Rule, Seen, Silence, Unanswered
from shipper.rules.spans import parse_span

#: Documents by group, each list sorted by time, then id.
_Groups: TypeAlias = dict[tuple[str, ...], list[Seen]]


def execute(rule: Rule, seen: Iterable[Seen], t0_ms: int, t1_ms: int) -> list[Finding]:
    """Return what one execution over ``[t0_ms, t1_ms)`` finds.

    Args:
        rule: what to look for.
        seen: documents in any order; a second one with the same id is the same document.
        t0_ms: the beginning, milliseconds since 1970; unanswered and silence look back as far as the rule says.
        t1_ms: the end; the time of the execution.

    Returns:
        one finding a group, sorted by the time of their first document, then by group.
    """
    documents = sorted({one.id: one for one in seen if is_of(rule.reads, one)}.values(), key=_order)
    found = _FINDERS[type(rule.looks_for)](rule, rule.looks_for, documents, (t0_ms, t1_ms))
    findings = [_finding(rule, group, matched) for group, matched in found.items() if matched]
    return sorted(findings, key=lambda finding: (finding.first_ms, finding.group))


def _order(one: Seen) -> tuple[int, str]:
    return one.time_ms, one.id


def _finding(rule: Rule, group: tuple[str, ...], matched: Sequence[Seen]) -> Finding:
    ids = tuple(one.id for one in matched)
    return Finding(rule.id, group, ids, len(ids), matched[0].time_ms, matched[-1].time_ms)


def _between(documents: Iterable[Seen], begin_ms: int, end_ms: int) -> list[Seen]:
    return [one for one in documents if begin_ms <= one.time_ms < end_ms]


def _grouped(rule: Rule, documents: Iterable[Seen]) -> _Groups:
    groups: _Groups = {}
    for one in documents:
        if meets(rule.where, one):
            for group in groups_of(rule.by, one):
                groups.setdefault(group, []).append(one)
    return groups


def _matches(rule: Rule, _: Match, documents: Sequence[Seen], span: tuple[int, int]) -> _Groups:
    return {(one.id,): [one] for one in _between(documents, *span) if selects(rule, one)}


def _counts(rule: Rule, wanted: Count, documents: Sequence[Seen], span: tuple[int, int]) -> _Groups:
    groups = _grouped(rule, _between(documents, *span))
    return {group: matched for group, matched in groups.items() if _size(wanted, matched) >= wanted.at_least}


def _size(wanted: Count, matched: Sequence[Seen]) -> int:
    if not wanted.distinct:
        return len(matched)
    return len({text_of(value) for one in matched for value in one.fields.get(wanted.distinct, ())})


def _new(rule: Rule, wanted: New, documents: Sequence[Seen], span: tuple[int, int]) -> _Groups:
    t0_ms, t1_ms = span
    known = _grouped(rule, _between(documents, t0_ms - parse_span(wanted.not_seen_for), t0_ms))
    groups = _grouped(rule, _between(documents, t0_ms, t1_ms))
    return {group: matched[:1] for group, matched in groups.items() if group not in known}


def _unanswered(rule: Rule, wanted: Unanswered, documents: Sequence[Seen], span: tuple[int, int]) -> _Groups:
    t1_ms = span[1]
    looked_at = _between(documents, t1_ms - parse_span(wanted.look_back), t1_ms)
    answers = [one for one in looked_at if meets(wanted.answer, one)]
    answered_ms = {group: one.time_ms for one in answers for group in groups_of(rule.by, one)}
    due_ms = t1_ms - parse_span(wanted.within)
    return {
        group: [
            one for one in matched if one.time_ms < due_ms and one.time_ms > answered_ms.get(group, one.time_ms - 1)
        ]
        for group, matched in _grouped(rule, looked_at).items()
    }


def _silence(rule: Rule, wanted: Silence, documents: Sequence[Seen], span: tuple[int, int]) -> _Groups:
    t1_ms = span[1]
    groups = _grouped(rule, _between(documents, t1_ms - parse_span(wanted.look_back), t1_ms))
    due_ms = t1_ms - parse_span(wanted.longer_than)
    return {group: matched[-1:] for group, matched in groups.items() if matched[-1].time_ms < due_ms}


_FINDERS: dict[type, Callable[[Rule, Any, Sequence[Seen], tuple[int, int]], _Groups]] = {
    Match: _matches,
    Count: _counts,
    New: _new,
    Unanswered: _unanswered,
    Silence: _silence,
}
