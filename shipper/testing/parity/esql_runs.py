"""Runs of ES|QL rules: the query of the rule itself, and the documents behind each row.

``NOW()`` is written out, since the now of a test is in the past; only the data streams of one namespace are read.
"""

import re
from collections.abc import Mapping

from shipper.assets import Body
from shipper.rules.instants import to_ms, to_text
from shipper.rules.model import INDEX_PATTERNS, Match, Rule, Silence, Unanswered
from shipper.testing.parity.oracle import Found
from shipper.testing.parity.searches import Group, Searches, as_text

_STATS = re.compile(r"\s*\|\s*STATS\s", re.IGNORECASE)
_NOW = re.compile(r"\bNOW\(\)", re.IGNORECASE)
#: The name of the index stands right behind FROM.
_FROM = re.compile(r"^\s*FROM\s+(\S+)", re.IGNORECASE)


def run(searches: Searches, rule: Rule, query: str, now_ms: int, span: Body) -> Found:
    """Return the groups that a query finds, each with the ids of its documents.

    Args:
        searches: where to ask.
        rule: which columns make the group, and which documents of it are meant.
        query: as the compiled rule has it.
        now_ms: what ``NOW()`` is.
        span: the filter that Kibana sends along.
    """
    pinned = _pinned(searches, query, now_ms)
    found = {_group(row, rule.by): row for row in searches.rows(pinned, span)}
    if not found:
        return {}
    answer = _Answer(pinned, span, found)
    match rule.looks_for:
        case Match():
            return _singles(searches, answer)
        case Unanswered():
            return _openings(searches, rule, answer)
        case Silence():
            return _last_signs(searches, rule, answer)
        case _:
            return _sorted_out(rule, answer, answer.documents(searches))


class _Answer:
    """What a query found: the rows by group, and how it was asked."""

    def __init__(self, pinned: str, span: Body, found: Mapping[Group, Body]) -> None:
        self.pinned, self.span, self.found = pinned, span, found

    def documents(self, searches: Searches) -> list[Body]:
        """Return the documents that the query aggregates, each with its id, by time."""
        before = _STATS.split(self.pinned)[0]
        index = _FROM.findall(before)[0]
        return searches.rows(f"{before.replace(index, f'{index} METADATA _id', 1)} | SORT @timestamp", self.span)


def _singles(searches: Searches, answer: _Answer) -> Found:
    """Return the documents one by one; the rows have no ids, and no two documents of the corpus have the same time."""
    times = {row["@timestamp"] for row in searches.rows(answer.pinned, answer.span)}
    return {(row["_id"],): (row["_id"],) for row in answer.documents(searches) if row["@timestamp"] in times}


def _openings(searches: Searches, rule: Rule, answer: _Answer) -> Found:
    """Return the openings that were due and came after the last answer."""
    openings = []
    for row in answer.documents(searches):
        found = answer.found.get(_group(row, rule.by))
        if found is not None and row["opened"] is not None:
            answered = found["last_answer"]
            openings += [row] if answered is None or to_ms(row["opened"]) > to_ms(answered) else []
    return _sorted_out(rule, answer, openings)


def _last_signs(searches: Searches, rule: Rule, answer: _Answer) -> Found:
    """Return the document that each group was last seen by; no two of the corpus have the same time."""
    wanted = {(to_text(to_ms(row["last_seen"])), *group): group for group, row in answer.found.items()}
    at_these_times: Body = {"terms": {"@timestamp": sorted({key[0] for key in wanted})}}
    hits = searches.hits([INDEX_PATTERNS[rule.reads]], at_these_times, ("@timestamp", *rule.by))
    keyed = ((hit, key) for hit in hits for key in hit.groups(("@timestamp", *rule.by)))
    return {wanted[key]: (hit.id,) for hit, key in keyed if key in wanted}


def _sorted_out(rule: Rule, answer: _Answer, rows: list[Body]) -> Found:
    ids: dict[Group, list[str]] = {group: [] for group in answer.found}
    for row in rows:
        group = _group(row, rule.by)
        if group in ids:
            ids[group].append(row["_id"])
    return {group: tuple(several) for group, several in ids.items()}


def _group(row: Body, by: tuple[str, ...]) -> Group:
    return tuple(as_text(row[field]) for field in by)


def _pinned(searches: Searches, query: str, now_ms: int) -> str:
    index = searches.index(_FROM.findall(query))
    return _NOW.sub(f'TO_DATETIME("{to_text(now_ms)}")', _FROM.sub(lambda _: f"FROM {index}", query, count=1))
