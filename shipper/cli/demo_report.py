"""The end of the demo: the alerts that the rules raise, as documents and as a table, and the report."""

import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from shipper import config
from shipper.cli.report import write
from shipper.cli.terminal import neutralise
from shipper.errors import UsageError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from shipper.report import Findings
    from shipper.report.alerts import Alerts
    from shipper.rules.alert import Alert

_MINUTE, _OTHER_YEAR = "%a %d %b %H:%M", "%a %d %b %Y %H:%M"


def show_alerts_and_report(console: "Console", settings: config.Config, read_from: str, folder: Path | None) -> None:
    """Let the rules look at what was shipped, and make the report.

    Args:
        console: what is shown goes there.
        settings: those that the events were shipped with.
        read_from: the Elasticsearch or the file that they went to.
        folder: where the report is kept; ``None`` for a new folder among the temporary ones, which stays.
    """
    from shipper.pipeline.reporting import Asked, Listening, find, rules_of_events

    alerts: list[Alert] = []
    asked = Asked((read_from,), rules=rules_of_events(settings.alerts))
    with console.status("the rules look at the week"):
        found = find(settings, asked, Listening(lambda *_: None, lambda: None, alerts.append))
    console.print(table(found.alerts))
    console.print(f"{len(alerts):,} alerts: {_keep(alerts, settings)}", markup=False, highlight=False)
    console.print(_write(found, folder), markup=False, highlight=False)


def table(alerts: "Alerts") -> "Table":
    """Draw what was raised, a line a rule; every text from an event is made harmless."""
    from rich.table import Table
    from rich.text import Text

    drawn = Table(title=f"Alerts: {len(alerts.by_rule)} of {alerts.rules} rules", expand=True)
    for name, right in (("severity", False), ("rule", False), ("alerts", True), ("first", False), ("about", False)):
        drawn.add_column(name, justify="right" if right else "left", overflow="fold")
    for raised in alerts.by_rule:
        about = next((one for one in alerts.listed if one.rule.id == raised.rule.id), None)
        cells = (
            raised.rule.severity,
            raised.rule.text["en"].name,
            f"{raised.alerts:,}",
            _spelled(raised.first_ms),
            _subject(about) if about is not None else "",
        )
        drawn.add_row(*(Text(neutralise(cell)) for cell in cells))
    return drawn


def _subject(alert: "Alert") -> str:
    """Return the connector and the cause, where all that an alert is about share them, and what it was counted by."""
    shown = {name: alert.shown.get(name, "") for name in ("host.name", "error.code")}
    told = shown | dict(_group(alert))
    told["host.name"] = told["host.name"].partition(".")[0]
    return " ".join(filter(None, told.values()))


def _group(alert: "Alert") -> Iterable[tuple[str, str]]:
    """Return what the alert was counted by; a match has none."""
    from shipper.rules.model import Match

    if isinstance(alert.rule.looks_for, Match):
        return ()
    return zip(alert.rule.by, map(str, alert.finding.group), strict=False)


def _spelled(time_ms: int) -> str:
    """Spell a time to the minute, UTC; the year only where it is not this one."""
    from datetime import UTC, datetime

    at = datetime.fromtimestamp(time_ms / 1000, UTC)
    return at.strftime(_MINUTE if at.year == datetime.now(UTC).year else _OTHER_YEAR)


def _keep(alerts: "Sequence[Alert]", settings: config.Config) -> str:
    """Deliver the alerts as documents beside the events; return where they are."""
    from shipper.pipeline.opening import ecs_settings, is_elasticsearch, open_sink
    from shipper.rules.alert_document import alert_document

    agent, to = ecs_settings(settings), settings.ship.to
    place = f"logs-intune_connector.alerts-{agent.namespace} at {to}"
    if not is_elasticsearch(to):
        path = Path(to.removeprefix("ndjson:")).with_name("alerts.ndjson")
        to, place = f"ndjson:{path}", str(path)
    ship = msgspec.structs.replace(settings.ship, to=to)
    documents = [alert_document(alert, namespace=agent.namespace, lang="en", agent=agent) for alert in alerts]
    sink = open_sink(msgspec.structs.replace(settings, ship=ship), lambda _: None)
    outcomes = sink.write(documents)
    sink.close(complete=True)
    refused = sum(outcome.status == "rejected" for outcome in outcomes)
    return f"{place}{f' ({refused} refused)' if refused else ''}"


def _write(found: "Findings", folder: Path | None) -> str:
    """Write the page where its packages are installed; return where it is, or how to get it."""
    from shipper.report.charts.drawing import require_drawing

    try:
        require_drawing()
    except UsageError as error:
        return f"No report: {error}\n  try: {error.hint}"
    place = folder or Path(tempfile.mkdtemp(prefix="shipper-demo-report-"))
    path = place / "report.html"
    write(found, "en", str(path), quietly=True)
    return f"Report: {path} (open it in a browser; it needs no network)"
