"""How things are, in a few sentences, and what to do first."""

from collections.abc import Iterator

from shipper.report.explained import explained, of
from shipper.report.findings import Findings
from shipper.report.page.head import year_of
from shipper.report.page.html import Markup, element, shown
from shipper.report.page.parts import code, steps
from shipper.report.questions.connectors import Connector
from shipper.report.words import Words


def summary(findings: Findings, words: Words) -> Markup:
    """Return how things are, in a few sentences, and what to do first."""
    return element(
        "section",
        element("h2", words["summary_title"]),
        *(element("p", sentence) for sentence in sentences(findings, words)),
        _first(findings, words),
        id="summary",
        aria_label=words["summary_title"],
        class_="summary",
    )


def sentences(findings: Findings, words: Words) -> Iterator[str]:
    """Yield what there is to say, the most important first."""
    if not findings.scope.events:
        yield words["summary_empty"]
        return
    yield " ".join(_of_connectors(findings, words))
    yield " ".join(_of_requests(findings, words))
    yield _of_alerts(findings, words)
    if doubts := _of_quality(findings, words):
        yield " ".join(doubts)


def _of_connectors(findings: Findings, words: Words) -> Iterator[str]:
    yield words.count("sum_connectors", len(findings.connectors), events=words.count("events", findings.scope.events))
    for state in ("failing", "stopped", "quiet", "healthy"):
        some = findings.in_state(state)
        if some:
            names = words.listed([_label(connector) for connector in some])
            yield words.count(f"sum_{state}", len(some), names=names)


def _label(connector: Connector) -> str:
    return shown(connector.host.partition(".")[0], 40)


def _of_requests(findings: Findings, words: Words) -> Iterator[str]:
    scope, worst = findings.scope, findings.causes.shown[:1]
    if not scope.requests:
        yield words["sum_no_requests"]
        if any("unified" in connector.generations for connector in findings.connectors):
            yield words["sum_only_operational"]
        return
    if not scope.failures:
        yield words.count("sum_no_failures", scope.requests)
        return
    share = words.share(scope.failures, scope.requests)
    yield words.count("sum_failures", scope.failures, requests=words.count("requests", scope.requests), share=share)
    for cause in worst:
        told = of(cause, words.lang)
        name = f"{cause.cause} {told.name}".strip()
        share = words.share(cause.failures, scope.failures)
        yield words.count("sum_worst", cause.failures, cause=shown(name, 90), share=share)
        if told.text.description:
            yield told.text.description
        last = words.time(cause.last_ms, year_of(findings))
        yield words.say("sum_worst_last", last=last)


def _of_alerts(findings: Findings, words: Words) -> str:
    alerts = findings.alerts
    if not alerts.rules:
        return words["sum_no_rules"]
    if not alerts.total:
        return words.count("sum_no_alerts", alerts.rules)
    gravest = alerts.by_rule[0].rule
    return words.count(
        "sum_alerts",
        alerts.total,
        rules=words.count("rules", len(alerts.by_rule)),
        gravest=gravest.text[words.lang].name,
        severity=words[f"severity_{gravest.severity}"],
    )


def _of_quality(findings: Findings, words: Words) -> list[str]:
    quality, reading = findings.quality, findings.reading
    counts = (
        ("sum_unreadable", reading.unreadable + reading.uncounted),
        ("sum_missed", quality.missed or quality.missed_uncounted),
        ("sum_unknown", quality.unknown),
        ("sum_later", reading.later),
    )
    return [words.count(key, number) for key, number in counts if number]


def _first(findings: Findings, words: Words) -> Markup | None:
    """Return what to do first: against the most frequent cause of the connectors that fail now, else of all."""
    failing = findings.in_state("failing")
    wanted = failing[0].worst_cause if failing else None
    shown_causes = findings.causes.shown
    cause = next((one for one in shown_causes if one.cause == wanted), None)
    if cause is None and wanted is None and shown_causes:
        cause = shown_causes[0]
    told = of(cause, words.lang) if cause is not None else explained(wanted or "", words.lang)
    if not told.text.resolution:
        return None
    return element(
        "div",
        element(
            "p",
            element("strong", words["do_first" if failing else "do_anyway"]),
            " ",
            code(told.cause),
            f" {shown(told.name)}",
        ),
        steps(told.text.resolution),
        class_="callout",
    )
