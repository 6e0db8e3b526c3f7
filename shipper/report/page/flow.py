"""Sections about when things happened and how far requests got."""

from itertools import groupby

from shipper.report.charts.heat import draw_heat
from shipper.report.charts.timeline import draw_timeline
from shipper.report.explained import explained
from shipper.report.findings import Findings
from shipper.report.page.head import year_of
from shipper.report.page.html import Child, Markup, element, shown
from shipper.report.page.parts import bar, empty, fold, section, table
from shipper.report.questions.stages import Stage
from shipper.report.questions.timeline import Heat
from shipper.report.words import Words

_MOST_ROWS = 400


def timeline(findings: Findings, words: Words) -> Markup:
    """Return the requests over time, by outcome."""
    if not findings.timeline:
        return section("timeline", words, empty(words["no_requests"]))
    legend = element(
        "p",
        *(
            element("span", element("span", class_=f"swatch {outcome}"), words[f"outcome_{outcome}"])
            for outcome in dict.fromkeys(("failure", "success", *(one.outcome for one in findings.timeline)))
        ),
        class_="legend",
    )
    title = words.say("timeline_label", width=_width(findings, words))
    chart = _figure(title, Markup(draw_timeline(findings, words)))
    return section("timeline", words, legend, chart, _figures(findings, words))


def _width(findings: Findings, words: Words) -> str:
    return words.span(findings.scope.width_ms)


def _figure(title: str, svg: Markup) -> Markup:
    return element(
        "figure", element("div", svg, class_="chart", role="img", aria_label=title), element("figcaption", title)
    )


def _figures(findings: Findings, words: Words) -> Markup:
    rows = [
        (
            words.time(at_ms, year_of(findings)),
            *(words.number(counts.get(key, 0)) for key in ("success", "failure", "unknown")),
        )
        for at_ms, counts in _by_time(findings)
    ]
    heads = (
        (words["when"], False),
        (words["outcome_success"], True),
        (words["outcome_failure"], True),
        (words["outcome_unknown"], True),
    )
    more = words.count("more_rows", len(rows) - _MOST_ROWS) if len(rows) > _MOST_ROWS else None
    return fold(words["figures"], table(words["timeline_title"], heads, rows[:_MOST_ROWS]), more, prints=False)


def _by_time(findings: Findings) -> list[tuple[int, dict[str, int]]]:
    grouped = groupby(findings.timeline, key=lambda column: column.at_ms)
    return [(at_ms, {column.outcome: column.requests for column in columns}) for at_ms, columns in grouped]


def heat(findings: Findings, words: Words) -> Markup:
    """Return where and why requests failed over time."""
    if not findings.by_host.cells:
        return section("heat", words, empty(words["no_failures"]))
    hosts = {name: shown(name.partition(".")[0], 22) for name in findings.by_host.rows}
    causes = {name: _cause_label(name, words) for name in findings.by_cause.rows}
    return section(
        "heat",
        words,
        element("h3", words["heat_hosts"]),
        _heat(findings, findings.by_host, hosts, words, "heat_hosts"),
        element("h3", words["heat_causes"]),
        _heat(findings, findings.by_cause, causes, words, "heat_causes"),
    )


def _cause_label(cause: str, words: Words) -> str:
    return shown(explained(cause, words.lang).name or cause, 30)


def _heat(findings: Findings, heat: Heat, labels: dict[str, str], words: Words, key: str) -> Child:
    most = max((cell.failures for cell in heat.cells), default=0)
    title = words.say(f"{key}_label", width=_width(findings, words), most=words.number(most))
    more = element("p", words.count("more_rows", heat.more), class_="more") if heat.more else None
    heads = ((words["when"], False), (words[f"{key}_head"], False), (words["failed_head"], True))
    ordered = sorted(heat.cells, key=lambda cell: (cell.at_ms, cell.row))
    rows = [
        (words.time(cell.at_ms, year_of(findings)), shown(cell.row, 80), words.number(cell.failures))
        for cell in ordered[:_MOST_ROWS]
    ]
    cut = words.count("more_rows", len(ordered) - _MOST_ROWS) if len(ordered) > _MOST_ROWS else None
    svg = Markup(draw_heat(findings, heat, labels, words))
    return [_figure(title, svg), more, fold(words["figures"], table(words[key], heads, rows), cut, prints=False)]


def stages(findings: Findings, words: Words) -> Markup:
    """Return how many events tell of each step of each operation."""
    if not findings.stages:
        return section("stages", words, empty(words["no_requests"]))
    blocks = [
        _operation(_name(*of, words), list(steps), words)
        for of, steps in groupby(findings.stages, key=lambda stage: (stage.operation, stage.schema))
    ]
    return section("stages", words, element("div", *blocks, class_="columns"))


def _name(operation: str, schema: str | None, words: Words) -> str:
    name = words.texts.get(f"operation_{operation}", shown(operation, 40))
    generation = words.texts.get(f"generation_{schema}", "")
    return f"{name} · {generation}" if generation else name


def _operation(name: str, found: list[Stage], words: Words) -> Markup:
    most = max(stage.succeeded + stage.failed + stage.retried for stage in found)
    heads = (
        (words["stage"], False),
        (words["outcome_success"], False),
        (words["outcome_failure"], False),
        (words["retried"], True),
    )
    rows = [
        (
            words.texts.get(f"stage_{stage.stage}", shown(stage.stage, 40)),
            bar(stage.succeeded, most, "success", words.number(stage.succeeded)),
            bar(stage.failed, most, "failure", words.number(stage.failed)),
            words.number(stage.retried),
        )
        for stage in found
    ]
    return element("div", element("h3", name), table(name, heads, rows), class_="operation")
