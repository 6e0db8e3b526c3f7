"""The page as a whole."""

from importlib.resources import files

from shipper.report.findings import Findings
from shipper.report.page import flow, head, people, summary, trust
from shipper.report.page.html import Markup, element
from shipper.report.words import words

#: Nothing is loaded and nothing runs, whatever a text may try.
#: https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Content-Security-Policy
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
_SECTIONS = ("summary", "connectors", "failures", "timeline", "heat", "affected", "stages", "alerts", "quality")


def write_page(findings: Findings, lang: str) -> str:
    """Return the page.

    Args:
        findings: what it says.
        lang: ``en`` or ``it``.
    """
    spoken = words("it" if lang == "it" else "en")
    title = f"{head.verdict(findings, spoken)} - {spoken['product']}"
    top = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=POLICY),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", name="referrer", content="no-referrer"),
        element("title", title),
        element("style", Markup(_style())),
    )
    if findings.scope.events:
        links = [element("a", spoken[f"{key}_short"], href=f"#{key}") for key in _SECTIONS]
        main = [
            head.tiles(findings, spoken),
            element("nav", *links, aria_label=spoken["contents"]),
            summary.summary(findings, spoken),
            people.connectors(findings, spoken),
            people.failures(findings, spoken),
            flow.timeline(findings, spoken),
            flow.heat(findings, spoken),
            people.affected(findings, spoken),
            flow.stages(findings, spoken),
            trust.alerts(findings, spoken),
            trust.trust(findings, spoken),
        ]
    else:
        main = [summary.summary(findings, spoken), trust.trust(findings, spoken)]
    body = element("body", head.header(findings, spoken), element("main", *main), trust.footer(findings, spoken))
    return f"<!doctype html>\n{element('html', top, body, lang=spoken.lang)}\n"


def _style() -> str:
    return (files("shipper.report.page") / "style.css").read_text(encoding="utf-8")
