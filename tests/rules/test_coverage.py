"""The rules leave no failure of the catalog unwatched: proved on the documents that the shipper makes of them."""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Literal

import pytest

from shipper.catalog import ADMIN_CHANNEL, LEGACY_CHANNEL, CodeEntry, ErrorEntry, EventEntry, format_code, load
from shipper.catalog.words import find
from shipper.ecs import EcsSettings, build_documents, build_notices
from shipper.model import Cursor, Event, Notice, Position
from shipper.rules.conditions import selects, values_of
from shipper.rules.model import Rule, Scalar, Seen, Unanswered
from shipper.rules.seeing import Viewer
from tests.rules.case import rules

HOST = "pki01.contoso.example"
AT_S = 1_795_512_600
EVENTS = [entry for schema in ("legacy", "unified") for entry in load().events(schema).values()]
#: 10301 says only that something was unusual; nobody would want to miss it.
FAILURES = [entry for entry in EVENTS if entry.outcome != "success"]
CODES = [entry for entry in load().codes.values() if entry.value]
#: That Intune accepted a request is a reason, too, and no failure.
ERRORS = [entry for entry in load().errors if entry.key != "scep-success"]
UNKNOWN_CODE = 0x0000_0406
REASON, NAME, CODE, ID = "event.reason", "intune_connector.error.name", "intune_connector.diagnostic.code", "event.code"


def event(entry: EventEntry, *data: tuple[str, str]) -> Event:
    return Event(
        position=Position("synthetic.evtx", entry.id),
        provider="synthetic",
        event_id=entry.id,
        channel=entry.channel,
        computer=HOST,
        record_id=entry.id,
        time="2026-11-24T09:29:00Z",
        time_s=AT_S - 60,
        data=data,
    )


def seen_of(events: Iterable[Event]) -> Iterator[Seen]:
    viewer = Viewer(rules().values())
    for document in build_documents(list(events), load(), EcsSettings(), AT_S):
        seen = viewer.view(document.body)
        assert seen is not None
        yield seen


def told(entry: EventEntry, extra: CodeEntry | ErrorEntry | int | None = None) -> Seen:
    """Return the document of an event that carries a code, known or not, or an error; all are made at once."""
    return _all_told()[entry.id, _key(extra)]


@cache
def _all_told() -> dict[tuple[int, str], Seen]:
    extras = [None, 0, UNKNOWN_CODE, *CODES, *ERRORS]
    keys = [(entry, extra) for entry in FAILURES for extra in extras]
    seen = seen_of(event(entry, *_data(extra)) for entry, extra in keys)
    return {(entry.id, _key(extra)): one for (entry, extra), one in zip(keys, seen, strict=True)}


def _key(extra: CodeEntry | ErrorEntry | int | None) -> str:
    return extra.key if isinstance(extra, ErrorEntry) else extra.code if isinstance(extra, CodeEntry) else str(extra)


def _data(extra: CodeEntry | ErrorEntry | int | None) -> list[tuple[str, str]]:
    if isinstance(extra, ErrorEntry):
        words = extra.matches[0] if extra.matches else extra.name
        return [("ErrorMessage", words if extra.hresult is None else f"It failed: {format_code(extra.hresult)}")]
    if extra is None:
        return []
    return [("DiagnosticCode", extra.code if isinstance(extra, CodeEntry) else format_code(extra))]


def watching(seen: Seen) -> list[Rule]:
    return [rule for rule in rules().values() if selects(rule, seen)]


def names(rule: Rule, field: str, value: Scalar) -> bool:
    return value in values_of(rule.where.equals.get(field, ()))


def advises_on(rule: Rule, entry: CodeEntry | ErrorEntry) -> bool:
    return any(found.entry == entry for word in rule.advice_from for found in find(load(), word))


@pytest.mark.parametrize("entry", FAILURES, ids=lambda entry: str(entry.id))
def test_every_failure_event_is_watched_by_a_rule_that_names_it(entry: EventEntry) -> None:
    assert any(names(rule, ID, str(entry.id)) for rule in watching(told(entry)))


@pytest.mark.parametrize("entry", FAILURES, ids=lambda entry: str(entry.id))
def test_it_is_watched_whatever_code_it_carries(entry: EventEntry) -> None:
    codes: list[CodeEntry | int] = [*CODES, 0, UNKNOWN_CODE]
    for code in codes:
        assert any(names(rule, ID, str(entry.id)) for rule in watching(told(entry, code)))


@pytest.mark.parametrize("code", CODES, ids=lambda code: code.code)
def test_every_diagnostic_code_is_watched_by_a_rule_that_names_or_explains_it(code: CodeEntry) -> None:
    carriers = [entry for entry in FAILURES if code.value in entry.codes]
    assert carriers
    assert any(
        names(rule, CODE, code.code) or names(rule, REASON, code.name) or advises_on(rule, code)
        for entry in carriers
        for rule in watching(told(entry, code))
    )


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.key)
def test_every_error_of_todays_connectors_is_watched_by_a_rule_that_names_it(error: ErrorEntry) -> None:
    assert any(
        names(rule, REASON, error.name) or names(rule, NAME, error.name)
        for entry in FAILURES
        if entry.schema == "unified" or error.key == "issuing-pfx-failed"
        for rule in watching(told(entry, error))
    )


@pytest.mark.parametrize("entry", FAILURES, ids=lambda entry: str(entry.id))
def test_some_rule_that_watches_a_failure_advises_on_it(entry: EventEntry) -> None:
    advised = {
        found.entry.text["en"].resolution
        for rule in watching(told(entry))
        for word in rule.advice_from
        for found in find(load(), word)
    }
    assert entry.text["en"].resolution in advised


def test_an_event_that_nobody_knows_is_watched() -> None:
    assert "unknown-to-the-catalog" in {rule.id for rule in watching(_unknown(ADMIN_CHANNEL, 4999))}
    assert "unknown-to-the-catalog" in {rule.id for rule in watching(_unknown(LEGACY_CHANNEL, 20999))}


def _unknown(channel: str, event_id: int) -> Seen:
    known = event(EVENTS[0])
    (seen,) = seen_of([type(known)(known.position, "p", event_id, channel, HOST, 1, known.time, known.time_s, ())])
    return seen


def test_a_code_that_nobody_knows_is_watched() -> None:
    for entry in FAILURES:
        assert "unknown-to-the-catalog" in {rule.id for rule in watching(told(entry, UNKNOWN_CODE))}


@pytest.mark.parametrize(
    ("channel", "provider", "event_id", "rule_id"),
    [
        ("System", "Service Control Manager", 7031, "service-crashed"),
        ("System", "Service Control Manager", 7034, "service-crashed"),
        ("System", "Microsoft-Windows-Eventlog", 104, "windows-log-cleared"),
        ("Security", "Microsoft-Windows-Eventlog", 1102, "windows-log-cleared"),
    ],
)
def test_a_neighbour_that_tells_of_trouble_is_watched(channel: str, provider: str, event_id: int, rule_id: str) -> None:
    known = event(EVENTS[0])
    foreign = type(known)(known.position, provider, event_id, channel, HOST, 1, known.time, known.time_s, ())
    assert [rule.id for seen in seen_of([foreign]) for rule in watching(seen)] == [rule_id]


@pytest.mark.parametrize("action", ["log-cleared", "records-missed"])
def test_what_happens_to_a_log_itself_is_watched(action: Literal["log-cleared", "records-missed"]) -> None:
    position = Position("C:/Logs/Operational.evtx", 3)
    notice = Notice(position, action, -1, -1, 0, "2026-11-24T09:29:00Z", AT_S - 60, Cursor(position.source, 4711))
    (document,) = build_notices([notice], "", EcsSettings(), AT_S)
    seen = Viewer(rules().values()).view(document.body)
    assert seen is not None
    assert [rule.id for rule in watching(seen)] == [action]


@pytest.mark.parametrize("rule", rules().values(), ids=lambda rule: rule.id)
def test_a_rule_names_nothing_that_the_catalog_does_not_know(rule: Rule) -> None:
    reasons = {entry.name for entry in load().codes.values()} | {entry.name for entry in load().errors}
    ids = {str(entry.id) for entry in EVENTS} | {str(one) for other in load().neighbours for one in other.ids}
    conditions = [rule.where, *([rule.looks_for.answer] if isinstance(rule.looks_for, Unanswered) else [])]
    for condition in conditions:
        assert reasons >= {*values_of(condition.equals.get(REASON, ())), *values_of(condition.equals.get(NAME, ()))}
        assert ids >= set(values_of(condition.equals.get(ID, ())))
        assert {one.code for one in load().codes.values()} >= set(values_of(condition.equals.get(CODE, ())))
