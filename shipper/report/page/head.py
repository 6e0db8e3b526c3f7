"""The top of the page: the verdict, the period, and the five figures."""

from shipper.report.findings import Findings
from shipper.report.page.html import Markup, element
from shipper.report.words import Words


def year_of(findings: Findings) -> int:
    """Return the year in which the report was made, which need not be said again."""
    return findings.made_at.year


def header(findings: Findings, words: Words) -> Markup:
    """Return the verdict with the period below it."""
    return element(
        "header",
        element("p", words["product"], class_="eyebrow"),
        element("h1", verdict(findings, words)),
        element("p", period(findings, words), class_="lead"),
        class_=f"state-{mood(findings)}",
    )


def mood(findings: Findings) -> str:
    """Return what the page is coloured by: failing, stopped, quiet, healthy or unknown."""
    if not findings.connectors:
        return "unknown"
    return findings.connectors[0].state


def verdict(findings: Findings, words: Words) -> str:
    """Return how the connectors are, in one short sentence."""
    total = len(findings.connectors)
    if not findings.scope.events:
        return words["verdict_empty"]
    for state in ("failing", "stopped", "quiet"):
        if some := findings.in_state(state):
            if total == 1:
                return words[f"verdict_only_{state}"]
            return words.count(f"verdict_{state}", len(some), total=words.number(total))
    if not total:
        return words["verdict_none"]
    when, failures = words["now" if findings.is_live else "at_the_end"], findings.scope.failures
    healthy = words.count("verdict_healthy", total, when=when)
    return words.count("verdict_recovered", failures, healthy=healthy) if failures else healthy


def period(findings: Findings, words: Words) -> str:
    """Return which time the report is about."""
    scope = findings.scope
    if not scope.events:
        return words["nothing_read"]
    told = {
        "first": words.time(scope.drawn_from_ms, year_of(findings)),
        "last": words.time(scope.last_ms, year_of(findings)),
    }
    older = " " + words.count("older", scope.before, first=words.day(scope.first_ms)) if scope.before else ""
    return words.say("period", **told) + older


def tiles(findings: Findings, words: Words) -> Markup:
    """Return the five figures that people look for first."""
    scope, alerts = findings.scope, findings.alerts
    healthy = len(findings.in_state("healthy"))
    grave = sum(raised.alerts for raised in alerts.by_rule if raised.rule.severity in ("high", "critical"))
    return element(
        "div",
        _tile(words["tile_connectors"], f"{healthy}/{len(findings.connectors)}", words["tile_connectors_note"]),
        _tile(words["tile_requests"], words.number(scope.requests), words.count("tile_events", scope.events)),
        _tile(
            words["tile_failed"],
            words.share(scope.failures, scope.requests),
            words.count("tile_failures", scope.failures),
            "bad" if scope.failures else "",
        ),
        _tile(
            words["tile_devices"],
            words.number(findings.devices.total),
            words.count("tile_users", findings.users.total),
        ),
        _tile(
            words["tile_alerts"], words.number(alerts.total), words.count("tile_grave", grave), "bad" if grave else ""
        ),
        class_="tiles",
    )


def _tile(label: str, figure: str, note: str, kind: str = "") -> Markup:
    return element(
        "div",
        element("p", label, class_="label"),
        element("p", figure, class_=f"large {kind}".strip()),
        element("p", note, class_="faint"),
        class_="tile",
    )
