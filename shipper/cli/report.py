"""``shipper report``: one page of HTML that says how the connectors are."""

import argparse
import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from shipper import config
from shipper.cli import options
from shipper.cli.terminal import say
from shipper.errors import SinkError, SourceError, UsageError

if TYPE_CHECKING:
    from shipper.pipeline.reporting import Listening
    from shipper.report import Findings

SUMMARY = "write one page of HTML that says how the connectors are, from logs, lines or the data stream"

EXAMPLES = """\
  shipper report /logs/*.evtx -o report.html
  shipper report events.ndjson --since 2026-11-24T00:00:00Z --lang it -o lunedi.html
  shipper report https://es.example:9200 --ca-file ca.pem -o report.html

The page is one file that loads nothing and runs nothing: it can be mailed, archived and printed. It holds names of
devices and users. An INPUT is an .evtx log or a folder of them, a file of events as `shipper ship` reads them (JSON
lines of Winlogbeat, XML), a file of documents that `shipper ship --to ndjson:FILE` has written, or one Elasticsearch.
Needs the packages of the extra: pip install 'intune-connector-shipper[report]'
Exit code 1: some records could not be read; the page says which.
"""

_OUTPUT = "the page; - for standard output (default: %(default)s; an older one is replaced)"
_DONE, _WITH_LOSSES = 0, 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the flags; each that is absent leaves the choice to environment, file and default."""
    parser.add_argument("inputs", metavar="INPUT", nargs="*", help="a file, a folder, - or the URL of an Elasticsearch")
    parser.add_argument("-o", "--output", metavar="FILE", default="report.html", help=_OUTPUT)
    options.add(parser, "--lang", dest="language", choices=("en", "it"), help="of the page (default: en)")
    parser.add_argument("--since", metavar="TIME", help="events from this time on: 2026-11-24T09:30:00Z")
    parser.add_argument("--until", metavar="TIME", help="events before this time")
    options.add(parser, "--rules", metavar="DIR", help="folder of rules, instead of those that come with the shipper")
    options.add(parser, "--rules-off", metavar="ID", action="append", help="leave out a rule; may be given again")
    options.add(
        parser, "--channels", metavar="LIST", help="as for shipping: connector (default), neighbours, all, or names"
    )
    options.add(
        parser, "--workers", metavar="N", type=int, help="processes that decode .evtx; 0: one a processor (default: 1)"
    )
    options.add(parser, "--namespace", metavar="NAME", help="last part of the data stream's name (default: default)")
    options.add_config(parser)
    options.add_elasticsearch(parser)


def run(arguments: argparse.Namespace) -> int:
    """Make the page; return 1 where records could not be read."""
    from shipper.report.charts.drawing import require_drawing

    require_drawing()  # nobody waits for a gigabyte to be read to be told that a package is missing
    settings = options.configuration(arguments)
    if not settings.ship.inputs:
        raise UsageError(
            "nothing to read", where="INPUT", hint="name a log, a folder, a file of lines, or an Elasticsearch"
        )
    _refuse_an_input(arguments.output, settings.ship.inputs)
    found = _found(settings, arguments)
    write(found, settings.ship.language, arguments.output)
    reading = found.reading
    return _WITH_LOSSES if reading.unreadable or reading.uncounted else _DONE


def _refuse_an_input(output: str, inputs: tuple[str, ...]) -> None:
    """Refuse to replace what is to be read, by whatever name, link, folder or pattern it was named.

    Raises:
        UsageError: the page would take the place of an input.
    """
    from shipper.pipeline.opening import is_elasticsearch
    from shipper.sources.evtx.inputs import find_logs

    for text in inputs:
        if output == "-" or is_elasticsearch(text):
            continue
        with contextlib.suppress(SourceError, OSError):  # what is not there cannot be lost; reading it says the rest
            if any(_are_one_file(path, output) for path in ([0] if text == "-" else find_logs(text))):
                hint = "name another file: -o report.html"
                raise UsageError("is an input, which the page would replace", where=output, hint=hint)


def _are_one_file(path: str | int, output: str) -> bool:
    try:
        return os.path.samefile(path, output)  # noqa: PTH121 (texts of the user, as they are)
    except OSError:
        return False


def _found(settings: config.Config, arguments: argparse.Namespace) -> "Findings":
    from shipper.pipeline.reporting import Asked, find, rules_of_events
    from shipper.report import Period

    period = Period(*options.bounds_ms(arguments))
    asked = Asked(settings.ship.inputs, period, rules_of_events(settings.alerts))
    with _listening(settings) as listening:
        return find(settings, asked, listening)


def write(found: "Findings", lang: str, output: str, *, quietly: bool = False) -> None:
    """Write the page to a file, or to standard output for ``-``, and say what is in it.

    Raises:
        SinkError: the file cannot be written.
    """
    from shipper.durable.writing import write_whole
    from shipper.report.page import write_page

    page = write_page(found, lang)
    if output == "-":
        sys.stdout.write(page)
        return
    try:
        write_whole(Path(output), page.encode())
    except OSError as error:
        hint = "name a file in a folder that is there and may be written: -o report.html"
        raise SinkError(f"cannot be written: {error.strerror or error}", where=output, hint=hint) from None
    if quietly:
        return
    scope = found.scope
    say(f"{output}: {scope.events:,} events, {scope.failures:,} failed requests, {found.alerts.total:,} alerts")


@contextlib.contextmanager
def _listening(settings: config.Config) -> "Iterator[Listening]":
    """Yield who shows how far it has got, where standard error is a terminal."""
    from shipper.pipeline.opening import size_bytes
    from shipper.pipeline.reporting import Listening

    def silent(*_told: object) -> None:
        """Tell nobody."""

    if not sys.stderr.isatty():
        yield Listening(silent, silent)
        return
    from rich.console import Console

    total = size_bytes(settings.ship.inputs)
    with Console(stderr=True).status("reading") as status:

        def tell(events: int, read_bytes: int) -> None:
            share = f", {min(100 * read_bytes // total, 100)} %" if total and read_bytes else ""
            status.update(f"reading: {events:,} events{share}")

        yield Listening(tell, lambda: status.update("the rules look at the events"))
