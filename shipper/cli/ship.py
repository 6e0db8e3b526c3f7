"""``shipper ship``: the main job."""

import argparse
import os
import threading
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import msgspec

from shipper import config
from shipper.cli.account import Account, open_account
from shipper.cli.endings import explained
from shipper.cli.options import add, add_alerts, add_config, add_elasticsearch, add_foreign_mapping, configuration
from shipper.cli.stopping import stop_at_signal
from shipper.errors import ConfigError
from shipper.model import Document, Outcome
from shipper.operations import Pauses, Vitals, open_watch
from shipper.pipeline import Counts
from shipper.pipeline.delivery import Rejections
from shipper.pipeline.opening import size_bytes
from shipper.pipeline.shipping import open_shipment
from shipper.sinks import Sink

SUMMARY = "read events, explain them, deliver them"

EXAMPLES = """\
  shipper ship Connector.evtx                        one log as ECS documents, one a line, on standard output
  shipper ship logs/ --to ndjson:events.ndjson.zst   every .evtx of a folder into a compressed file
  SHIPPER_API_KEY=... shipper ship logs/*.evtx --to https://es.example:9200 --ca-file ca.pem
  shipper ship 'C:\\Windows\\System32\\winevt\\Logs' --follow --to https://es.example:9200
  winlogbeat ... | shipper ship - --to - | next      a filter within a pipeline
  shipper ship logs/ --follow --to https://es.example:9200 --alerts index --alerts webhook:https://hook.example/in
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the flags; each that is absent leaves the choice to environment, file and default."""
    parser.add_argument("inputs", metavar="INPUT", nargs="*", help="a file, a folder, a glob, or - (JSON lines or XML)")
    add_config(parser)
    parser.add_argument("--json", action="store_true", help="problems and the account as JSON lines on standard error")
    add(parser, "--to", metavar="SINK", help="an Elasticsearch URL, ndjson:PATH (.gz, .zst), or - (default)")
    add(parser, "--channels", metavar="LIST", help="connector (default), neighbours, all, or names separated by commas")
    add(
        parser,
        "--others",
        choices=("drop", "pass"),
        help="events of other channels on a stream: count, or hand through",
    )
    add(parser, "--workers", metavar="N", type=int, help="processes that decode; 0 is one a processor (default 1)")
    add(parser, "--follow", action="store_true", help="go on reading what is written to the logs, until stopped")
    add(
        parser,
        "--from",
        metavar="WHERE",
        dest="start_at",
        help="where logs without a checkpoint begin: start (default), end, or a time",
    )
    add(parser, "--state", metavar="DIR", help="folder for checkpoints and dead letters")
    add(parser, "--listen", metavar="HOST:PORT", help="metrics and health over HTTP, as 127.0.0.1:9479")
    add(parser, "--log-format", choices=("text", "ecs"), help="of what is said on standard error (default text)")
    add(parser, "--namespace", metavar="NAME", help="last part of the data stream's name (default: default)")
    add(parser, "--language", choices=("en", "it"), help="of messages that the collector did not render (default en)")
    add(parser, "--tags", metavar="TAG", action="append", help="added to every document; may be given again")
    add(parser, "--decoder", choices=("rust", "reference"), help="reference is python-evtx: slow, for comparison")
    add(parser, "--preserve-original", action="store_true", help="keep the event's text in event.original")
    add(
        add_alerts(parser),
        "--rules-scope",
        choices=("host", "all"),
        help="all also runs rules over several hosts: for one shipper that sees everything (default host)",
    )
    add_foreign_mapping(add_elasticsearch(parser))


def run(arguments: argparse.Namespace) -> int:
    """Run the command; the account is the last that is said, after an error too."""
    account, counts = open_account(_early_log_format(arguments), as_json=arguments.json), Counts()
    try:
        settings = configuration(arguments)
        account = open_account(settings.operations.log_format, as_json=arguments.json)
        stopped = _ship(settings, account, counts)
    except Exception as error:  # noqa: BLE001 (what none of ours is ends the same way: shipper.cli.endings)
        told = explained(error)
        account.failed(told)
        code = told.exit_code
    else:
        left = msgspec.structs.replace(counts, alerts_waiting=0) if stopped else counts
        code = 0 if left.complete else 1
    if arguments.json or code < ConfigError.exit_code or counts.read:
        account.ended(counts)
    return code


def _early_log_format(arguments: argparse.Namespace) -> str:
    """Return how errors of the configuration itself are told."""
    return str(getattr(arguments, "log_format", os.environ.get("SHIPPER_LOG_FORMAT", "text")))


def _ship(settings: config.Config, account: Account, counts: Counts) -> bool:
    """Ship, and say whether it was stopped; all that was opened is closed either way."""
    ship, stop = settings.ship, threading.Event()
    pauses = Pauses(account.paused, account.resumed)
    vitals = Vitals(counts, stop, pauses)
    account.begin(ship, 0 if ship.follow else size_bytes(ship.inputs))
    with (
        account,
        open_shipment(settings, pauses.begin, account.said, partial(pauses.end, settled=True)) as opened,
        open_watch(settings, opened, vitals, account.said) as watch,
    ):
        shipment = msgspec.structs.replace(opened, rejections=_Told(opened.rejections, account))
        give_up = partial(_give_up, shipment.sink, account, ship.drain_within_s)
        stop_at_signal(give_up, ship.drain_within_s, stop=stop, tell=account.stopping)
        if ship.follow or ship.workers == 1:
            watch.start()  # no process will be forked
        shipment.run(settings, account, counts=counts, stop=stop, routine=watch, around=vitals.watch)
    return stop.is_set()


def _give_up(sink: Sink, account: Account, drain_within_s: float) -> None:
    account.said(f"not everything was delivered within {drain_within_s:g} s: the next run sends the rest")
    sink.interrupt()


class _Told(NamedTuple):
    """Rejections that the account is told of, once they are durable."""

    kept: Rejections
    account: Account

    def keep(self, rejected: Sequence[tuple[Document, Outcome]]) -> None:
        self.kept.keep(rejected)
        self.account.refused(rejected)
