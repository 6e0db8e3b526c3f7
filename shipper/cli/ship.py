"""``shipper ship``: the main job."""

import argparse
import os
import signal
import threading
from pathlib import Path
from types import FrameType
from typing import Any

from shipper import config
from shipper.cli.account import Account, JsonAccount, TerminalAccount
from shipper.cli.endings import explained
from shipper.cli.terminal import say, show_error
from shipper.errors import ConfigError, SinkError
from shipper.pipeline import Counts, DeliverySettings, Recipe
from shipper.pipeline import run as run_pipeline
from shipper.pipeline.opening import ecs_settings, open_rejections, open_sink, open_source, size_bytes
from shipper.sinks import Sink

SUMMARY = "read events, explain them, deliver them"

EXAMPLES = """\
  shipper ship Connector.evtx                        one log as ECS documents, one a line, on standard output
  shipper ship logs/ --to ndjson:events.ndjson.zst   every .evtx of a folder into a compressed file
  SHIPPER_API_KEY=... shipper ship logs/*.evtx --to https://es.example:9200 --ca-file ca.pem
  winlogbeat ... | shipper ship - --to - | next      a filter within a pipeline
"""


#: How long a stop waits for what is under way.
DRAIN_WITHIN_S = 10


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the flags; each that is absent leaves the choice to environment, file and default."""
    add = _adder(parser)
    parser.add_argument("inputs", metavar="INPUT", nargs="*", help="a file, a folder, a glob, or - (JSON lines or XML)")
    parser.add_argument("--config", metavar="FILE", type=Path, help="TOML file; every key is also SHIPPER_KEY")
    parser.add_argument("--json", action="store_true", help="problems and the account as JSON lines on standard error")
    add("--to", metavar="SINK", help="an Elasticsearch URL, ndjson:PATH (.gz, .zst), or - (default)")
    add("--channels", metavar="LIST", help="connector (default), neighbours, all, or names separated by commas")
    add("--others", choices=("drop", "pass"), help="events of other channels on a stream: count, or hand through")
    add("--workers", metavar="N", type=int, help="processes that decode; 0 is one a processor (default 1)")
    add("--state", metavar="DIR", help="folder for dead letters")
    add("--namespace", metavar="NAME", help="last part of the data stream's name (default: default)")
    add("--language", choices=("en", "it"), help="of messages that the collector did not render (default en)")
    add("--tags", metavar="TAG", action="append", help="added to every document; may be given again")
    add("--decoder", choices=("rust", "reference"), help="reference is python-evtx: slow, for comparison")
    add("--preserve-original", action="store_true", help="keep the event's text in event.original")
    group = _adder(
        parser.add_argument_group("Elasticsearch", "API key and password: SHIPPER_API_KEY, SHIPPER_PASSWORD")
    )
    group("--api-key-file", metavar="FILE", help="file that holds the encoded API key")
    group("--username", metavar="NAME", help="for basic authentication")
    group("--password-file", metavar="FILE", help="file that holds the password")
    group("--ca-file", metavar="FILE", help="PEM file of the certificate authority")
    group("--ca-fingerprint", metavar="HEX", help="SHA-256 fingerprint of the certificate authority")
    group("--allow-foreign-mapping", action="store_true", help="write even where the mapping is not ours")


def _adder(parser: Any) -> Any:
    def add(flag: str, **options: Any) -> None:
        parser.add_argument(flag, default=argparse.SUPPRESS, **options)

    return add


def run(arguments: argparse.Namespace) -> int:
    """Run the command; the account is the last that is said, after an error too."""
    account, counts = JsonAccount() if arguments.json else TerminalAccount(), Counts()
    try:
        _ship(configuration(arguments), account, counts)
    except Exception as error:  # noqa: BLE001 (what none of ours is ends the same way: shipper.cli.endings)
        told = explained(error)
        show_error(told)
        code = told.exit_code
    else:
        code = 0 if counts.complete else 1
    if arguments.json or code < ConfigError.exit_code or counts.read:
        account.ended(counts)
    return code


def configuration(arguments: argparse.Namespace) -> config.Config:
    """Return the configuration that file, environment and flags add up to."""
    flags = {key: value for key, value in vars(arguments).items() if key in config.SECTION_OF}
    if not flags.get("inputs"):
        flags.pop("inputs", None)
    path = arguments.config or _path(os.environ.get("SHIPPER_CONFIG"))
    return config.load(path, os.environ, flags)


def _path(text: str | None) -> Path | None:
    return Path(text) if text else None


def _ship(settings: config.Config, account: Account, counts: Counts) -> None:
    """Ship; the sink is closed either way."""
    recipe = Recipe(open_source(settings), ecs_settings(settings))
    account.begin(size_bytes(settings.ship.inputs))
    sink = open_sink(settings, account.paused)
    stop = _stop_at_signal(sink)
    complete = False
    try:
        with account, open_rejections(settings) as rejections:
            run_pipeline(
                recipe,
                sink,
                rejections,
                account,
                counts=counts,
                workers=settings.ship.workers or os.cpu_count() or 1,
                settings=DeliverySettings(settings.elasticsearch.batch_age_s),
                stop=stop,
            )
        complete = True
    finally:
        _close(sink, complete=complete)


def _close(sink: Sink, *, complete: bool) -> None:
    try:
        sink.close(complete=complete)
    except SinkError:
        if complete:
            raise  # else the error that is already on its way says more


def _stop_at_signal(sink: Sink) -> threading.Event:
    """Return an event that the first SIGINT or SIGTERM sets; a second one ends the process at once.

    What was read by then has ``DRAIN_WITHIN_S`` to be delivered; then the sink's waits are cut short.
    """
    stop = threading.Event()

    def stop_or_end(number: int, frame: FrameType | None) -> None:
        del frame
        if stop.is_set():
            os._exit(128 + number)
        stop.set()
        giving_up = threading.Timer(DRAIN_WITHIN_S, sink.interrupt)
        giving_up.daemon = True
        giving_up.start()
        say("shipper: stopping: what was read is delivered; a second signal ends at once")

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop_or_end)
    return stop
