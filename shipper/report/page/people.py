"""Sections about connectors, causes, and whom failures hit."""

from shipper.report.explained import of
from shipper.report.findings import Findings
from shipper.report.page.head import year_of
from shipper.report.page.html import Child, Markup, element, named, shown
from shipper.report.page.parts import badge, bar, code, empty, fold, host, moment, section, steps, table
from shipper.report.questions.affected import Affected, Hit
from shipper.report.questions.causes import Cause
from shipper.report.questions.connectors import Connector
from shipper.report.questions.scope import HOUR_MS
from shipper.report.words import NOTHING, Words


def connectors(findings: Findings, words: Words) -> Markup:
    """Return each connector with its state and its figures."""
    if not findings.connectors:
        return section("connectors", words, empty(words["no_connectors"]))
    heads = (
        (words["connector"], False),
        (words["state"], False),
        (words["last_event"], False),
        (words["requests_head"], True),
        (words["failed_head"], False),
        (words["last_day"], True),
        (words["worst_cause"], False),
    )
    rows = [_connector(connector, findings, words) for connector in findings.connectors]
    return section("connectors", words, table(words["connectors_title"], heads, rows))


def _connector(connector: Connector, findings: Findings, words: Words) -> tuple[Child, ...]:
    year = year_of(findings)
    generations = " + ".join(words[f"generation_{one}"] for one in connector.generations)
    silent_ms = findings.scope.end_ms - connector.last_ms
    return (
        (host(connector.host), _faint(generations)),
        (
            badge(words[f"state_{connector.state}"], connector.state),
            _faint(words.count("failed_steps", connector.failed_steps)) if connector.failed_steps else None,
        ),
        (moment(words.time(connector.last_ms, year)), _silent(silent_ms, words)),
        words.number(connector.requests),
        bar(
            connector.failures,
            connector.requests,
            "failure",
            f"{words.number(connector.failures)} · {words.share(connector.failures, connector.requests)}",
        ),
        words.say("of", part=words.number(connector.recent_failures), whole=words.number(connector.recent_requests)),
        (code(connector.worst_cause), _faint(words.count("times", connector.worst_failures)))
        if connector.worst_cause
        else NOTHING,
    )


def _silent(silent_ms: int, words: Words) -> Markup | None:
    return _faint(words.say("ago", span=words.span(silent_ms))) if silent_ms >= HOUR_MS else None


def _faint(text: str) -> Markup:
    return element("span", text, class_="faint block")


def failures(findings: Findings, words: Words) -> Markup:
    """Return every cause with what it means and what to do, the most frequent first."""
    causes = findings.causes
    if not causes.shown:
        return section("failures", words, empty(words["no_failures"]))
    cards = [_card(cause, findings, words) for cause in causes.shown]
    more = words.count("more_causes", causes.more, failures=words.count("failures", causes.more_failures))
    return section("failures", words, *cards, element("p", more, class_="more") if causes.more else None)


def _card(cause: Cause, findings: Findings, words: Words) -> Markup:
    told, total = of(cause, words.lang), findings.scope.failures
    return element(
        "article",
        element(
            "div",
            element("h3", code(cause.cause), f" {shown(told.name)}" if told.name else None),
            bar(
                cause.failures,
                total,
                "failure",
                f"{words.number(cause.failures)} · {words.share(cause.failures, total)}",
            ),
            class_="cause-head",
        ),
        element(
            "div",
            element(
                "div",
                element("p", told.text.description or words["unknown_cause"]),
                _todo(told.text.resolution, words),
                fold(words["likely_causes"], steps(told.text.causes)) if told.text.causes else None,
            ),
            element("aside", _where(cause, findings, words), _source(told.reference, told.confidence, words)),
            class_="beside",
        ),
        class_="card",
    )


def _todo(resolution: tuple[str, ...], words: Words) -> Child:
    return [element("p", element("strong", words["what_to_do"])), steps(resolution)] if resolution else None


def _where(cause: Cause, findings: Findings, words: Words) -> Child:
    year = year_of(findings)
    hosts = [f"{shown(name.partition('.')[0], 40)} ({words.number(count)})" for name, count in cause.hosts]
    facts = [
        words.say("facts_hosts", hosts=words.listed(hosts)),
        words.say("facts_actions", actions=words.listed([shown(name, 40) for name, _ in cause.actions])),
        words.count("devices", cause.devices),
        words.between(cause.first_ms, cause.last_ms, year),
    ]
    return [element("p", fact) for fact in facts]


def _source(reference: str, confidence: str, words: Words) -> Markup | None:
    if not reference.startswith("https://"):
        return None
    link = element("a", words["source"], href=reference, rel="noopener noreferrer")
    return element("p", link, f" ({words[f'confidence_{confidence}']})", class_="source")


def affected(findings: Findings, words: Words) -> Markup:
    """Return whom failures hit hardest."""
    kinds = (findings.devices, findings.users, findings.templates, findings.authorities)
    tables = [_affected(kind, findings, words) for kind in kinds if kind.total]
    return section("affected", words, *(tables or [empty(words["no_affected"])]))


def _affected(kind: Affected, findings: Findings, words: Words) -> Markup:
    heads = (
        (words[f"{kind.kind}_head"], False),
        (words["failed_head"], False),
        (words["last_failure"], False),
        (words["since_then"], False),
        (words["mostly"], False),
    )
    rows = [_hit(hit, findings, words) for hit in kind.shown]
    more = words.count(f"more_{kind.kind}", kind.more) if kind.more else ""
    return element(
        "div",
        element("h3", words.count(f"hit_{kind.kind}", kind.total)),
        table(words.count(f"hit_{kind.kind}", kind.total), heads, rows),
        element("p", more, class_="more") if more else None,
    )


def _others(hit: Hit, words: Words) -> Markup | None:
    return (
        element("span", f" +{hit.causes - 1}", class_="faint", title=words.count("more_causes_short", hit.causes - 1))
        if hit.causes > 1
        else None
    )


def _hit(hit: Hit, findings: Findings, words: Words) -> tuple[Child, ...]:
    label = words.say("of", part=words.number(hit.failures), whole=words.number(hit.requests))
    return (
        named(hit.name, 80, class_="name"),
        bar(hit.failures, hit.requests, "failure", label),
        moment(words.time(hit.last_failure_ms, year_of(findings))),
        badge(words["recovered"], "healthy") if hit.has_recovered else badge(words["not_recovered"], "open"),
        (code(hit.cause or NOTHING), _others(hit, words)),
    )
