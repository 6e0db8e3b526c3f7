"""Sections about the alerts, and how far the data can be trusted."""

from datetime import UTC
from pathlib import PurePath

from shipper import __version__, catalog
from shipper.report.alerts import Raised
from shipper.report.findings import Findings
from shipper.report.page.head import year_of
from shipper.report.page.html import Child, Markup, element, named, shown
from shipper.report.page.parts import badge, code, empty, fold, host, moment, section, steps, table
from shipper.report.questions.quality import Log
from shipper.report.words import NOTHING, Words
from shipper.rules.alert import Alert
from shipper.rules.model import Match

_FILES_SHOWN = 40


def alerts(findings: Findings, words: Words) -> Markup:
    """Return what the rules raised: by rule with what to do, then one by one in the order of time."""
    raised = findings.alerts
    if not raised.rules:
        return section("alerts", words, empty(words["sum_no_rules"]))
    if not raised.total:
        return section("alerts", words, empty(words.count("sum_no_alerts", raised.rules)))
    hidden = raised.total - len(raised.listed)
    heads = (
        (words["when"], False),
        (words["severity"], False),
        (words["rule"], False),
        (words["group"], False),
        (words["count"], True),
    )
    rows = [_alert(alert, findings, words) for alert in raised.listed]
    return section(
        "alerts",
        words,
        table(words["alerts_title"], _rule_heads(words), [_rule(one, findings, words) for one in raised.by_rule]),
        element("h3", words["alerts_in_time"]),
        table(words["alerts_in_time"], heads, rows),
        element("p", words.count("more_alerts", hidden), class_="more") if hidden else None,
    )


def _rule_heads(words: Words) -> tuple[tuple[str, bool], ...]:
    return (words["severity"], False), (words["rule"], False), (words["alerts_head"], True), (words["when"], False)


def _rule(raised: Raised, findings: Findings, words: Words) -> tuple[Child, ...]:
    rule, year = raised.rule, year_of(findings)
    text = rule.text[words.lang]
    return (
        badge(words[f"severity_{rule.severity}"], rule.severity),
        (
            element("h3", text.name),
            element("p", text.why, " ", element("span", words[f"nature_{rule.nature}"], class_="faint")),
            fold(words["first_steps"], steps(text.first_steps)),
        ),
        words.number(raised.alerts),
        words.between(raised.first_ms, raised.last_ms, year),
    )


def _alert(alert: Alert, findings: Findings, words: Words) -> tuple[Child, ...]:
    rule = alert.rule
    return (
        moment(words.time(alert.at_ms, year_of(findings))),
        badge(words[f"severity_{rule.severity}"], rule.severity),
        rule.text[words.lang].name,
        _group(alert),
        words.number(alert.finding.count),
    )


def _group(alert: Alert) -> Child:
    """Return what the alert is about: the values of its group, else what all its documents share."""
    if not isinstance(alert.rule.looks_for, Match) and alert.rule.by:
        values = list(alert.finding.group)
    else:
        values = [alert.shown[name] for name in ("host.name", "error.code", "device.id") if name in alert.shown]
    return [element("div", named(value, 80), class_="group") for value in values] or NOTHING


def trust(findings: Findings, words: Words) -> Markup:
    """Return how far the data can be trusted, and what was read."""
    quality, reading = findings.quality, findings.reading
    facts = (
        ("quality_unreadable", reading.unreadable),
        ("quality_uncounted", reading.uncounted),
        ("quality_missed", quality.missed),
        ("quality_missed_uncounted", quality.missed_uncounted),
        ("quality_unknown_events", quality.unknown_events),
        ("quality_unknown_codes", quality.unknown_codes),
        ("quality_lacking", quality.lacking),
        ("quality_weak", quality.weak_ids),
        ("quality_replaced", quality.replaced),
        ("quality_doubles", reading.doubles),
        ("quality_later", reading.later),
        ("quality_outside", reading.outside),
        ("quality_filtered", reading.filtered + reading.skipped),
        ("quality_foreign", reading.foreign),
    )
    rows = [
        (words.number(number), words[key], element("span", words[f"{key}_note"], class_="faint"))
        for key, number in facts
        if number
    ]
    clean = ", ".join(words[key] for key, number in facts if not number)
    heads = ((words["count"], True), (words["what"], False), (words["meaning"], False))
    return section(
        "quality",
        words,
        table(words["quality_title"], heads, rows) if rows else None,
        element("p", words.say("quality_clean", names=clean), class_="more"),
        _unknown(findings, words),
        _problems(findings, words),
        _logs(findings, words),
        _files(findings, words),
    )


def _unknown(findings: Findings, words: Words) -> Child:
    quality = findings.quality
    ids = [f"{shown(number or NOTHING, 20)} ({words.number(count)})" for _, number, count in quality.ids]
    codes = [f"{shown(number, 20)} ({words.number(count)})" for number, count in quality.codes]
    return [
        element("p", words.say("unknown_ids", ids=", ".join(ids))) if ids else None,
        element("p", words.say("unknown_codes", codes=", ".join(codes))) if codes else None,
    ]


def _problems(findings: Findings, words: Words) -> Child:
    problems = findings.reading.problems
    if not problems:
        return None
    lines = [element("li", code(str(problem.position)), " ", shown(problem.reason, 300)) for problem in problems]
    return [element("h3", words["problems"]), element("ul", *lines)]


def _logs(findings: Findings, words: Words) -> Child:
    heads = (
        (words["connector"], False),
        (words["channel"], False),
        (words["events_head"], True),
        (words["first_event"], False),
        (words["last_event"], False),
        (words["lacking"], True),
    )
    rows = [_log(log, findings, words) for log in findings.quality.logs]
    return [element("h3", words["logs"]), table(words["logs"], heads, rows)] if rows else None


def _log(log: Log, findings: Findings, words: Words) -> tuple[Child, ...]:
    year = year_of(findings)
    return (
        host(log.host or NOTHING),
        named(log.channel, 80),
        words.number(log.events),
        moment(words.time(log.first_ms, year)),
        moment(words.time(log.last_ms, year)),
        words.number(log.lacking),
    )


def _files(findings: Findings, words: Words) -> Child:
    names = findings.reading.names
    shown_names = [
        element("li", named(name if "://" in name else PurePath(name).name or name, 160))
        for name in names[:_FILES_SHOWN]
    ]
    more = element("li", words.count("others_files", len(names) - _FILES_SHOWN)) if len(names) > _FILES_SHOWN else None
    return [element("h3", words["read"]), element("ul", *shown_names, more)]


def footer(findings: Findings, words: Words) -> Markup:
    """Return by what and when the page was made, and how it counts."""
    made = words.time(int(findings.made_at.astimezone(UTC).timestamp() * 1000))
    return element(
        "footer",
        element("p", words["method"]),
        element("p", words.say("made", version=__version__, catalog=catalog.VERSION, at=made)),
    )
