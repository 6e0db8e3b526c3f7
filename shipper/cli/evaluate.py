"""``shipper evaluate``: the rules, over documents that are there already."""

import argparse
import json
import threading
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from shipper import config
from shipper.cli import options
from shipper.cli.endings import explained
from shipper.cli.terminal import neutralise, say, show_error
from shipper.errors import ConfigError, UsageError
from shipper.harmless import shortened
from shipper.model import Document

if TYPE_CHECKING:
    from shipper.alerts import Outlet, Refused, Taken
    from shipper.pipeline.evaluation import EvaluationCounts, Wanted

SUMMARY = "look at documents with the detection rules: those in files, or in the data streams"

EXAMPLES = """\
  shipper evaluate events.ndjson                     a table of the alerts, oldest first
  shipper evaluate events.ndjson --json              alerts as documents, one a line
  shipper evaluate https://es.example:9200 --since 7d --ca-file ca.pem
  shipper evaluate https://es.example:9200 --follow --state /var/lib/shipper-rules --alerts index

Files hold documents as `ship --to ndjson:FILE` writes them; they are sorted by time first. Exit code 1: a line was no
document, or an alert could not be brought away.
"""

_COLUMNS = (("time", 24), ("severity", 8), ("rule", 36), ("where", 28))
_MOST_REASON = 300


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the flags; each that is absent leaves the choice to environment, file and default."""
    parser.add_argument("documents", metavar="INPUT", nargs="+", help="files of documents, -, or an Elasticsearch URL")
    options.add_config(parser)
    parser.add_argument("--follow", action="store_true", help="go on with what is sent to the data streams")
    parser.add_argument(
        "--since",
        metavar="TIME",
        default="24h",
        help="of data streams, what was sent since: a time, or 24h, 7d ... ago (default 24h)",
    )
    parser.add_argument("--state", metavar="DIR", default="", help="folder in which is remembered how far was read")
    parser.add_argument("--json", action="store_true", help="alerts on standard output, the account on standard error")
    options.add(parser, "--namespace", metavar="NAME", help="last part of the data streams' names (default: default)")
    options.add(parser, "--language", choices=("en", "it"), help="of the alerts (default en)")
    options.add_alerts(parser)
    options.add_foreign_mapping(options.add_elasticsearch(parser))


def run(arguments: argparse.Namespace) -> int:
    """Evaluate; the account is the last that is said."""
    from shipper.pipeline.evaluation import EvaluationCounts

    counts = EvaluationCounts()
    try:
        stopped = _evaluate(arguments, counts)
    except Exception as error:  # noqa: BLE001 (what none of ours is ends the same way: shipper.cli.endings)
        told = explained(error)
        show_error(told)
        code = told.exit_code
    else:
        left = msgspec.structs.replace(counts, alerts_waiting=0) if stopped and arguments.state else counts
        code = 0 if left.complete else 1
    if arguments.json:
        say(json.dumps(msgspec.to_builtins(counts), separators=(",", ":")))
    elif code < ConfigError.exit_code or counts.read:
        say(f"shipper: {_sentence(counts)}")
    return code


def _evaluate(arguments: argparse.Namespace, counts: "EvaluationCounts") -> bool:
    from shipper.cli.stopping import stop_at_signal
    from shipper.pipeline.evaluation import open_evaluation
    from shipper.pipeline.listening import Listener

    settings = options.configuration(arguments)
    hears = Listener(_told, lambda reason: _told(f"waiting: {reason}"), lambda: _told("going on"))
    stop = threading.Event()
    with open_evaluation(_wanted(arguments, settings), settings, hears) as evaluation:
        evaluation.counts = counts
        stop_at_signal(evaluation.interrupt, settings.ship.drain_within_s, stop=stop)
        evaluation.run(stop)
    return stop.is_set()


def _told(text: str) -> None:
    say(f"shipper: {neutralise(text)}")


def _wanted(arguments: argparse.Namespace, settings: config.Config) -> "Wanted":
    from shipper.pipeline.evaluation import Wanted

    printed = _printed(as_json=arguments.json) if arguments.json or not settings.alerts.alerts_to else None
    return Wanted(tuple(arguments.documents), arguments.follow, _since_ms(arguments.since), arguments.state, printed)


def _since_ms(text: str) -> int:
    """Return a time, or a span before now, in milliseconds since 1970."""
    from shipper.rules.spans import parse_span

    time_s = config.start_time_s(text)
    if time_s is not None:
        return int(time_s * 1000)
    try:
        return int(time.time() * 1000) - parse_span(text)
    except ValueError:
        hint = "a time as 2026-11-24T09:30:00Z, or a span as 24h or 7d"
        raise UsageError("is no time", where=f"--since {text}", hint=hint) from None


def _printed(*, as_json: bool) -> "Outlet":
    if as_json:
        from shipper.alerts.lines import StdoutOutlet
        from shipper.sinks.lines import stamp_now

        return StdoutOutlet(stamp_now)
    return _Table()


class _Shown(msgspec.Struct, frozen=True):
    """What of an alert stands in its row."""

    timestamp: str = msgspec.field(default="", name="@timestamp")
    rule: dict[str, object] = {}
    event: dict[str, object] = {}
    host: dict[str, object] = {}
    intune_connector: dict[str, object] = {}

    def cells(self) -> tuple[str, ...]:
        """Return the cells, the sentence last."""
        alert = self.intune_connector.get("alert")
        alert = alert if isinstance(alert, dict) else {}
        where = self.host.get("name") or ", ".join(map(str, alert.get("group") or ()))
        found = (
            self.timestamp,
            alert.get("severity", ""),
            self.rule.get("id", ""),
            where,
            self.event.get("reason", ""),
        )
        return tuple(neutralise(str(cell)) for cell in found)


class _Table:
    """An outlet: one row an alert on standard output, as they come."""

    name = "this table"
    most = 100

    def __init__(self) -> None:
        self._begun = False

    def deliver(self, alerts: Sequence[Document]) -> "list[Taken | Refused]":
        """Print rows."""
        if not self._begun:
            print(_row([name for name, _ in _COLUMNS] + ["why"]))
        self._begun = True
        for alert in alerts:
            print(_row(msgspec.json.decode(alert.body, type=_Shown).cells()), flush=True)
        return ["taken"] * len(alerts)

    def interrupt(self) -> None:
        """Do nothing: a terminal waits for nobody."""

    def close(self) -> None:
        """Do nothing: it is not ours to close."""


def _row(cells: Sequence[str]) -> str:
    *first, reason = cells
    padded = [f"{shortened(cell, width):<{width}}" for cell, (_, width) in zip(first, _COLUMNS, strict=True)]
    return "  ".join((*padded, shortened(reason, _MOST_REASON))).rstrip()


def _sentence(counts: "EvaluationCounts") -> str:
    parts = [
        (counts.passed_over, "passed over"),
        (counts.unreadable, "lines no documents"),
        (counts.alerts_waiting, "alerts not brought away"),
        (counts.alerts_refused, "alerts refused"),
    ]
    said = [f"{counts.read:,} documents", *(f"{number:,} {what}" for number, what in parts if number)]
    return f"{', '.join(said)}: {counts.alerts:,} alert{'s'[: counts.alerts != 1]}; {counts.seconds:.1f} s"
