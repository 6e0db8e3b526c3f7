"""``shipper audit``: the proof that nothing was lost or doubled between the logs and Elasticsearch."""

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from shipper import config
from shipper.cli import options
from shipper.errors import UsageError

if TYPE_CHECKING:
    from shipper.audit import Ledger, Period
    from shipper.cli.balance_sheet import BalanceSheet

SUMMARY = "compare what the logs hold with what Elasticsearch holds, by computer and channel"

EXAMPLES = """\
  shipper audit /logs/*.evtx --to https://es.example:9200 --ca-file ca.pem
  shipper audit /logs --to https://es.example:9200 --until 2026-11-24T09:00:00Z --json > proof.json
  shipper audit ForwardedEvents.evtx --to https://es.example:9200 --accept-gaps

Exit code 0: every event of the inputs is in Elasticsearch once, or is a dead letter, and every record id that is
lacking was reported as missed by the shipper itself.
Exit code 1: events are missing, doubled or unreadable, record ids are lacking that nobody reported, or there is nothing
to compare.
Record ids are counted by each computer for each channel. Where a subscription forwards or an archive keeps only some
events of a channel, their numbers have gaps by nature: --accept-gaps shows them and does not mind.
What is being shipped right now counts as missing: --until names a time before it. docs/how-to/audit.md says more.
"""

_OK, _NOT_PROVEN = 0, 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the flags; each that is absent leaves the choice to environment, file and default."""
    parser.add_argument("inputs", metavar="INPUT", nargs="*", help="a file, a folder, a glob, or - (JSON lines or XML)")
    options.add(parser, "--to", metavar="URL", help="the Elasticsearch")
    options.add(parser, "--namespace", metavar="NAME", help="last part of the data stream's name (default: default)")
    options.add(
        parser, "--channels", metavar="LIST", help="as for shipping: connector (default), neighbours, all, or names"
    )
    options.add(parser, "--state", metavar="DIR", help="folder of the dead letters")
    options.add_config(parser)
    parser.add_argument("--since", metavar="TIME", help="compare events from this time on: 2026-11-24T09:30:00Z")
    parser.add_argument("--until", metavar="TIME", help="compare events before this time")
    parser.add_argument("--accept-gaps", action="store_true", help="record ids that nobody has are no fault")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    options.add_elasticsearch(parser)


def run(arguments: argparse.Namespace) -> int:
    """Audit, print the balance, return 0 for a proof and 1 for none."""
    from shipper import audit

    settings = _configuration(arguments)
    period = audit.Period(*options.bounds_ms(arguments))
    with audit.Ledger() as ledger:
        sheet = _balance(settings, period, ledger, accept_gaps=arguments.accept_gaps)
        if arguments.json:
            sheet.write_json(sys.stdout, ledger)
        else:
            sheet.show(ledger)
    return _OK if sheet.verdict.complete else _NOT_PROVEN


def _configuration(arguments: argparse.Namespace) -> config.Config:
    from shipper.pipeline.opening import is_elasticsearch

    settings = options.configuration(arguments)
    if not is_elasticsearch(settings.ship.to):
        raise UsageError("an audit needs an Elasticsearch", where="--to", hint="--to https://HOST:9200")
    return settings


def _balance(settings: config.Config, period: "Period", ledger: "Ledger", *, accept_gaps: bool) -> "BalanceSheet":
    from shipper import audit, catalog
    from shipper.channels import parse_channels
    from shipper.cli.balance_sheet import BalanceSheet
    from shipper.pipeline.opening import open_source, size_bytes, state_folder
    from shipper.sinks.elasticsearch import Connection
    from shipper.sinks.elasticsearch.server import Server

    data_stream = f"logs-intune_connector.events-{settings.ship.namespace}"
    channels = parse_channels(settings.ship.channels, catalog.load().neighbours)
    server = Server(Connection.to(settings.ship.to, settings.elasticsearch))
    source = open_source(settings)
    try:
        server.version()  # nobody waits for a gigabyte to be read to be told that the server is away
        with _status() as tell:
            found = audit.read_source(source, ledger, period, _progress(tell, size_bytes(settings.ship.inputs)))
            letters = audit.read_dead_letters(state_folder(settings), ledger, data_stream, period)
            at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            missed = audit.Missed()
            stream = audit.read_stream(
                server,
                data_stream,
                ledger,
                missed,
                period,
                tell=lambda documents: tell(f"reading Elasticsearch: {documents:,} documents"),
            )
            tell("comparing")
            report = audit.compare(ledger, lambda channel: channels.decides(channel) is True, missed)
    finally:
        server.close()
    where = f"{data_stream} at {server.target}"
    verdict = audit.judge(report, found, stream, where, at, accept_gaps=accept_gaps)
    return BalanceSheet(
        target=server.target,
        data_stream=data_stream,
        at=at,
        period=period,
        report=report,
        source=found,
        stream=stream,
        dead_reasons=letters,
        verdict=verdict,
    )


def _progress(tell: Callable[[str], None], total_bytes: int) -> Callable[[int, int], None]:
    """Return what tells, from events and bytes that have been read, how far that is."""

    def read(events: int, read_bytes: int) -> None:
        share = f", {min(100 * read_bytes // total_bytes, 100)} %" if total_bytes and read_bytes else ""
        tell(f"reading the inputs: {events:,} events{share}")

    return read


@contextmanager
def _status() -> Iterator[Callable[[str], None]]:
    """Yield what shows how far the audit has got, where standard error is a terminal."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console

    with Console(stderr=True).status("reading the inputs") as status:
        yield status.update
